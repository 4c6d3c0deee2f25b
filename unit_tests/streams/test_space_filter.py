"""Which spaces a sync reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Barrier, Thread
from typing import Any

import pytest

from source_confluence.confluence.errors import ConfigError
from source_confluence.streams.sync.space_filter import SpaceFilter
from unit_tests.fake_site import Json, space
from unit_tests.fakes import make_config
from unit_tests.run_sync import LOGGER

BOTH = {"space_keys": ["S1"], "excluded_space_keys": ["S2", "OLD"]}


class Site:
    """Lists spaces, and counts the listings."""

    def __init__(self, spaces: Iterable[Json]) -> None:
        self.spaces = list(spaces)
        self.listings = 0

    def every_space(self) -> Iterable[Json]:
        self.listings += 1
        return iter(self.spaces)


def space_filter(count: int = 3, **config: Any) -> SpaceFilter:
    """Return a filter of `count` spaces; with space_keys, only those are listed."""
    spaces = [space(number) for number in range(1, count + 1)]
    named = [key.upper() for key in config.get("space_keys", ())]
    site = Site(one for one in spaces if not named or one["key"] in named)
    return SpaceFilter(site.every_space, make_config(**config), LOGGER)


def test_without_a_filter_all_spaces_are_selected() -> None:
    spaces = space_filter()

    assert not spaces.is_active
    assert spaces.ids() == ["1", "2", "3"]


def test_excluded_spaces_are_not_selected() -> None:
    spaces = space_filter(excluded_space_keys=["S2", "NOSUCH"])

    assert spaces.is_active
    assert spaces.ids() == ["1", "3"]


def test_a_space_both_named_and_excluded_is_not_selected() -> None:
    spaces = space_filter(space_keys=["S1", "S2"], excluded_space_keys=["S2"])

    assert spaces.is_active
    assert spaces.ids() == ["1"]
    assert not spaces.has("2")


def test_ids_are_sorted_by_number() -> None:
    site = Site(space(number) for number in (98304, 9, 10, 131073, 100))

    assert SpaceFilter(site.every_space, make_config(), LOGGER).ids() == [
        "9",
        "10",
        "100",
        "98304",
        "131073",
    ]


@pytest.mark.parametrize(
    ("space_id", "config", "is_selected"),
    [
        pytest.param("1", {"space_keys": ["S1", "S3"]}, True, id="named"),
        pytest.param("2", {"space_keys": ["S1", "S3"]}, False, id="not named"),
        pytest.param("99", {"space_keys": ["S1"]}, False, id="new, others are named"),
        pytest.param(None, {"space_keys": ["S1"]}, False, id="no space, some are named"),
        pytest.param("1", {"excluded_space_keys": ["S2"]}, True, id="not excluded"),
        pytest.param("2", {"excluded_space_keys": ["S2"]}, False, id="excluded"),
        pytest.param("99", {"excluded_space_keys": ["S2"]}, True, id="new, others excluded"),
        pytest.param(None, {"excluded_space_keys": ["S2"]}, True, id="no space, others excluded"),
    ],
)
def test_content_is_selected_by_its_space(
    space_id: str | None, config: dict[str, Any], is_selected: bool
) -> None:
    assert space_filter(**config).has(space_id) is is_selected


def test_the_error_names_every_unknown_key() -> None:
    spaces = space_filter(space_keys=["TYPO", "S1", "OLD"])

    for use in (spaces.require_named, spaces.ids, lambda: spaces.has("1")):
        with pytest.raises(ConfigError, match=r"space_keys .*OLD, TYPO\b"):
            use()


@pytest.mark.parametrize("change", [str.upper, str.lower, str.swapcase])
def test_keys_are_compared_in_any_case(change: Callable[[str], str]) -> None:
    keys = [change("s1"), change("S2")]

    excluding, naming = space_filter(excluded_space_keys=keys), space_filter(space_keys=keys)

    assert excluding.ids() == ["3"]
    assert [excluding.has(number) for number in "123"] == [False, False, True]
    assert excluding.excludes("S1")
    assert naming.ids() == ["1", "2"]
    assert [naming.has(number) for number in "123"] == [True, True, False]
    assert naming.named_keys() == ["S1", "S2"]
    assert space_filter(space_keys=keys, excluded_space_keys=["s2"]).ids() == ["1"]


def test_an_excluded_key_that_no_space_has_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    spaces = space_filter(excluded_space_keys=["OLD", "s1", "typo"])

    spaces.require_named()
    for _ in range(2):
        assert spaces.ids() == ["2", "3"]

    (note,) = spaces.notes()
    assert "excluded_space_keys names OLD, typo" in note
    assert [(one.levelname, one.getMessage()) for one in caplog.records] == [("WARNING", note)]


@pytest.mark.parametrize(
    "config", [{}, {"excluded_space_keys": ["s1"]}, {"space_keys": ["S1"]}, BOTH]
)
def test_there_is_nothing_to_note(config: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    """With space_keys, a space that is excluded but not named would be left out anyway."""
    spaces = space_filter(**config)

    assert spaces.ids()
    assert spaces.notes() == []
    assert caplog.records == []


def test_without_excluded_keys_notes_need_no_listing() -> None:
    site = Site([space(1)])

    assert SpaceFilter(site.every_space, make_config(), LOGGER).notes() == []
    assert site.listings == 0


@pytest.mark.parametrize(("config", "listings"), [({}, 0), ({"space_keys": ["S1"]}, 1)])
def test_only_space_keys_make_require_named_list_spaces(
    config: dict[str, Any], listings: int
) -> None:
    site = Site([space(1)])

    SpaceFilter(site.every_space, make_config(**config), LOGGER).require_named()

    assert site.listings == listings


def test_concurrent_workers_share_one_listing() -> None:
    site = Site([space(1), space(2)])
    spaces = SpaceFilter(site.every_space, make_config(excluded_space_keys=["S2"]), LOGGER)
    together = Barrier(8)
    found: list[list[str]] = []

    def list_ids() -> None:
        together.wait()
        found.append(spaces.ids())

    workers = [Thread(target=list_ids) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert found == [["1"]] * 8
    assert site.listings == 1


@pytest.mark.parametrize("broken", [{"id": "2"}, {"id": "2", "key": None}])
def test_a_space_without_a_key_is_selected_without_space_keys(broken: Json) -> None:
    site = Site([space(1), broken])

    assert SpaceFilter(site.every_space, make_config(), LOGGER).ids() == ["1", "2"]
    assert SpaceFilter(site.every_space, make_config(excluded_space_keys=["S1"]), LOGGER).has("2")
    assert not SpaceFilter(site.every_space, make_config(space_keys=["S1"]), LOGGER).has("2")


@pytest.mark.parametrize("broken", [{"key": "X"}, {"id": None, "key": "X"}])
def test_a_space_without_an_id_is_ignored(broken: Json) -> None:
    assert SpaceFilter(Site([space(1), broken]).every_space, make_config(), LOGGER).ids() == ["1"]
