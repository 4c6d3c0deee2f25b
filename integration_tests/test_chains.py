"""Short chains of syncs, and proof that a chain finds what a destination lacks."""

from __future__ import annotations

from typing import Any

import pytest
from typing_extensions import override

from integration_tests.chains.chain import Chain, Plan
from integration_tests.chains.comparison import compare
from integration_tests.chains.destination import CURSORS, Destination
from integration_tests.chains.excuses import Excuses, Rows
from integration_tests.connector import Json

SHORT = Plan(
    syncs=(3, 3), pages=(20, 50), changes_between=8, changes_during=5, workers=(1, 4, 40, 2, 10)
)
ONLY_EDITS = Plan(
    syncs=(1, 1), pages=(20, 20), changes_during=25, kill_share=0, workers=(4,), changes=("edit",)
)
SEEDS = (6, 7, 8, 9, 10)
EPOCH = 1_577_836_800_000
"""The milliseconds of 2020-01-01."""
NEW = 5000
"""The time of a change after that; what is older is from before it."""


@pytest.mark.parametrize("seed", SEEDS)
def test_the_tables_of_a_chain_equal_the_site(seed: int) -> None:
    summary = Chain(seed, SHORT).run()

    print(*summary.lines(), sep="\n")
    assert summary.is_good


class Forgetful(Destination):
    """Does not store one page, nor any update of another stream."""

    def __init__(self) -> None:
        super().__init__(CURSORS)
        self.forgotten: set[str] = set()

    @override
    def store(self, stream: str, record: Json) -> None:
        if stream == "pages" and not self.forgotten:
            self.forgotten.add(record["id"])
        is_update = stream == "blog_posts" and (record["id"],) in self.tables[stream]
        if not is_update and not (stream == "pages" and record["id"] in self.forgotten):
            super().store(stream, record)


def test_a_chain_finds_a_lost_record_and_a_lost_edit() -> None:
    destination = Forgetful()

    summary = Chain(7, ONLY_EDITS, destination).run()

    lost = {one.key for one in summary.mismatches if one.what == "missing"}
    stale = [one for one in summary.mismatches if one.what != "missing"]
    assert lost == {(page,) for page in destination.forgotten}
    assert {one.stream for one in stale} == {"blog_posts"}
    assert all("version" in one.what for one in stale)
    assert not summary.excused
    assert not summary.full_mismatches
    assert not summary.failures


def test_a_killed_sync_keeps_no_table_of_a_full_refresh() -> None:
    destination = Destination(CURSORS)
    destination.accept(record("space", {"id": "1"}))
    destination.accept(record("pages", page(1)))
    destination.begin()
    destination.accept(record("space", {"id": "2"}))
    destination.accept(complete("space"))

    assert list(destination.tables["space"]) == [("2",)]
    assert list(destination.tables["pages"]) == [("1",)]


def test_the_newest_row_wins_and_then_the_last() -> None:
    destination = Destination(CURSORS)
    for number, title in ((2, "first"), (3, "second"), (3, "third"), (1, "old")):
        destination.accept(record("pages", page(1, title=title, at=number)))

    assert destination.tables["pages"][("1",)]["title"] == "third"


def test_only_the_fields_that_changed_without_a_date_are_excused() -> None:
    moved = excused("move", page(1), page(1, spaceId="8"))

    assert wrong(moved, found=page(1), wanted=page(1, spaceId="8")) == []
    assert wrong(moved, found=page(1, title="B"), wanted=page(1, spaceId="8")) == ["spaceId, title"]
    assert wrong(moved, found=None, wanted=page(1, spaceId="8")) == ["missing"]


def test_an_edit_ends_an_excuse() -> None:
    excuses = excused("move", page(1), page(1, spaceId="8"))
    excuses.observe(
        "edit", EPOCH + NEW, rows(page(1, spaceId="8")), rows(page(1, spaceId="8", at=NEW))
    )

    assert wrong(excuses, found=page(1, at=NEW), wanted=page(1, spaceId="8", at=NEW)) == ["spaceId"]


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ("restore", []),
        ("lift restriction", []),
        ("import space", ["missing"]),
        ("grant space", ["missing"]),
    ],
)
def test_only_some_rows_that_appear_with_an_old_date_may_be_absent(
    change: str, missing: list[str]
) -> None:
    assert wrong(excused(change, None, page(1)), found=None, wanted=page(1)) == missing


def test_a_created_row_must_arrive_and_a_deleted_one_may_remain() -> None:
    created = excused("create", None, page(1, at=NEW))
    purged = excused("purge", page(1), None)

    assert wrong(created, found=None, wanted=page(1, at=NEW)) == ["missing"]
    assert wrong(purged, found=page(1), wanted=None) == []
    assert wrong(Excuses(), found=page(1), wanted=None) == ["extra"]


def test_a_granted_space_comes_back_with_the_excuses_that_it_had() -> None:
    moved = page(1, spaceId="8")
    excuses = excused("move", page(1), moved)
    excuses.observe("hide space", EPOCH + NEW, rows(moved), rows(None))
    excuses.observe("grant space", EPOCH + NEW, rows(None), rows(moved))

    assert wrong(excuses, found=page(1), wanted=moved) == []
    assert wrong(excuses, found=None, wanted=moved) == ["missing"]


def test_a_resolution_must_arrive() -> None:
    before, after = page(1, resolutionStatus="open"), page(1, resolutionStatus="resolved")

    assert wrong(excused("resolve", before, after), before, after) == ["resolutionStatus"]


def page(number: int, at: int = 1, **fields: Any) -> Json:
    """Return a row that was last changed `at` milliseconds after 2020 began."""
    modified = f"2020-01-01T00:00:{at // 1000:02}.{at % 1000:03}Z"
    return {"id": str(number), "spaceId": "9", "lastModifiedAt": modified, **fields}


def rows(row: Json | None) -> Rows:
    return {"pages": {} if row is None else {(row["id"],): row}}


def excused(change: str, before: Json | None, after: Json | None) -> Excuses:
    excuses = Excuses()
    excuses.observe(change, EPOCH + NEW, rows(before), rows(after))
    return excuses


def wrong(excuses: Excuses, found: Json | None, wanted: Json | None) -> list[str]:
    return [one.what for one in compare(rows(found), rows(wanted), excuses).mismatches]


def record(stream: str, data: Json) -> Json:
    return {"type": "RECORD", "record": {"stream": stream, "data": data}}


def complete(stream: str) -> Json:
    status = {"stream_descriptor": {"name": stream}, "status": "COMPLETE"}
    return {"type": "TRACE", "trace": {"type": "STREAM_STATUS", "stream_status": status}}
