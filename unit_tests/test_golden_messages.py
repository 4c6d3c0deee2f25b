"""The wording of every message that a user can see, in one file: golden/messages.md.

Other tests assert error classes and the names that a message must contain. A new message needs a
row in a table, here or in golden/confluence.py; `make golden` rewrites the file: review its diff.
"""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path
from signal import Signals

import pytest
from airbyte_cdk.models import AirbyteStream, SyncMode
from typing_extensions import override

from source_confluence.airbyte import configured_catalog
from source_confluence.airbyte.arguments import parse
from source_confluence.airbyte.default_catalog import configure
from source_confluence.airbyte.figures import Figures
from source_confluence.airbyte.inputs import read_catalog, read_config, read_state
from source_confluence.airbyte.output import Output, output_to
from source_confluence.airbyte.progress import Progress
from source_confluence.airbyte.signals import stopped_by
from source_confluence.airbyte.summary import table
from source_confluence.config.unknown_fields import unknown_fields
from source_confluence.confluence import connection as connection_module
from source_confluence.confluence.meter import Meter
from source_confluence.confluence.rate_limiter import RateLimiter
from source_confluence.streams.sync.stream_progress import StreamProgress
from unit_tests.fakes import EMAIL, FakeClock, spec_schema
from unit_tests.golden.confluence import CHECK, READ
from unit_tests.golden.stage import Stage, Table, error_of

GOLDEN = Path(__file__).parent / "golden" / "messages.md"
HEADER = """\
# Messages

Every message that a user can see, and what causes it. `make golden` writes this file.
"""


def config(**changes: object) -> Callable[[Stage], str]:
    return lambda stage: stage.parse(**changes)


CREDENTIALS = {"auth_type": "api_token", "email": EMAIL, "api_token": "a-token"}

CONFIG: Table = {
    "no domain_name": config(domain_name=None),
    "domain_name is no address": config(domain_name="a b"),
    "domain_name is a number": config(domain_name=7),
    "no email": config(email=None),
    "no api_token": config(api_token=" "),
    "credentials of an unknown type": config(credentials={"auth_type": "carrier_pigeon"}),
    "credentials are no object": config(credentials="a-token"),
    "credentials without a token": config(credentials={"auth_type": "api_token", "email": EMAIL}),
    "credentials with an empty email": config(credentials={**CREDENTIALS, "email": ""}),
    "credentials with a blank token": config(credentials={**CREDENTIALS, "api_token": " "}),
    "start_date without a time": config(start_date="2024-01-01"),
    "start_date does not exist": config(start_date="2024-02-30T00:00:00Z"),
    "cql with ORDER BY": config(cql="type = page ORDER BY created"),
    "space_keys is no array": config(space_keys="DOCS"),
    "space_keys with duplicates": config(space_keys=["DOCS", "DOCS"]),
    "space_keys with two keys in one": config(space_keys=["DOCS", "HR,IT"]),
    "excluded_space_keys with an empty key": config(excluded_space_keys=[""]),
    "custom_content_types with two types in one": config(custom_content_types=["a:b,c:d"]),
    "content_statuses is empty": config(content_statuses=[]),
    "content_statuses with an unknown status": config(content_statuses=["deleted"]),
    "body_format is unknown": config(body_format="storge"),
    "lookback_window_minutes is no integer": config(lookback_window_minutes=1.5),
    "num_workers is too small": config(num_workers=0),
    "num_workers is too large": config(num_workers=41),
    "requests_per_second is too small": config(requests_per_second=0),
    "two problems": config(num_workers=0, body_format="xml"),
    "misspelled field": lambda _: " ".join(unknown_fields({"space_key": ["A"]}, spec_schema())),
    "field of something else": lambda _: " ".join(unknown_fields({"host": "x"}, spec_schema())),
    "misspelled field of the credentials": lambda _: " ".join(
        unknown_fields({"credentials": {**CREDENTIALS, "tokn": "x"}}, spec_schema())
    ),
}

STREAM_STATE = {"stream_descriptor": {"name": "pages"}, "stream_state": {}}
SHARED_STATE = {"shared_state": {"cdc": 7}, "stream_states": [STREAM_STATE]}

INPUT_FILES: Table = {
    "no config file": lambda stage: stage.load(read_config, None),
    "config is no JSON": lambda stage: stage.load(read_config, b"{"),
    "config is no object": lambda stage: stage.load(read_config, []),
    "no catalog file": lambda stage: stage.load(read_catalog, None),
    "catalog is empty": lambda stage: stage.load(read_catalog, b""),
    "catalog is no object": lambda stage: stage.load(read_catalog, "pages"),
    "catalog without a sync mode": lambda stage: stage.load(
        read_catalog,
        {"streams": [{"stream": {"name": "a", "json_schema": {}, "supported_sync_modes": []}}]},
    ),
    "no state file": lambda stage: stage.load(read_state, None),
    "state is no list of states": lambda stage: stage.load(read_state, {"pages": {}}),
    "state of type LEGACY": lambda stage: stage.load(read_state, [{"type": "LEGACY", "data": {}}]),
    "state with a shared_state": lambda stage: stage.load(
        read_state, [{"type": "GLOBAL", "global": SHARED_STATE}]
    ),
}


def help_of(*args: str) -> Callable[[Stage], str]:
    return lambda stage: stage.printed(lambda: parse([*args, "--help"]))


def unknown_stream(*names: str) -> Callable[[Stage], str]:
    streams = [
        AirbyteStream(name=name, json_schema={}, supported_sync_modes=[SyncMode.full_refresh])
        for name in ("pages", "page_labels", "users")
    ]
    return lambda _: error_of(lambda: configure(streams, names))


class FullDisk(BytesIO):
    @override
    def write(self, content: object) -> int:
        raise OSError(28, "No space left on device")


def write_to_a_full_disk() -> None:
    output = Output(FullDisk())
    output.write_line(b"a record")
    output.flush()


def progress(logger: logging.Logger) -> None:
    meter, clock, counts = Meter(), FakeClock(), Counter[str]()
    streams = {name: StreamProgress(clock) for name in ("pages", "page_labels", "labels", "users")}
    figures = Figures(streams, counts, meter, RateLimiter(clock))
    lines = Progress(figures, clock, logger)
    pages, labels, denied, _ = streams.values()
    with pages.listing():
        for number in range(8):
            pages.found({"listed": number})
    with labels.listing():
        for number in range(40):
            labels.found({"pageId": [f"{number} {one}" for one in range(25)]})
    clock.advance(30)
    lines.log()
    for second in range(1, 5):
        for part in range(2):
            with pages.reading({"listed": second * part}):
                clock.advance(5)
        counts["pages"] += 462
        meter.requested("pages")
        lines.log()
    with labels.reading({"pageId": ["1"] * 25}):
        clock.advance(30)
    counts["page_labels"] = 31
    for _ in range(1200):
        meter.requested("page_labels")
    figures.rate_limiter.throttled(figures.rate_limiter.acquire(), 90)
    lines.log()
    with denied.listing():
        denied.was_denied = True
    figures.rate_limiter.acquire()
    meter.requested("space")
    for row in table(figures, lines.seconds):
        logger.info(row)


COMMAND_LINE: Table = {
    "source-confluence --help": help_of(),
    "source-confluence spec --help": help_of("spec"),
    "source-confluence check --help": help_of("check"),
    "source-confluence discover --help": help_of("discover"),
    "source-confluence read --help": help_of("read"),
    "source-confluence cost --help": help_of("cost"),
    "source-confluence-catalog --help": lambda stage: stage.printed(
        lambda: configured_catalog.main(["--help"])
    ),
    "source-confluence-catalog page_label": unknown_stream("page_label"),
    "source-confluence-catalog xyz qqq": unknown_stream("xyz", "qqq"),
    "Ctrl-C": lambda _: stopped_by(Signals.SIGINT),
    "SIGTERM": lambda _: stopped_by(Signals.SIGTERM),
    "stdout is closed": lambda stage: stage.printed(lambda: output_to(None).__enter__()),
    "stdout is on a full disk": lambda stage: stage.printed(write_to_a_full_disk),
    "progress and summary in the log": lambda stage: stage.logged(progress),
}


TABLES: dict[str, Table] = {
    "Config": CONFIG,
    "Input files": INPUT_FILES,
    "Command line": COMMAND_LINE,
    "Check": CHECK,
    "Read": READ,
}


def render(messages: Mapping[str, Mapping[str, str]]) -> str:
    sections = [HEADER]
    for title, rows in messages.items():
        sections.append(f"## {title}\n")
        sections += [f"{cause}:\n\n```text\n{message}\n```\n" for cause, message in rows.items()]
    return "\n".join(sections)


@pytest.fixture
def stage(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> Stage:
    monkeypatch.setenv("COLUMNS", "100")  # where argparse breaks lines
    monkeypatch.setattr(connection_module, "SystemClock", FakeClock)
    caplog.set_level(logging.INFO)
    return Stage(tmp_path, capsys, caplog)


def test_every_message_is_as_in_the_golden_file(stage: Stage) -> None:
    messages = {
        title: {cause: provoke(stage) for cause, provoke in table.items()}
        for title, table in TABLES.items()
    }

    actual = render(messages)
    if "REWRITE_GOLDEN" in os.environ:
        GOLDEN.write_text(actual, encoding="utf-8")
    assert actual == GOLDEN.read_text(encoding="utf-8"), "check the diff, then run make golden"
