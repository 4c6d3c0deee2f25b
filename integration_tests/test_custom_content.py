"""Custom content of apps: raw bodies, types that v2 refuses, types that no search names."""

from __future__ import annotations

from pathlib import Path

import pytest

from integration_tests.confluence_emulator import Emulator, Fault, SiteSpec
from integration_tests.confluence_emulator.kinds import CUSTOM_TYPES, TYPE_NOT_IN_V2
from integration_tests.conftest import forked_for
from integration_tests.connector import catalog_of
from integration_tests.truth import assert_same, expected

RAW, CALENDAR, BOARD, EMPTY = CUSTOM_TYPES
STREAM = "custom_content"
CATALOG = catalog_of({STREAM: "incremental"})


@pytest.mark.parametrize("is_refused", [False, True])
@pytest.mark.parametrize("body_format", ["storage", "atlas_doc_format"])
@pytest.mark.parametrize("count", [32, 600])
def test_every_type_has_its_bodies(
    tmp_path: Path, body_format: str, count: int, *, is_refused: bool
) -> None:
    spec = SiteSpec(custom_content=count, raw_bodies_refused=is_refused)
    with Emulator(spec) as emulator:
        run = forked_for(emulator, tmp_path).read(CATALOG, body_format=body_format)

        assert_same(run.records[STREAM], expected(emulator, STREAM, body_format=body_format))
        raw = [one for one in run.records[STREAM] if one["type"] == RAW]
        assert raw
        assert all(set(one["body"]) == {"raw"} for one in raw)
        assert run.statuses[STREAM] == "COMPLETE"
        assert len(run.warnings_about("Skipped")) == 1
        assert any(TYPE_NOT_IN_V2 in line for line in run.warnings)
        by_type = [r.query["type"][0] for r in emulator.requests if "type" in r.query]
        assert {name: by_type.count(name) for name in (RAW, CALENDAR, BOARD, EMPTY)} == {
            **dict.fromkeys((CALENDAR, EMPTY), 1),
            BOARD: 1 if count == 32 else 2,
            RAW: 2,
        }


def test_a_type_that_no_search_names_is_read_if_the_config_names_it(tmp_path: Path) -> None:
    with Emulator(SiteSpec(unindexed_type=BOARD)) as emulator:
        connector = forked_for(emulator, tmp_path)
        every = expected(emulator, STREAM)

        without = connector.read(CATALOG)
        named = connector.read(CATALOG, custom_content_types=[RAW, CALENDAR, BOARD])

        assert_same(without.records[STREAM], [one for one in every if one["type"] != BOARD])
        assert_same(named.records[STREAM], every)


@pytest.mark.parametrize("status", [400, 403, 404, 405, 501])
def test_a_type_that_is_refused_does_not_end_the_others(tmp_path: Path, status: int) -> None:
    with Emulator(SiteSpec()) as emulator:
        emulator.add_fault(Fault("type=com.atlassian", status=status, times=None))
        run = forked_for(emulator, tmp_path).read(CATALOG)

        others = [one for one in expected(emulator, STREAM) if one["type"] != CALENDAR]
        assert_same(run.records[STREAM], others)
        assert run.statuses[STREAM] == "COMPLETE"
        assert sum(CALENDAR in line for line in run.warnings) == 1


def test_a_type_whose_server_fails_does_not_end_the_others(tmp_path: Path) -> None:
    with Emulator(SiteSpec()) as emulator:
        emulator.add_fault(Fault("type=com.atlassian", status=500, times=None))
        names = (STREAM, "custom_content_content_properties")
        run = forked_for(emulator, tmp_path).read(catalog_of(dict.fromkeys(names, "full_refresh")))

        every = expected(emulator, STREAM)
        others = [one for one in every if one["type"] != CALENDAR]
        assert_same(run.records[STREAM], others)
        ids = {one["id"] for one in others}
        properties = expected(emulator, names[1])
        assert_same(
            run.records[names[1]],
            [one for one in properties if one["customContentId"] in ids],
            ("customContentId", "id"),
        )
        assert run.statuses == dict.fromkeys(names, "INCOMPLETE")
        assert all(any(CALENDAR in message for message in run.errors_of(name)) for name in names)


@pytest.mark.parametrize(
    "fault",
    [
        Fault("no-such-type", status=200, body='{"results": []}', times=None),
        Fault("no-such-type", status=400, times=None),
    ],
    ids=["200", "400"],
)
def test_an_answer_that_names_no_types_is_not_taken_for_none(tmp_path: Path, fault: Fault) -> None:
    with Emulator(SiteSpec()) as emulator:
        emulator.add_fault(fault)
        run = forked_for(emulator, tmp_path).read(
            catalog_of({STREAM: "full_refresh", "space": "full_refresh"})
        )

        assert run.statuses == {STREAM: "INCOMPLETE", "space": "COMPLETE"}
        assert all("custom_content_types" in message for message in run.errors_of(STREAM))
