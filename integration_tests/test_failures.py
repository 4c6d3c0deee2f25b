"""Faults of Confluence that fail a stream, or that the records show."""

from __future__ import annotations

import pytest

from integration_tests.confluence_emulator import Emulator, Fault
from integration_tests.connector import ForkedConnector, catalog_of
from integration_tests.truth import INCREMENTAL, MODES, STREAMS, assert_same, assert_valid, expected

CURSOR_LISTS = "/(pages|blogposts|spaces)[?]"


def test_a_list_whose_next_repeats_fails_its_stream(
    emulator: Emulator, forked: ForkedConnector
) -> None:
    emulator.faults.add(Fault("/pages[?]", kind="next_repeat", times=None))

    run = forked.read(catalog_of(MODES))

    assert run.returncode == 1
    assert run.statuses["pages"] == "INCOMPLETE"
    assert set(run.errors_of("pages").values()) == {"system_error"}
    assert_the_others_are_complete(emulator, run.records, run.statuses)


def test_fields_that_are_unknown_missing_or_null_are_passed_on(
    emulator: Emulator, forked: ForkedConnector
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

    run = forked.read(catalog_of(MODES))

    assert run.returncode == 0
    for stream in ("pages", "blog_posts"):
        assert len(run.records[stream]) == len(expected(emulator, stream))
        for record in run.records[stream]:
            assert record["brandNew"] == {"a": 1}
            assert "title" not in record
            assert record["version"]["message"] is None
        assert_valid(stream, run.records[stream])


def nested(levels: int) -> object:
    """A list in a list, and so on."""
    value: object = "the innermost"
    for _ in range(levels):
        value = [value]
    return value


def test_deeply_nested_records_are_passed_on(emulator: Emulator, forked: ForkedConnector) -> None:
    """Other streams read these pages from a shared list."""
    deep = nested(300)
    emulator.faults.add(Fault(CURSOR_LISTS, kind="records", times=None, values={"deep": deep}))

    run = forked.read(catalog_of(dict.fromkeys([*MODES, "page_labels"], "full_refresh")))

    assert run.returncode == 0
    assert set(run.statuses.values()) == {"COMPLETE"}
    assert len(run.records["pages"]) == len(expected(emulator, "pages"))
    assert all(record["deep"] == deep for record in run.records["pages"])
    labels = expected(emulator, "page_labels")
    assert_same(run.records["page_labels"], labels, key=("pageId", "id"))


@pytest.mark.parametrize(
    "fault",
    [
        Fault("/pages[?]", kind="records", times=None, missing=["version"]),
        Fault("/pages[?]", kind="records", times=None, null=["version"]),
    ],
    ids=["missing", "null"],
)
def test_content_without_a_version_is_passed_on(
    emulator: Emulator, forked: ForkedConnector, fault: Fault
) -> None:
    first = forked.read(catalog_of({"pages": "incremental"}))
    emulator.faults.add(fault)

    run = forked.read(catalog_of({"pages": "incremental"}), first.states.values())

    assert run.returncode == 0
    assert len(run.records["pages"]) == len(expected(emulator, "pages"))
    assert run.state_of("pages") == first.state_of("pages")


def test_a_record_that_cannot_be_read_is_named_and_all_others_arrive(
    emulator: Emulator, forked: ForkedConnector
) -> None:
    poisoned = expected(emulator, "pages")[300]["id"]
    emulator.faults.add(Fault("/pages[?]", kind="poison", record_id=poisoned, times=None))

    run = forked.read(catalog_of(MODES))

    assert run.returncode == 1
    wanted = [page for page in expected(emulator, "pages") if page["id"] != poisoned]
    assert_same(run.records["pages"], wanted)
    assert run.statuses["pages"] == "INCOMPLETE"
    assert run.warnings_about(poisoned, "pages")
    assert "lastModifiedAt" not in run.state_of("pages") or "firstSync" in run.state_of("pages")
    assert_the_others_are_complete(emulator, run.records, run.statuses)


def test_a_server_that_stays_down_fails_the_stream_as_transient(
    emulator: Emulator, forked: ForkedConnector
) -> None:
    emulator.faults.add(Fault("/pages[?]", status=500, times=None))

    run = forked.read(catalog_of(MODES))

    assert run.returncode == 1
    ((message, failure_type),) = run.errors_of("pages").items()
    assert "500" in message
    assert failure_type == "transient_error"
    assert_the_others_are_complete(emulator, run.records, run.statuses)


def test_an_exhausted_quota_that_lasts_for_hours_fails_as_transient(
    emulator: Emulator, forked: ForkedConnector
) -> None:
    emulator.faults.add(Fault("/pages[?]", status=429, times=None, wait=("seconds", 20_000)))

    run = forked.read(catalog_of({"pages": "incremental"}))

    assert run.returncode == 1
    assert set(run.errors_of("pages").values()) == {"transient_error"}


def test_a_failed_sync_continues_where_it_stopped(
    emulator: Emulator, forked: ForkedConnector
) -> None:
    fault = Fault("/pages[?](.*&)?id=", status=400, skip=1, times=None)
    emulator.faults.add(fault)
    first = forked.read(catalog_of({"pages": "incremental"}), num_workers=1)
    assert first.returncode == 1
    up_to = int(first.state_of("pages")["firstSync"]["upTo"])

    emulator.faults.clear()
    second = forked.read(catalog_of({"pages": "incremental"}), first.states.values())

    assert second.returncode == 0
    assert first.records["pages"]
    assert all(int(page["id"]) > up_to for page in second.records["pages"])
    both = {p["id"]: p for run in (first, second) for p in run.records["pages"]}
    assert_same(both.values(), expected(emulator, "pages"))
    assert "firstSync" not in second.state_of("pages")


@pytest.mark.parametrize("status", [None, 403, 401], ids=["no admin", "denied", "no scope"])
def test_a_stream_that_the_account_may_not_read(
    emulator: Emulator, forked: ForkedConnector, status: int | None
) -> None:
    if status is None:
        emulator.set_admin(False)
    else:
        emulator.forbid({"/rest/api/audit": status})

    checked = forked.check()
    appending = forked.read(catalog_of(MODES))
    replacing = forked.read(catalog_of(dict.fromkeys(STREAMS, "full_refresh"), "overwrite"))

    assert checked.connection_status["status"] == "SUCCEEDED"
    assert "audit" in checked.connection_status["message"]
    assert appending.returncode == 0
    assert appending.statuses["audit"] == "COMPLETE"
    assert len(appending.warnings_about("audit")) == 1
    assert "creationDate" not in appending.state_of("audit")
    assert replacing.returncode == 1
    assert replacing.statuses["audit"] == "INCOMPLETE"
    for run in (appending, replacing):
        assert run.records["audit"] == []
        for stream in STREAMS:
            if stream != "audit":
                assert run.statuses[stream] == "COMPLETE"
                assert_same(run.records[stream], expected(emulator, stream))


def test_credentials_revoked_between_two_syncs_fail_the_second(forked: ForkedConnector) -> None:
    first = forked.read(catalog_of(MODES))

    second = forked.read(catalog_of(MODES), first.states.values(), api_token="revoked")

    assert second.returncode == 1
    assert {error["failure_type"] for error in second.errors} == {"config_error"}
    assert "api_token" in second.errors[0]["message"]
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
