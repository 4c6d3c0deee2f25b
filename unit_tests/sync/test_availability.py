"""What happens when the account may not read a stream."""

from __future__ import annotations

import pytest
from airbyte_cdk.models import DestinationSyncMode

from source_confluence.errors import ConfigError
from source_confluence.http.errors import NotPermitted
from source_confluence.sync.availability import Availability
from unit_tests.sync.run_sync import LOGGER

REFUSAL = NotPermitted("The account may not read /wiki/rest/api/audit: not an administrator")
KEEPING = [DestinationSyncMode.append, DestinationSyncMode.append_dedup, None]
REPLACING = [mode for mode in DestinationSyncMode if mode.value in ("overwrite", "overwrite_dedup")]


def availability(
    destination: DestinationSyncMode | None = DestinationSyncMode.append,
) -> Availability:
    return Availability("audit", destination, LOGGER)


@pytest.mark.parametrize("destination", KEEPING)
def test_a_refused_stream_is_warned_of_once(
    destination: DestinationSyncMode | None, caplog: pytest.LogCaptureFixture
) -> None:
    stream = availability(destination)

    for _ in range(3):
        stream.refused(REFUSAL)

    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", f"Stream audit has no records: {REFUSAL.sentence}")
    ]


@pytest.mark.parametrize("destination", REPLACING)
def test_a_refused_stream_fails_where_it_would_wipe_a_table(
    destination: DestinationSyncMode, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ConfigError) as caught:
        availability(destination).refused(REFUSAL)

    assert caught.value.sentence == (
        f"{REFUSAL.sentence} Stream audit is left incomplete, so that the destination keeps the "
        "rows it has: deselect the stream or grant the right."
    )
    assert caplog.records == []


@pytest.mark.parametrize("destination", [DestinationSyncMode.append, *REPLACING])
def test_refused_after_granted_is_an_error_everywhere(destination: DestinationSyncMode) -> None:
    stream = availability(destination)
    stream.granted()

    with pytest.raises(ConfigError, match="let only a part of stream audit be read: The account"):
        stream.refused(REFUSAL)


def test_granted_after_refused_is_an_error_every_time() -> None:
    stream = availability()
    stream.refused(REFUSAL)

    for _ in range(2):
        with pytest.raises(ConfigError, match="let only a part of stream audit be read"):
            stream.granted()


def test_granted_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    stream = availability()

    stream.granted()
    stream.granted()

    assert caplog.records == []
