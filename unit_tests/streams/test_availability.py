"""What happens when the account may not read a stream."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from airbyte_cdk.models import DestinationSyncMode

from source_confluence.airbyte import inputs
from source_confluence.confluence.errors import ConfigError
from source_confluence.confluence.responses import NotPermitted
from source_confluence.streams.availability import Availability, would_replace
from unit_tests.run_sync import LOGGER, entry

REFUSAL = NotPermitted("The account may not read /wiki/rest/api/audit: not an administrator")


def availability(*, replaces: bool = False) -> Availability:
    return Availability("audit", LOGGER, replaces=replaces)


@pytest.mark.parametrize("destination", DestinationSyncMode)
def test_a_destination_that_overwrites_replaces(destination: DestinationSyncMode) -> None:
    overwrites = destination.value in ("overwrite", "overwrite_dedup")

    assert would_replace(entry("audit", destination=destination)) == overwrites


@pytest.mark.parametrize("destination", DestinationSyncMode)
@pytest.mark.parametrize(
    ("oldest", "generation", "drops"), [(3, 3, True), (0, 3, False), (0, 0, False), (2, 3, False)]
)
def test_a_refresh_replaces_in_every_mode(
    tmp_path: Path, destination: DestinationSyncMode, oldest: int, generation: int, drops: bool
) -> None:
    """From the file that the platform writes: the CDK must hand the generations on."""
    configured = {
        "stream": {"name": "audit", "json_schema": {}, "supported_sync_modes": ["full_refresh"]},
        "sync_mode": "full_refresh",
        "destination_sync_mode": destination.value,
        "minimum_generation_id": oldest,
        "generation_id": generation,
        "sync_id": 7,
    }
    path = tmp_path / "catalog.json"
    path.write_text(json.dumps({"streams": [configured]}))
    (one,) = inputs.read_catalog(str(path)).streams

    assert would_replace(one) == (drops or destination.value.startswith("overwrite"))


def test_a_refused_stream_is_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    stream = availability()

    for _ in range(3):
        stream.refused(REFUSAL)

    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", f"Stream audit has no records: {REFUSAL.sentence}")
    ]
    assert stream.is_over


def test_a_refused_stream_fails_where_it_would_wipe_a_table(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stream = availability(replaces=True)

    with pytest.raises(ConfigError) as caught:
        stream.refused(REFUSAL)

    assert caught.value.sentence == (
        f"{REFUSAL.sentence} Stream audit is left incomplete, so that the destination keeps the "
        "rows it has: deselect the stream or grant the right."
    )
    assert caplog.records == []
    assert stream.is_over


@pytest.mark.parametrize("replaces", [False, True])
def test_refused_after_granted_is_an_error_everywhere(replaces: bool) -> None:
    stream = availability(replaces=replaces)
    stream.granted()

    with pytest.raises(ConfigError, match="let only a part of stream audit be read: The account"):
        stream.refused(REFUSAL)


def test_a_stream_that_is_given_up_is_over() -> None:
    stream = availability()
    assert not stream.is_over

    stream.given_up()

    assert stream.is_over


def begun(partitions: int) -> Availability:
    stream = availability()
    for _ in range(partitions):
        stream.begun()
    return stream


def test_what_was_passed_over_is_all_of_it_where_nobody_was_let_in() -> None:
    stream = begun(2)
    stream.ended(passed_over=REFUSAL)
    stream.ended()

    with pytest.raises(NotPermitted) as caught:
        stream.ended()

    assert caught.value is REFUSAL


@pytest.mark.parametrize("is_first", [False, True])
def test_what_was_passed_over_is_a_part_where_others_were_let_in(is_first: bool) -> None:
    stream = begun(2)
    ends: list[dict[str, Any]] = [{"passed_over": REFUSAL}, {"was_let_in": True}]

    for end in [*(reversed(ends) if is_first else ends), {}]:
        stream.ended(**end)

    assert not stream.is_over


def test_partitions_that_ask_for_nothing_let_nobody_in() -> None:
    stream = begun(1)
    stream.ended()
    stream.ended()

    stream.refused(REFUSAL)


def test_the_end_of_a_partition_that_was_let_in_grants_the_stream() -> None:
    stream = begun(1)
    stream.refused(REFUSAL)

    with pytest.raises(ConfigError, match="let only a part"):
        stream.ended(was_let_in=True)


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
