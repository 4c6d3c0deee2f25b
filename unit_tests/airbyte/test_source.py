"""The source as Airbyte calls it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from airbyte_cdk.models import ConfiguredAirbyteStream, Status, SyncMode
from airbyte_cdk.utils.airbyte_secrets_utils import update_secrets
from airbyte_cdk.utils.traced_exception import AirbyteTracedException
from requests_mock import Mocker

from source_confluence import SourceConfluence
from source_confluence.confluence import connection
from source_confluence.confluence.errors import ConfigError
from source_confluence.streams import STREAMS
from unit_tests.fake_site import BAD_REQUEST, NOT_AN_ADMIN, FakeSite, Json, always, ids, page, space
from unit_tests.fakes import DOMAIN_NAME, RAW_CONFIG, FakeClock
from unit_tests.run_sync import LOGGER, Outcome, catalog_of, entry, state_messages

MAY = {"lastModifiedAt": "2025-05-01T00:00:00.000Z"}


@pytest.fixture
def site(site: FakeSite) -> FakeSite:
    """A site with three pages in a space."""
    site.pages = [page(1), page(2), page(3)]
    return site


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    """The clock of the source."""
    clock = FakeClock()
    monkeypatch.setattr(connection, "SystemClock", lambda: clock)
    return clock


def config(**overrides: Any) -> Json:
    return {**RAW_CONFIG, **overrides}


def read(
    entries: Iterable[ConfiguredAirbyteStream],
    states: Mapping[str, Json] | None = None,
    **overrides: Any,
) -> Outcome:
    """The messages of a read, and the error that it ended with."""
    source = SourceConfluence()
    state = None if states is None else state_messages(states)
    messages = []
    try:
        for message in source.read(LOGGER, config(**overrides), catalog_of(*entries), state):
            messages.append(message)  # noqa: PERF402  # also keeps what came before an error
    except AirbyteTracedException as error:
        return Outcome(messages, error)
    return Outcome(messages, None)


CREDENTIALS = {"auth_type": "api_token", "email": "you@example.com", "api_token": "a-token"}


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]


def test_discover_describes_every_stream_without_a_request(requests_mock: Mocker) -> None:
    catalog = SourceConfluence().discover(LOGGER, config())

    assert [stream.name for stream in catalog.streams] == [stream.name for stream in STREAMS]
    for found, declared in zip(catalog.streams, STREAMS, strict=True):
        modes = {SyncMode.full_refresh}
        if declared.incremental_by is not None:
            modes.add(SyncMode.incremental)
            assert found.default_cursor_field == [declared.incremental_by.name]
        assert set(found.supported_sync_modes) == modes
        key = found.source_defined_primary_key or []
        assert [name for (name,) in key] == list(declared.key)
    assert not requests_mock.called


def test_an_invalid_config_has_no_streams() -> None:
    with pytest.raises(ConfigError) as caught:
        SourceConfluence().streams(config(num_workers=0))

    assert "num_workers" in caught.value.message


@pytest.mark.usefixtures("site")
def test_check_succeeds_without_a_message_if_everything_can_be_read() -> None:
    status = SourceConfluence().check(LOGGER, config())

    assert status.status is Status.SUCCEEDED
    assert status.message is None


def test_check_succeeds_and_notes_what_cannot_be_read(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    site.faults["audit"] = always(NOT_AN_ADMIN)
    site.faults["group"] = always(NOT_AN_ADMIN)

    status = SourceConfluence().check(LOGGER, config())

    group, audit = warnings(caplog)
    assert "/wiki/rest/api/group" in group
    assert "/wiki/rest/api/audit" in audit
    assert status.status is Status.SUCCEEDED
    assert status.message == f"{group} {audit}"


@pytest.mark.usefixtures("site")
def test_check_and_read_name_fields_that_do_not_exist(caplog: pytest.LogCaptureFixture) -> None:
    misspelled: Json = {"space_key": ["S1"], "credentials": {**CREDENTIALS, "tokn": "hunter2"}}

    status = SourceConfluence().check(LOGGER, config(**misspelled))
    of_check = warnings(caplog)
    caplog.clear()
    outcome = read([entry("space")], **misspelled)
    failed = SourceConfluence().check(LOGGER, config(**misspelled, num_workers=0))

    assert outcome.error is None
    space_key, token = of_check
    assert "space_keys" in space_key
    assert "credentials.tokn" in token
    assert status.status is Status.SUCCEEDED
    assert status.message == f"{space_key} {token}"
    assert warnings(caplog)[:2] == of_check
    assert failed.status is Status.FAILED
    assert f"{space_key} {token}" in str(failed.message)
    assert "hunter2" not in caplog.text


@pytest.mark.usefixtures("site")
def test_check_and_read_name_an_excluded_space_that_does_not_exist(
    caplog: pytest.LogCaptureFixture,
) -> None:
    status = SourceConfluence().check(LOGGER, config(excluded_space_keys=["S1", "OLD"]))
    (of_check,) = warnings(caplog)
    caplog.clear()
    read([entry("pages")], excluded_space_keys=["S1", "OLD"])

    assert status.status is Status.SUCCEEDED
    assert status.message == of_check
    assert "OLD" in of_check
    assert warnings(caplog) == [of_check]


@pytest.mark.parametrize(
    ("overrides", "named"),
    [
        ({"num_workers": 0}, "num_workers"),
        ({"space_keys": ["NO"]}, "space_keys names NO"),
        ({"domain_name": "http://wiki.example.com"}, "domain_name"),
    ],
)
@pytest.mark.usefixtures("site")
def test_check_fails_with_a_message_that_names_the_field(overrides: Json, named: str) -> None:
    status = SourceConfluence().check(LOGGER, config(**overrides))

    assert status.status is Status.FAILED
    assert named in str(status.message)


def test_check_masks_secrets(site: FakeSite) -> None:
    update_secrets([RAW_CONFIG["api_token"]])  # as the entrypoint does
    site.faults["audit"] = always((403, {"message": f"{RAW_CONFIG['api_token']} is no admin"}))

    message = SourceConfluence().check(LOGGER, config()).message

    assert message is not None
    assert RAW_CONFIG["api_token"] not in message


def test_a_read_waits_out_a_rate_limit_and_check_does_not(
    site: FakeSite, requests_mock: Mocker, clock: FakeClock
) -> None:
    v2, v1 = (f"https://{DOMAIN_NAME}/wiki/{api}/" for api in ("api/v2", "rest/api"))
    limited = {"status_code": 429, "headers": {"Retry-After": "600"}, "json": {}}
    requests_mock.get(f"{v2}spaces", [limited, {"json": {"results": site.spaces}}])
    requests_mock.get(f"{v1}user/current", [limited])

    outcome = read([entry("space")])
    waited = clock.monotonic()
    is_connected, message = SourceConfluence().check_connection(LOGGER, config())

    assert outcome.error is None
    assert waited >= 600
    assert not is_connected
    assert message
    assert clock.monotonic() == waited


@pytest.mark.usefixtures("site")
def test_requests_keep_to_the_rate_of_the_config(clock: FakeClock) -> None:
    read([entry("space")], requests_per_second=2)

    assert clock.sleeps == pytest.approx([0.5])


def test_read_reads_the_streams_of_the_catalog_and_no_more(site: FakeSite) -> None:
    outcome = read([entry("pages"), entry("space", SyncMode.full_refresh)])

    assert outcome.error is None
    assert ids(outcome.records("pages")) == ["1", "2", "3"]
    assert ids(outcome.records("space")) == ["1"]
    assert set(site.endpoints()) == {"pages", "spaces", "search"}


def test_a_stream_that_the_catalog_names_twice_is_read_once(site: FakeSite) -> None:
    outcome = read([entry("pages"), entry("pages")])

    assert outcome.error is None
    assert ids(outcome.records("pages")) == ["1", "2", "3"]
    assert len(site.requests_to("pages")) == 2


@pytest.mark.parametrize("status", [404, 410])
def test_a_list_that_a_site_does_not_have_affects_no_other_stream(
    site: FakeSite, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    site.faults["audit"] = always((status, {"message": "There is no such thing"}))

    checked = SourceConfluence().check(LOGGER, config())
    outcome = read([entry("audit"), entry("pages")])

    assert checked.status is Status.SUCCEEDED
    assert outcome.error is None
    assert outcome.statuses("audit") == ["STARTED", "COMPLETE"]
    assert ids(outcome.records("pages")) == ["1", "2", "3"]
    of_check, of_read = warnings(caplog)
    assert checked.message == of_check
    assert "audit" in of_check
    assert "audit" in of_read


def test_read_continues_from_a_state(site: FakeSite) -> None:
    site.pages.append(page(4, "2025-05-05T00:00:00Z"))

    outcome = read([entry("pages")], {"pages": MAY})

    assert ids(outcome.records("pages")) == ["4"]


@pytest.mark.usefixtures("site")
def test_read_continues_from_a_global_state(tmp_path: Path) -> None:
    state = {"stream_descriptor": {"name": "pages"}, "stream_state": MAY}
    content = {"type": "GLOBAL", "global": {"shared_state": {}, "stream_states": [state]}}
    source = SourceConfluence()
    states = source.read_state(written(tmp_path / "state", [content]))

    outcome = Outcome(list(source.read(LOGGER, config(), catalog_of(entry("pages")), states)), None)

    assert outcome.records("pages") == []
    assert outcome.states("pages") == [MAY]


@pytest.mark.usefixtures("site")
def test_read_summarizes_every_stream_at_its_end(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    read([entry("pages"), entry("audit")])

    begin, _title, pages, audit, total = [line.split() for line in caplog.messages]
    assert {"2", "streams", "10", "workers."} <= set(begin)
    assert [pages[:5], pages[-1]] == [["pages", "3", "records", "5", "requests"], "complete"]
    assert [audit[:5], audit[-1]] == [["audit", "0", "records", "1", "request"], "complete"]
    assert total[:5] == ["total", "3", "records", "6", "requests"]


def test_read_summarizes_a_sync_that_failed(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    site.faults["audit"] = always(BAD_REQUEST)

    outcome = read([entry("pages"), entry("audit")])

    assert outcome.error is not None
    assert outcome.statuses("audit")[-1] == "INCOMPLETE"
    rows = {line.split()[0]: line.split() for line in caplog.messages}
    assert rows["pages"][1] == "3"
    assert [rows[name][-1] for name in ("pages", "audit")] == ["complete", "incomplete"]


@pytest.mark.usefixtures("site")
def test_read_reports_unknown_streams_and_reads_the_others() -> None:
    outcome = read([entry("pagez"), entry("pages"), entry("lables")])

    assert ids(outcome.records("pages")) == ["1", "2", "3"]
    assert outcome.statuses("pages")[-1] == "COMPLETE"
    assert isinstance(outcome.error, ConfigError)
    for name in ("pagez", "lables"):
        assert outcome.statuses(name) == ["STARTED", "INCOMPLETE"]
        (message,) = outcome.errors(name)
        assert name in message
        assert name in outcome.error.message


def test_read_of_unknown_streams_only_requests_nothing(site: FakeSite) -> None:
    outcome = read([entry("pagez")])

    assert outcome.statuses("pagez") == ["STARTED", "INCOMPLETE"]
    assert isinstance(outcome.error, ConfigError)
    assert site.requests == []


def test_read_of_nothing_ends(site: FakeSite) -> None:
    assert read([]) == Outcome([], None)
    assert site.requests == []


@pytest.mark.parametrize(
    ("overrides", "states", "named"),
    [
        pytest.param({"body_format": "html"}, {}, "body_format", id="config"),
        pytest.param({"space_keys": ["S1", "NO"]}, {}, "space_keys names NO", id="space"),
        pytest.param({}, {"pages": {"lastModifiedAt": "May"}}, "pages", id="state"),
    ],
)
def test_invalid_input_is_an_error_before_anything_is_read(
    site: FakeSite, overrides: Json, states: dict[str, Json], named: str
) -> None:
    site.spaces = [space(1)]

    outcome = read([entry("pages")], states, **overrides)

    assert outcome.messages == []
    assert isinstance(outcome.error, ConfigError)
    assert named in outcome.error.message
    assert site.requests_to("pages") == []


def written(path: Path, content: Any) -> str:
    path.write_text(json.dumps(content), encoding="utf-8")
    return str(path)


def test_files_are_read_as_the_command_line_names_them(tmp_path: Path) -> None:
    state = {
        "type": "STREAM",
        "stream": {"stream_descriptor": {"name": "pages"}, "stream_state": MAY},
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
    states = source.read_state(written(tmp_path / "state", [state]))
    assert states == state_messages({"pages": MAY})
    assert source.read_state("") == []


def test_missing_files_are_named(tmp_path: Path) -> None:
    source = SourceConfluence()
    missing = str(tmp_path / "missing.json")

    for read_file in (source.read_config, source.read_catalog, source.read_state):
        with pytest.raises(ConfigError) as caught:
            read_file(missing)
        assert missing in caught.value.message
