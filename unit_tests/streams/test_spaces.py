"""Spaces: both statuses, all that comes for nothing, and the filters of the config."""

from __future__ import annotations

from typing import Any

import pytest
from airbyte_cdk.models import SyncMode
from requests_mock import Mocker

from source_confluence.streams import Catalogue
from source_confluence.streams.spaces import Spaces
from unit_tests.fake_site import FakeSite, Json, ids, space
from unit_tests.fakes import make_config, make_connection
from unit_tests.run_sync import catalogue_of

FULL = SyncMode.full_refresh


def catalogue_with(**config: Any) -> Catalogue:
    return catalogue_of(make_connection(make_config(**config)))


def spaces_of(**config: Any) -> Spaces:
    stream = catalogue_with(**config).shared.stream("space")
    assert isinstance(stream, Spaces)
    return stream


def read(stream: Spaces) -> list[str]:
    slices = list(stream.stream_slices(sync_mode=FULL))
    return [one for part in slices for one in ids(stream.read_records(FULL, stream_slice=part))]


@pytest.fixture
def site(site: FakeSite) -> FakeSite:
    """Archived spaces among current ones."""
    site.spaces = [space(1), space(2, "archived"), space(3), space(4, "archived")]
    return site


def test_current_and_archived_spaces_are_read(site: FakeSite) -> None:
    assert read(spaces_of()) == ["1", "3", "2", "4"]

    free = {"sort": "id", "description-format": "plain", "include-icon": "true", "limit": "250"}
    assert site.asked("spaces") == [
        {**free, "status": "current"},
        {**free, "status": "archived"},
    ]


def test_without_a_slice_any_status_will_do(site: FakeSite) -> None:
    spaces_of().probe()

    assert "status" not in site.asked("spaces")[0]


def test_only_named_spaces_are_asked_for(site: FakeSite) -> None:
    assert read(spaces_of(space_keys=["S2", "S3"])) == ["3", "2"]
    assert [params["keys"] for params in site.asked("spaces")] == ["S2,S3", "S2,S3"]


def test_excluded_spaces_are_left_out(site: FakeSite) -> None:
    assert read(spaces_of(excluded_space_keys=["S1", "S4"])) == ["3", "2"]
    assert "keys" not in site.asked("spaces")[0]


def test_the_listing_for_the_selection_holds_the_excluded_ones_too(site: FakeSite) -> None:
    shared = catalogue_with(excluded_space_keys=["S1"], space_keys=["S1", "S2"]).shared

    assert ids(shared.list_of("space").records()) == ["1", "2"]
    assert {params["keys"] for params in site.asked("spaces")} == {"S1,S2"}


def test_the_selection_and_the_stream_share_one_listing(site: FakeSite) -> None:
    found = catalogue_with(excluded_space_keys=["S1"])

    assert found.selection.spaces.ids() == ["2", "3", "4"]
    assert ids(found.shared.stream("space").read_records(FULL, stream_slice={})) == ["3", "2", "4"]
    assert len(site.asked("spaces")) == 2


def test_many_keys_are_asked_for_in_parts() -> None:
    keys = [f"S{number}" for number in range(1, 502)]

    slices = list(spaces_of(space_keys=keys).slices_to_list())

    assert [(part["status"], len(part["keys"])) for part in slices] == [
        ("current", 250),
        ("current", 250),
        ("current", 1),
        ("archived", 250),
        ("archived", 250),
        ("archived", 1),
    ]
    assert [key for part in slices[:3] for key in part["keys"]] == keys


@pytest.mark.parametrize("key", ["~{:024x}", "~712020{:032x}", "~{:0254}"])
def test_long_keys_do_not_make_a_url_that_servers_refuse(
    site: FakeSite, requests_mock: Mocker, key: str
) -> None:
    keys = [key.format(number) for number in range(260)]
    stream = spaces_of(space_keys=keys)

    list(stream.listed())

    asked = [params["keys"].split(",") for params in site.asked("spaces")]
    assert [one for part in asked[: len(asked) // 2] for one in part] == keys
    assert min(len(part) for part in asked[: len(asked) // 2 - 1]) > 1
    assert max(len(request.url) for request in requests_mock.request_history) < 4000


@pytest.mark.parametrize(
    ("record", "is_wanted"),
    [
        ({"id": "1", "key": "A", "status": "current"}, True),
        ({"id": "1", "key": "A", "status": "archived"}, False),
        ({"id": "1", "key": "A", "status": None}, True),
        ({"id": "1", "key": "A"}, True),
        ({"id": "1", "status": "current"}, True),
        ({"id": "1", "key": "OUT", "status": "current"}, False),
    ],
)
def test_a_server_that_does_not_heed_the_status_brings_nothing_twice(
    site: FakeSite, record: Json, is_wanted: bool
) -> None:
    site.spaces = []
    site.faults["spaces"] = lambda params: (
        (200, {"results": [record]}) if params["status"] == "current" else None
    )

    assert read(spaces_of(excluded_space_keys=["OUT"])) == (["1"] if is_wanted else [])
