"""Faults of Confluence, each alone, that cost no record: the main streams."""

from __future__ import annotations

import pytest

from integration_tests.confluence_emulator import Emulator, Fault
from integration_tests.connector import ForkedConnector, catalog_of
from integration_tests.truth import MODES, STREAMS, assert_same, expected

LISTS = "/(pages|blogposts|spaces|group|audit)[?]"
CURSOR_LISTS = "/(pages|blogposts|spaces)[?]"

SURVIVED = {
    "429 with seconds": [Fault(LISTS, status=429, times=4, every=3, wait=("seconds", 1))],
    "429 with a date": [Fault(LISTS, status=429, times=4, every=3, wait=("date", 1))],
    "429 with 0": [Fault(LISTS, status=429, times=4, every=3, wait=("zero", 0))],
    "429 without headers": [Fault(LISTS, status=429, times=4, every=3)],
    "429 with a reset": [Fault(LISTS, status=429, times=4, every=3, wait=("reset", 1))],
    "503 with seconds": [Fault(LISTS, status=503, times=4, every=3, wait=("seconds", 1))],
    "503 without headers": [Fault(LISTS, status=503, times=4, every=3)],
    "500": [Fault(LISTS, status=500, times=4, every=3)],
    "502 of HTML": [Fault(LISTS, kind="html", status=502, times=4, every=3)],
    "504": [Fault(LISTS, status=504, times=4, every=3)],
    "200 of HTML": [Fault(LISTS, kind="html", status=200, times=4, every=3)],
    "reset connection": [Fault(LISTS, kind="reset", times=4, every=3)],
    "truncated body": [Fault(LISTS, kind="truncated", times=4, every=3)],
    "truncated JSON": [Fault(LISTS, kind="truncated_json", times=4, every=3)],
    "no response": [Fault(LISTS, kind="timeout", seconds=2, times=2, every=3)],
    "pages too large": [Fault(CURSOR_LISTS, kind="oversize", amount=40, times=None)],
    "next only in the header": [Fault(CURSOR_LISTS, kind="next_header_only", times=None)],
    "next only in the body": [Fault(CURSOR_LISTS, kind="next_body_only", times=None)],
    "next null, but in the header": [Fault(CURSOR_LISTS, kind="next_null", times=None)],
    "next absolute": [Fault(CURSOR_LISTS, kind="next_absolute", times=None)],
    "next elsewhere": [
        Fault(CURSOR_LISTS, kind="next_absolute", host="https://elsewhere.example", times=None)
    ],
    "next with /wiki twice": [Fault(CURSOR_LISTS, kind="next_wiki_wiki", times=None)],
    "next encoded twice": [Fault(CURSOR_LISTS, kind="next_double_encoded", times=None)],
    "next not encoded": [Fault(CURSOR_LISTS, kind="next_unencoded", times=None)],
    "empty page with a next": [Fault(LISTS, kind="empty_page", times=6, every=2)],
    "short page with a next": [Fault(LISTS, kind="short_page", amount=7, times=6, every=2)],
    "pages that overlap": [Fault(LISTS, kind="overlap", amount=3, times=None)],
    "a next that leads to an empty page": [Fault(LISTS, kind="extra_next", times=None)],
}


@pytest.mark.parametrize("faults", SURVIVED.values(), ids=SURVIVED.keys())
def test_nothing_is_lost(emulator: Emulator, forked: ForkedConnector, faults: list[Fault]) -> None:
    for fault in faults:
        emulator.faults.add(fault)

    run = forked.read(catalog_of(MODES))

    assert run.returncode == 0
    assert all(fault.fired for fault in faults), "no request met the fault"
    for stream in STREAMS:
        assert_same(run.records[stream], expected(emulator, stream))
    assert set(run.statuses.values()) == {"COMPLETE"}
