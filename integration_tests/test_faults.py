"""What Confluence does wrong, and what the connector makes of it: design, section 5, row by row."""

from __future__ import annotations

import pytest

from integration_tests.confluence_emulator import Emulator, Fault
from integration_tests.connector import Connector, catalog_of
from integration_tests.truth import INCREMENTAL, MODES, STREAMS, assert_same, assert_valid, expected

LISTS = "/(pages|blogposts|spaces|group|audit)[?]"
CURSOR_LISTS = "/(pages|blogposts|spaces)[?]"

SURVIVED = {
    "429 with seconds": [Fault(LISTS, status=429, times=4, every=3, wait=("seconds", 1))],
    "429 with a date": [Fault(LISTS, status=429, times=4, every=3, wait=("date", 1))],
    "429 with 0": [Fault(LISTS, status=429, times=4, every=3, wait=("zero", 0))],
    "429 without a word": [Fault(LISTS, status=429, times=4, every=3)],
    "429 with a reset": [Fault(LISTS, status=429, times=4, every=3, wait=("reset", 1))],
    "503 with seconds": [Fault(LISTS, status=503, times=4, every=3, wait=("seconds", 1))],
    "503 without a word": [Fault(LISTS, status=503, times=4, every=3)],
    "500": [Fault(LISTS, status=500, times=4, every=3)],
    "502 of HTML": [Fault(LISTS, kind="html", status=502, times=4, every=3)],
    "504": [Fault(LISTS, status=504, times=4, every=3)],
    "200 of HTML": [Fault(LISTS, kind="html", status=200, times=4, every=3)],
    "reset connection": [Fault(LISTS, kind="reset", times=4, every=3)],
    "truncated body": [Fault(LISTS, kind="truncated", times=4, every=3)],
    "truncated JSON": [Fault(LISTS, kind="truncated_json", times=4, every=3)],
    "no answer": [Fault(LISTS, kind="timeout", seconds=2, times=2, every=3)],
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
    "a next that leads nowhere": [Fault(LISTS, kind="extra_next", times=None)],
}


@pytest.mark.parametrize("faults", SURVIVED.values(), ids=SURVIVED.keys())
def test_nothing_is_lost(emulator: Emulator, connector: Connector, faults: list[Fault]) -> None:
    for fault in faults:
        emulator.faults.add(fault)

    run = connector.read(catalog_of(MODES))

    assert run.returncode == 0
    assert any(fault.fired for fault in faults), "the fault has met nothing"
    for stream in STREAMS:
        assert_same(run.records[stream], expected(emulator, stream))
        assert_valid(stream, run.records[stream])
    assert set(run.statuses.values()) == {"COMPLETE"}


def test_a_list_that_leads_in_a_circle_is_an_error(
    emulator: Emulator, connector: Connector
) -> None:
    emulator.faults.add(Fault("/pages[?]", kind="next_repeat", times=None))

    run = connector.read(catalog_of(MODES))

    assert run.returncode == 1
    assert run.statuses["pages"] == "INCOMPLETE"
    assert any("leads in a circle" in error["message"] for error in run.errors)
    assert_the_others_are_complete(emulator, run.records, run.statuses)


def test_fields_that_are_unknown_missing_or_null_are_passed_on(
    emulator: Emulator, connector: Connector
) -> None:
    emulator.faults.add(
        Fault(
            CURSOR_LISTS,
            kind="records",
            times=None,
            values={"brandNew": {"a": 1}},
            missing=["title", "_links"],
            null=["version.message", "authorId"],
        )
    )

    run = connector.read(catalog_of(MODES))

    assert run.returncode == 0
    for stream in ("pages", "blog_posts"):
        assert len(run.records[stream]) == len(expected(emulator, stream))
        for record in run.records[stream]:
            assert record["brandNew"] == {"a": 1}
            assert "title" not in record
            assert record["version"]["message"] is None
        assert_valid(stream, run.records[stream])


@pytest.mark.parametrize("spoilt", ["missing", "null"])
def test_content_without_a_version_is_passed_on(
    emulator: Emulator, connector: Connector, spoilt: str
) -> None:
    first = connector.read(catalog_of({"pages": "incremental"}))
    fault = (
        Fault("/pages[?]", kind="records", times=None, missing=["version"])
        if spoilt == "missing"
        else Fault("/pages[?]", kind="records", times=None, null=["version"])
    )
    emulator.faults.add(fault)

    run = connector.read(catalog_of({"pages": "incremental"}), first.states.values())

    assert run.returncode == 0
    assert len(run.records["pages"]) == len(expected(emulator, "pages"))
    assert run.state_of("pages") == first.state_of("pages")


def test_a_record_that_cannot_be_read_is_named_and_all_others_arrive(
    emulator: Emulator, connector: Connector
) -> None:
    poisoned = expected(emulator, "pages")[300]["id"]
    emulator.faults.add(Fault("/pages[?]", kind="poison", record_id=poisoned, times=None))

    run = connector.read(catalog_of(MODES))

    assert run.returncode == 1
    wanted = [page for page in expected(emulator, "pages") if page["id"] != poisoned]
    assert_same(run.records["pages"], wanted)
    assert run.statuses["pages"] == "INCOMPLETE"
    assert [log for log in run.logs if log.startswith("ERROR") and f"Record {poisoned} " in log]
    assert "lastModifiedAt" not in run.state_of("pages") or "firstSync" in run.state_of("pages")
    assert_the_others_are_complete(emulator, run.records, run.statuses)


def test_a_server_that_stays_down_fails_the_stream_as_transient(
    emulator: Emulator, connector: Connector
) -> None:
    emulator.faults.add(Fault("/pages[?]", status=500, times=None))

    run = connector.read(catalog_of(MODES))

    assert run.returncode == 1
    error = next(e for e in run.errors if e.get("stream_descriptor", {}).get("name") == "pages")
    assert error["failure_type"] == "transient_error"
    assert "500" in error["message"]
    assert_the_others_are_complete(emulator, run.records, run.statuses)


def test_a_quota_that_is_used_up_for_hours_fails_as_transient(
    emulator: Emulator, connector: Connector
) -> None:
    emulator.faults.add(Fault("/pages[?]", status=429, times=None, wait=("seconds", 20_000)))

    run = connector.read(catalog_of({"pages": "incremental"}))

    assert run.returncode == 1
    assert run.errors[0]["failure_type"] == "transient_error"
    assert "limits the rate" in run.errors[0]["message"]


def test_a_failed_sync_goes_on_where_it_stopped(emulator: Emulator, connector: Connector) -> None:
    fault = Fault("/pages[?].*space-id", status=500, skip=4, times=None)
    emulator.faults.add(fault)
    first = connector.read(catalog_of({"pages": "incremental"}), num_workers=2)
    assert first.returncode == 1
    done = set(first.state_of("pages")["firstSync"]["doneSpaceIds"])
    assert done

    emulator.faults.clear()
    second = connector.read(catalog_of({"pages": "incremental"}), first.states.values())

    assert second.returncode == 0
    read_again = {page["spaceId"] for page in second.records["pages"]}
    assert not read_again & done
    both = {p["id"]: p for run in (first, second) for p in run.records["pages"]}
    assert_same(both.values(), expected(emulator, "pages"))
    assert list(second.state_of("pages")) == ["lastModifiedAt"]


@pytest.mark.parametrize("refusal", ["not an administrator", "403", "401 for want of a scope"])
def test_a_stream_that_the_account_may_not_read(
    emulator: Emulator, connector: Connector, refusal: str
) -> None:
    if refusal == "not an administrator":
        emulator.settings.admin = False
    else:
        emulator.settings.forbidden["/rest/api/audit"] = int(refusal[:3])

    checked = connector.check()
    appending = connector.read(catalog_of(MODES))
    replacing = connector.read(catalog_of(dict.fromkeys(STREAMS, "full_refresh"), "overwrite"))

    assert checked.connection_status["status"] == "SUCCEEDED"
    assert "Stream audit cannot be read" in checked.connection_status["message"]
    assert appending.returncode == 0
    assert appending.statuses["audit"] == "COMPLETE"
    assert len([log for log in appending.logs if log.startswith("WARN") and "audit" in log]) == 1
    assert "creationDate" not in appending.state_of("audit")
    assert replacing.returncode == 1
    assert replacing.statuses["audit"] == "INCOMPLETE"
    for run in (appending, replacing):
        assert run.records["audit"] == []
        for stream in STREAMS:
            if stream != "audit":
                assert run.statuses[stream] == "COMPLETE"
                assert_same(run.records[stream], expected(emulator, stream))


def test_credentials_that_are_revoked_meanwhile_fail_the_sync_in_one_sentence(
    connector: Connector,
) -> None:
    first = connector.read(catalog_of(MODES))

    second = connector.read(catalog_of(MODES), first.states.values(), api_token="revoked")

    assert second.returncode == 1
    assert all("does not accept the credentials" in error["message"] for error in second.errors)
    for stream in INCREMENTAL:
        assert second.state_of(stream) == first.state_of(stream)


def assert_the_others_are_complete(
    emulator: Emulator,
    records: dict[str, list[dict[str, object]]],
    statuses: dict[str, str],
    failed: str = "pages",
) -> None:
    """Assert that one stream's failure has not touched the others."""
    for stream in STREAMS:
        if stream != failed:
            assert statuses[stream] == "COMPLETE"
            assert_same(records[stream], expected(emulator, stream))
