"""`make pyairbyte`: PyAirbyte reads an emulated Confluence into DuckDB twice, as examples/ shows.

The example runs unchanged in PyAirbyte's environment. This module runs in our own: it starts the
site, changes it between the reads, and compares the tables with the site.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import orjson

from integration_tests.confluence_emulator import EmulatorProcess, SiteSpec
from integration_tests.connector import Json

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "pyairbyte_confluence.py"
OUTPUT = ROOT / "pyairbyte-output"
DATABASE = OUTPUT / "confluence.duckdb"
INCREMENTAL = ("pages", "page_versions", "page_footer_comments", "attachments", "tasks", "audit")
FULL_REFRESH = ("space", "page_labels", "users")
KEYS = {
    "page_versions": ("pageId", "number"),
    "page_labels": ("pageId", "id"),
    "users": ("accountId",),
}
"""For tables whose key is not `id`."""
EDITS = 3
OVERLAP = 5
"""How many more records may come again: the newest, and those from minutes before it."""

# PyAirbyte's Python runs this, because DuckDB is there. It prints the keys of each table, and how
# many of its rows the last read wrote.
TABLES = """
import duckdb, json, sys
database, since, columns = sys.argv[1], float(sys.argv[2]), json.loads(sys.argv[3])
connection = duckdb.connect(database, read_only=True)
print(json.dumps({
    table: {
        "keys": connection.sql(f"SELECT {', '.join(names)} FROM {table}").fetchall(),
        "came": connection.sql(
            f"SELECT count(*) FROM {table} WHERE epoch(_airbyte_extracted_at) >= {since}"
        ).fetchone()[0],
    }
    for table, names in columns.items()
}))
"""


@dataclass(frozen=True)
class Environments:
    """PyAirbyte's Python, and the connector in a separate environment."""

    python: Path
    connector: Path


def main() -> None:
    """Read twice; exits with an error if a table differs from the site."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", type=Path, required=True, help="PyAirbyte's Python")
    parser.add_argument("--connector", type=Path, required=True, help="the console script")
    given = parser.parse_args()
    environments = Environments(given.python.absolute(), given.connector.absolute())
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir()
    with EmulatorProcess(SiteSpec()) as emulator:
        print(f"An emulated Confluence serves {emulator.url}.\n\nThe first read:", flush=True)
        first = read(emulator, environments)
        change(emulator)
        print(f"\nThe second read, after {EDITS} edits, a comment, a label:", flush=True)
        second = read(emulator, environments)
    print(f"\n{'rows written':<24}{'first':>8}{'second':>8}")
    for stream in (*INCREMENTAL, *FULL_REFRESH):
        again = "" if stream in INCREMENTAL else "   (full refresh)"
        print(f"  {stream:<22}{first[stream]:>8}{second[stream]:>8}{again}")
    print("\nAfter each read, every table held what the site held, each key once.")
    too_many = [name for name in INCREMENTAL if second[name] > changes_of(name) + OVERLAP]
    too_few = [name for name in INCREMENTAL if second[name] < changes_of(name)]
    if too_many or too_few:
        raise SystemExit(f"The second read: too many records of {too_many}, too few of {too_few}")


def changes_of(stream: str) -> int:
    """Return how many records of a stream `change` makes or edits."""
    return {"pages": EDITS, "page_versions": EDITS, "page_footer_comments": 1}.get(stream, 0)


def read(emulator: EmulatorProcess, environments: Environments) -> dict[str, int]:
    """Run the example; return how many rows of each table it wrote."""
    started = time.time()
    subprocess.run(
        [environments.python, EXAMPLE],
        env={
            **os.environ,
            # Before the import: without it PyAirbyte loads Airbyte's registry of connectors.
            "AIRBYTE_OFFLINE_MODE": "1",
            "DO_NOT_TRACK": "1",
            # Google's libraries warn that they will drop this version of Python.
            "PYTHONWARNINGS": "ignore",
            "CONFLUENCE_DOMAIN": emulator.url,
            "CONFLUENCE_EMAIL": emulator.email,
            "CONFLUENCE_API_TOKEN": emulator.token,
            "SOURCE_CONFLUENCE": str(environments.connector),
            "DUCKDB_FILE": str(DATABASE),
        },
        cwd=OUTPUT,
        check=True,
    )
    tables = tables_since(started, environments.python)
    for stream, table in tables.items():
        key = KEYS.get(stream, ("id",))
        found = sorted(tuple(map(str, row)) for row in table["keys"])
        wanted = emulator.expected(stream, named_by=(*INCREMENTAL, *FULL_REFRESH))
        if stream == "audit":  # the connector makes its key: the site has none
            is_same = len(found) == len(set(found)) == len(wanted)
        else:
            is_same = found == sorted(tuple(str(one[part]) for part in key) for one in wanted)
        if not is_same:
            raise SystemExit(f"{stream}: {len(found)} rows, but the site has {len(wanted)}")
    return {stream: table["came"] for stream, table in tables.items()}


def tables_since(started: float, python: Path) -> dict[str, Json]:
    """Return the keys in each table, and how many of its rows have come since then."""
    columns = {
        stream: [part.lower() for part in KEYS.get(stream, ("id",))]
        for stream in (*INCREMENTAL, *FULL_REFRESH)
    }
    done = subprocess.run(
        [python, "-c", TABLES, DATABASE, str(started), orjson.dumps(columns)],
        capture_output=True,
        check=True,
    )
    tables: dict[str, Json] = orjson.loads(done.stdout)
    return tables


def change(emulator: EmulatorProcess) -> None:
    """Edit a few pages, comment on one and label it."""
    labelled = {label["pageId"] for label in emulator.expected("page_labels")}
    pages = [page["id"] for page in emulator.expected("pages") if page["id"] in labelled][-EDITS:]
    for page in pages:
        emulator.mutate("edit", kind="page", content_id=page)
    emulator.mutate("comment", container_kind="page", container_id=pages[0])
    emulator.mutate("label", kind="page", content_id=pages[0], name="read-again")


if __name__ == "__main__":
    main()
