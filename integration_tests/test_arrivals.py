"""What no date shows: content that arrives with old dates, moves, or is resolved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from integration_tests.confluence_emulator import Emulator, SiteSpec
from integration_tests.confluence_emulator.http import Request
from integration_tests.conftest import forked_for
from integration_tests.connector import Run, catalog_of
from integration_tests.truth import Json, all_streams, assert_same, expected, key_of

STREAMS = all_streams()
INCREMENTAL = [
    name for name, stream in STREAMS.items() if stream.incremental_by and name != "audit"
]
EVERY_ONE = catalog_of(dict.fromkeys(INCREMENTAL, "incremental"), "append_dedup")


@pytest.fixture
def site() -> Iterator[Emulator]:
    with Emulator(SiteSpec()) as running:
        yield running


def rows(stream: str, *runs: Run) -> list[Json]:
    """Return what the destination's table of a stream contains after these runs."""
    key = STREAMS[stream].key
    return list({key_of(row, key): row for run in runs for row in run.records[stream]}.values())


def assert_tables_equal_the_site(site: Emulator, *runs: Run) -> None:
    for run in runs:
        assert run.returncode == 0, run.errors
        assert set(run.statuses.values()) == {"COMPLETE"}
    for stream in INCREMENTAL:
        assert_same(rows(stream, *runs), expected(site, stream), STREAMS[stream].key)


def test_a_space_that_is_imported_arrives_with_everything_in_it(
    site: Emulator, tmp_path: Path
) -> None:
    connector = forked_for(site, tmp_path)
    first = connector.read(EVERY_ONE)

    site.mutations.import_space("OLD", "From another site")
    second = connector.read(EVERY_ONE, first.states.values())

    assert_tables_equal_the_site(site, first, second)


def test_a_space_that_is_granted_arrives_with_everything_in_it(
    site: Emulator, tmp_path: Path
) -> None:
    hidden = [str(space.id) for space in list(site.site.spaces)[:3]]
    for space_id in hidden:
        site.mutations.hide("space", space_id)
    connector = forked_for(site, tmp_path)
    first = connector.read(EVERY_ONE)

    for space_id in hidden:
        site.mutations.grant("space", space_id)
    second = connector.read(EVERY_ONE, first.states.values())

    assert_tables_equal_the_site(site, first, second)


def test_a_space_that_is_selected_later_arrives_with_everything_in_it(
    site: Emulator, tmp_path: Path
) -> None:
    first_key, *other_keys = [space.key for space in site.site.spaces]
    connector = forked_for(site, tmp_path)
    first = connector.read(EVERY_ONE, space_keys=[first_key, *other_keys[:2]])

    second = connector.read(EVERY_ONE, first.states.values())

    assert_tables_equal_the_site(site, first, second)


def at_request(number: int, part: str, change: Callable[[], object]) -> Callable[[Request], None]:
    """Return a hook that makes a change before the response to a certain request."""
    counter = count(1)

    def hook(request: Request) -> None:
        if part in request.target and next(counter) == number:
            change()

    return hook


@pytest.mark.parametrize("num_workers", [1, 40])
@pytest.mark.parametrize("number", [1, 2, 3, 5, 8])
def test_pages_that_move_to_other_spaces_during_a_first_sync_arrive(
    tmp_path: Path, number: int, num_workers: int
) -> None:
    with Emulator(SiteSpec(pages=1200, spaces=6)) as site:
        pages = [str(page.id) for page in site.site.pages]
        spaces = [str(space.id) for space in site.site.spaces]

        def move() -> None:
            for index, page_id in enumerate(pages[::7]):
                site.mutations.move(page_id, space_id=spaces[index % len(spaces)])

        site.settings.on_request = at_request(number, "/pages?", move)

        run = forked_for(site, tmp_path).read(
            catalog_of({"pages": "incremental"}), num_workers=num_workers
        )

        assert run.returncode == 0
        ids = sorted(page["id"] for page in run.records["pages"])
        assert ids == sorted(page["id"] for page in expected(site, "pages"))


@pytest.mark.parametrize("change", ["resolved", "reopened"])
def test_the_resolution_of_inline_comments_arrives(
    site: Emulator, tmp_path: Path, change: str
) -> None:
    connector = forked_for(site, tmp_path)
    first = connector.read(EVERY_ONE)
    comments = site.site.comments["inline_comment"]

    for comment in [one for one in comments if one.parent_id is None]:
        site.mutations.resolve(str(comment.id), change)
    second = connector.read(EVERY_ONE, first.states.values())

    found = {
        row["resolutionStatus"]
        for stream in ("page_inline_comments", "blog_post_inline_comments")
        for row in rows(stream, first, second)
        if not row.get("parentCommentId")
    }
    assert found == {change}
    assert_tables_equal_the_site(site, first, second)
