"""The source as Airbyte calls it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from airbyte_cdk.models import ConfiguredAirbyteStream, Status, SyncMode
from airbyte_cdk.utils.traced_exception import AirbyteTracedException
from requests_mock import Mocker

from source_confluence import SourceConfluence
from source_confluence import connection as connection_module
from source_confluence.confluence.errors import ConfigError
from unit_tests.fake_site import NOT_AN_ADMIN, UNFIT, FakeSite, always, ids, page, space
from unit_tests.fakes import RAW_CONFIG, FakeClock
from unit_tests.run_sync import LOGGER, Outcome, catalog_of, entry, state_messages
from unit_tests.schema_expectations import PRIMARY_KEYS
from unit_tests.streams.test_catalogue import INCREMENTAL, NAMES


@pytest.fixture
def site(requests_mock: Mocker) -> FakeSite:
    """A site with three pages in a space."""
    site = FakeSite(requests_mock)
    site.pages = [page(1), page(2), page(3)]
    return site


@pytest.fixture(autouse=True)
def no_real_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "SystemClock", FakeClock)


def config(**overrides: Any) -> dict[str, Any]:
    return {**RAW_CONFIG, **overrides}


def read(
    entries: Iterable[ConfiguredAirbyteStream],
    states: Mapping[str, dict[str, Any]] | None = None,
    **overrides: Any,
) -> Outcome:
    """What a read has said, and the error that it has ended with."""
    source = SourceConfluence()
    state = None if states is None else state_messages(states)
    messages = []
    try:
        for message in source.read(LOGGER, config(**overrides), catalog_of(*entries), state):
            messages.append(message)  # noqa: PERF402  # what came before an error counts, too
    except AirbyteTracedException as error:
        return Outcome(messages, error)
    return Outcome(messages, None)


def test_discover_needs_no_network(requests_mock: Mocker) -> None:
    catalog = SourceConfluence().discover(LOGGER, config())

    assert [stream.name for stream in catalog.streams] == NAMES
    assert not requests_mock.called


def test_discover_offers_the_modes_of_each_stream() -> None:
    streams = {one.name: one for one in SourceConfluence().discover(LOGGER, config()).streams}

    incremental = {
        name for name, one in streams.items() if SyncMode.incremental in one.supported_sync_modes
    }
    assert incremental == INCREMENTAL
    for stream in streams.values():
        assert SyncMode.full_refresh in stream.supported_sync_modes
        key = stream.source_defined_primary_key or []
        assert {name for (name,) in key} == PRIMARY_KEYS[stream.name]


def test_streams_of_a_wrong_config_are_refused() -> None:
    with pytest.raises(ConfigError, match="num_workers must be at least 1"):
        SourceConfluence().streams(config(num_workers=0))


@pytest.mark.usefixtures("site")
def test_check_succeeds_without_a_word_where_all_can_be_read() -> None:
    status = SourceConfluence().check(LOGGER, config())

    assert status.status is Status.SUCCEEDED
    assert status.message is None


def test_check_succeeds_and_notes_what_cannot_be_read(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    site.faults["audit"] = always(NOT_AN_ADMIN)
    site.faults["group"] = always(NOT_AN_ADMIN)

    status = SourceConfluence().check(LOGGER, config())

    notes = [
        f"Stream {name} cannot be read: The account may not read /wiki/rest/api/{name}: "
        "Only Confluence administrators may do this"
        for name in ("group", "audit")
    ]
    assert status.status is Status.SUCCEEDED
    assert status.message == " ".join(notes)
    assert [one.message for one in caplog.records if one.levelname == "WARNING"] == notes


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        ({"num_workers": 0}, "The config's num_workers must be at least 1, not 0."),
        ({"space_keys": ["NO"]}, "The config's space_keys names NO, but the account sees no space"),
        ({"domain_name": "http://wiki.example.com"}, "The config's domain_name must begin with"),
    ],
)
@pytest.mark.usefixtures("site")
def test_check_fails_with_a_plain_sentence(overrides: dict[str, Any], sentence: str) -> None:
    status = SourceConfluence().check(LOGGER, config(**overrides))

    assert status.status is Status.FAILED
    assert str(status.message).startswith(sentence)


def test_check_does_not_wait_for_long(
    site: FakeSite, requests_mock: Mocker, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    throttled = {"status_code": 429, "headers": {"Retry-After": "60"}, "json": {}}
    requests_mock.get("https://your-domain.atlassian.net/wiki/rest/api/user/current", [throttled])

    is_connected, sentence = SourceConfluence().check_connection(LOGGER, config())

    assert not is_connected
    assert "asks to wait for 60 s more" in str(sentence)
    assert site.requests == []


def test_read_reads_what_the_catalog_names_and_no_more(site: FakeSite) -> None:
    outcome = read([entry("pages"), entry("space", SyncMode.full_refresh)])

    assert outcome.error is None
    assert ids(outcome.records("pages")) == ["1", "2", "3"]
    assert ids(outcome.records("space")) == ["1"]
    assert {endpoint for endpoint, _ in site.requests} == {"pages", "spaces"}


def test_read_reads_a_stream_once_that_the_catalog_names_twice(site: FakeSite) -> None:
    outcome = read([entry("pages"), entry("pages")])

    assert outcome.error is None
    assert ids(outcome.records("pages")) == ["1", "2", "3"]
    assert {endpoint for endpoint, _ in site.requests} == {"pages"}


@pytest.mark.parametrize("status", [404, 410])
def test_a_list_that_a_site_does_not_have_costs_no_other_stream(
    site: FakeSite, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    site.faults["audit"] = always((status, {"message": "There is no such thing"}))

    checked = SourceConfluence().check(LOGGER, config())
    outcome = read([entry("audit"), entry("pages")])

    assert checked.status is Status.SUCCEEDED
    assert "Stream audit cannot be read" in (checked.message or "")
    assert outcome.error is None
    assert ids(outcome.records("pages")) == ["1", "2", "3"]
    assert any("Stream audit has no records" in one.message for one in caplog.records)


def test_read_goes_on_from_a_state(site: FakeSite) -> None:
    site.pages.append(page(4, "2025-05-05T00:00:00Z"))

    outcome = read([entry("pages")], {"pages": {"lastModifiedAt": "2025-05-01T00:00:00.000Z"}})

    assert ids(outcome.records("pages")) == ["4"]


@pytest.mark.usefixtures("site")
def test_read_sums_up_every_stream_at_its_end(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    read([entry("pages"), entry("audit")])

    summaries = [line for line in caplog.messages if line.startswith("Summary")]
    assert summaries == [
        "Summary of pages: 3 records, 2 requests, throttled for 0.0 s.",
        "Summary of audit: 0 records, 1 requests, throttled for 0.0 s.",
        "Summary of all: 3 requests, throttled for 0.0 s, 0.0 s.",
    ]


def test_read_sums_up_a_sync_that_has_failed_too(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    site.faults["audit"] = always(UNFIT)

    outcome = read([entry("pages"), entry("audit")])

    assert outcome.error is not None
    assert outcome.statuses("audit")[-1] == "INCOMPLETE"
    assert any(line.startswith("Summary of pages: 3 records") for line in caplog.messages)


@pytest.mark.usefixtures("site")
def test_read_tells_of_streams_that_do_not_exist_and_reads_the_others() -> None:
    outcome = read([entry("pagez"), entry("pages"), entry("lables")])

    assert ids(outcome.records("pages")) == ["1", "2", "3"]
    assert outcome.statuses("pages")[-1] == "COMPLETE"
    for name in ("pagez", "lables"):
        assert outcome.statuses(name) == ["STARTED", "INCOMPLETE"]
        assert f"names stream {name}, which this connector does not have" in outcome.errors(name)[0]
    assert isinstance(outcome.error, ConfigError)
    assert outcome.error.sentence == (
        "Not read, because this connector has no such stream: pagez, lables."
    )


def test_read_of_unknown_streams_only_ends(site: FakeSite) -> None:
    outcome = read([entry("pagez")])

    assert outcome.statuses("pagez") == ["STARTED", "INCOMPLETE"]
    assert isinstance(outcome.error, ConfigError)
    assert site.requests == []


def test_read_of_nothing_ends(site: FakeSite) -> None:
    assert read([]) == Outcome([], None)
    assert site.requests == []


@pytest.mark.usefixtures("site")
def test_read_goes_on_from_a_global_state(tmp_path: Path) -> None:
    state = {
        "stream_descriptor": {"name": "pages"},
        "stream_state": {"lastModifiedAt": "2025-05-01T00:00:00.000Z"},
    }
    content = {"type": "GLOBAL", "global": {"shared_state": {}, "stream_states": [state]}}
    source = SourceConfluence()
    states = source.read_state(written(tmp_path / "state", [content]))

    messages = list(source.read(LOGGER, config(), catalog_of(entry("pages")), states))

    assert Outcome(messages, None).records("pages") == []
    assert Outcome(messages, None).states("pages") == [state["stream_state"]]


@pytest.mark.parametrize(
    ("overrides", "sentence"),
    [
        ({"body_format": "html"}, "The config's body_format must be"),
        ({"space_keys": ["S1", "NO"]}, "The config's space_keys names NO, but the account"),
    ],
)
def test_read_of_a_wrong_config_fails_before_anything_is_read(
    site: FakeSite, overrides: dict[str, Any], sentence: str
) -> None:
    site.spaces = [space(1)]

    outcome = read([entry("pages")], **overrides)

    assert outcome.messages == []
    assert isinstance(outcome.error, ConfigError)
    assert outcome.error.sentence.startswith(sentence)
    assert site.asked("pages") == []


def written(path: Path, content: Any) -> str:
    path.write_text(json.dumps(content), encoding="utf-8")
    return str(path)


def test_files_are_read_as_the_command_line_names_them(tmp_path: Path) -> None:
    state = {
        "type": "STREAM",
        "stream": {
            "stream_descriptor": {"name": "pages"},
            "stream_state": {"lastModifiedAt": "2025-05-01T00:00:00.000Z"},
        },
    }
    stream = {"name": "pages", "json_schema": {}, "supported_sync_modes": ["full_refresh"]}
    configured = {
        "stream": stream,
        "sync_mode": "full_refresh",
        "destination_sync_mode": "overwrite",
    }
    source = SourceConfluence()

    assert source.read_config(written(tmp_path / "config", RAW_CONFIG)) == RAW_CONFIG
    catalog = source.read_catalog(written(tmp_path / "catalog", {"streams": [configured]}))
    assert [one.stream.name for one in catalog.streams] == ["pages"]
    assert source.read_state(written(tmp_path / "state", [state])) == state_messages(
        {"pages": {"lastModifiedAt": "2025-05-01T00:00:00.000Z"}}
    )
    assert source.read_state("") == []


def test_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    source = SourceConfluence()
    missing = str(tmp_path / "missing.json")

    for read_file in (source.read_config, source.read_catalog, source.read_state):
        with pytest.raises(ConfigError, match=r"file .*missing\.json cannot be read"):
            read_file(missing)
