"""Content that only a search lists, on sites whose search hides, drops and repeats rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration_tests.confluence_emulator import Emulator, Fault, SiteSpec
from integration_tests.conftest import forked_for
from integration_tests.connector import catalog_of
from integration_tests.truth import assert_same, expected

TREE = ("whiteboards", "databases", "folders", "embeds")
CATALOG = catalog_of(dict.fromkeys(TREE, "full_refresh"))
SPEC = SiteSpec(
    spaces=4,
    pages=400,
    archived_space_share=0.5,
    folders=320,
    whiteboards=60,
    databases=5,
    embeds=5,
)
SEARCH = "rest/api/search.*type=folder"


@pytest.fixture(scope="module")
def site() -> Iterator[Emulator]:
    """A site with more folders than fit on a page of results, many of them in archived spaces."""
    with Emulator(SPEC) as running:
        yield running


@pytest.fixture
def emulator(site: Emulator) -> Iterator[Emulator]:
    site.requests.clear()
    yield site
    site.clear_faults()


def test_content_of_archived_spaces_and_what_the_index_lacks_is_read(
    emulator: Emulator, tmp_path: Path
) -> None:
    run = forked_for(emulator, tmp_path).read(CATALOG)

    archived = {one["id"] for one in expected(emulator, "space") if one["status"] == "archived"}
    for stream in TREE:
        assert_same(run.records[stream], expected(emulator, stream))
    assert archived & {one["spaceId"] for one in run.records["folders"]}
    assert not run.warnings
    counts = emulator.requests.counts()
    assert sum(count for path, count in counts.items() if "/v2/folders/" in path) == 320


@pytest.mark.parametrize(
    "fault",
    [
        Fault(SEARCH, "drop", amount=3, times=1),
        Fault(SEARCH, "overlap", amount=5, times=1),
        Fault(SEARCH, "short_page", amount=60, times=2),
        Fault(SEARCH, "empty_page", times=5),
        Fault(SEARCH, "extra_next", times=1),
    ],
    ids=lambda fault: fault.kind,
)
def test_every_folder_comes_once_although_a_search_drops_or_repeats_rows(
    emulator: Emulator, fault: Fault, tmp_path: Path
) -> None:
    emulator.add_fault(fault)

    run = forked_for(emulator, tmp_path).read(catalog_of({"folders": "full_refresh"}))

    assert_same(run.records["folders"], expected(emulator, "folders"))
    assert run.statuses["folders"] == "COMPLETE"
    assert not run.warnings


def test_a_search_that_stays_short_says_so(tmp_path: Path) -> None:
    with Emulator(SiteSpec(pages=40, uncounted_rows=7)) as emulator:
        run = forked_for(emulator, tmp_path).read(catalog_of({"embeds": "full_refresh"}))

        assert_same(run.records["embeds"], expected(emulator, "embeds"))
        (warning,) = run.warnings
        assert {"embeds", "5", "12"} <= set(warning.split())


def test_cql_selects_pages_of_archived_spaces(emulator: Emulator, tmp_path: Path) -> None:
    run = forked_for(emulator, tmp_path).read(
        catalog_of({"pages": "full_refresh"}), cql="title != none"
    )

    assert_same(run.records["pages"], expected(emulator, "pages", statuses=["current"]))
    archived = {one["id"] for one in expected(emulator, "space") if one["status"] == "archived"}
    assert archived & {page["spaceId"] for page in run.records["pages"]}


def test_the_restrictions_of_archived_spaces_are_read_one_by_one(
    emulator: Emulator, tmp_path: Path
) -> None:
    run = forked_for(emulator, tmp_path).read(catalog_of({"page_restrictions": "full_refresh"}))

    key = ("pageId", "operation", "principalType", "principalId")
    assert_same(run.records["page_restrictions"], expected(emulator, "page_restrictions"), key)
    assert run.statuses["page_restrictions"] == "COMPLETE"
    assert [line for line in run.logs_about("page_restrictions", "pages") if "INFO" in line]
