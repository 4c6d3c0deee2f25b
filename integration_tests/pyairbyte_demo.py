"""`make pyairbyte`: an emulated Confluence, read into DuckDB with PyAirbyte, twice.

Runs in an environment of its own, with PyAirbyte in it and without the connector: that is a console
script elsewhere, whose path is the one argument. The emulator is a process of that other
environment.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

STREAMS = ("space", "pages", "page_labels", "page_versions", "page_footer_comments", "users")
EDITED = 3
JOINED = """
    select p.title, u.displayname as author, string_agg(l.name, ', ' order by l.name) as labels
    from pages p
    join users u on u.accountid = p.authorid
    join page_labels l on l.pageid = p.id
    group by p.id, p.title, u.displayname
    order by p.id
    limit 5
"""


def main(executable: str) -> None:
    """Read, edit, read again; print the rows that came and those that are there."""
    os.environ.update(AIRBYTE_OFFLINE_MODE="1", DO_NOT_TRACK="1")
    import airbyte as ab  # noqa: PLC0415  # it reads the environment when it is imported

    with emulator(Path(executable).with_name("python")) as site, tempfile.TemporaryDirectory() as f:
        cache = ab.DuckDBCache(db_path=Path(f) / "confluence.duckdb")
        config = {
            "domain_name": site["url"],
            "email": site["email"],
            "api_token": site["token"],
        }
        for what in ("first read", f"second read, after {EDITED} edits"):
            source = ab.get_source(
                "source-confluence", config=config, streams=[*STREAMS], local_executable=executable
            )
            source.check()
            result = source.read(cache)
            print(f"\n{what}: {result.processed_records} records came")
            for name in STREAMS:
                print(f"  {name:<22} {len(result[name]):>6} rows")
            pages = [row["id"] for row in result["pages"]]
            for page_id in pages[:EDITED]:
                edit(site["url"], page_id)
        print("\npages with their authors and labels")
        for row in cache.get_sql_engine().connect().exec_driver_sql(JOINED):
            print("  " + " | ".join(map(str, row)))


@contextmanager
def emulator(python: Path) -> Iterator[dict[str, Any]]:
    """Run an emulated Confluence for as long as the block lasts."""
    command = [str(python), "-m", "integration_tests.confluence_emulator", "--end-with-stdin"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.communicate()


def edit(url: str, page_id: str) -> None:
    """Change a page of the emulated site."""
    body = json.dumps({"action": "edit", "kind": "page", "content_id": page_id}).encode()
    request = urllib.request.Request(f"{url}/_emulator/mutations", body, method="POST")
    urllib.request.urlopen(request).close()


if __name__ == "__main__":
    main(sys.argv[1])
