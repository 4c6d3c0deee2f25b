"""Reads all streams into one of PyAirbyte's caches, and says what the tables then contain.

PyAirbyte's Python runs this as a script. It reads a job as JSON from stdin: `connector` (a path),
`config`, `cache` (the arguments of a cache), and `columns` (by stream). It writes JSON to the file
`answer` of the job: by stream, the rows of these columns, how many of them came with this read, and
the columns' types.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import airbyte as ab
from airbyte.caches import PostgresCache


def main() -> None:
    """Read, and write the answer."""
    job: dict[str, Any] = json.load(sys.stdin)
    given = job["cache"]
    cache: Any = PostgresCache(**given) if "host" in given else ab.DuckDBCache(**given)
    source = ab.get_source(
        "source-confluence", job["config"], local_executable=Path(job["connector"])
    )
    source.select_all_streams()
    started = time.time()
    source.read(cache)
    took = time.time() - started
    tables = {}
    for stream, columns in job["columns"].items():
        # As text, so that both databases answer alike.
        texts = ", ".join(f"CAST({column} AS VARCHAR) AS {column}" for column in columns)
        rows = cache.run_sql_query(
            f"SELECT {texts}, EXTRACT(EPOCH FROM _airbyte_extracted_at) AS came "
            f'FROM {cache.schema_name}."{stream}"'
        )
        types = cache.run_sql_query(
            "SELECT column_name AS name, data_type AS type FROM information_schema.columns "
            f"WHERE table_name = '{stream}'"
        )
        tables[stream] = {
            "rows": [[row[column] for column in columns] for row in rows],
            "came": sum(float(row["came"]) >= started for row in rows),
            "types": {row["name"]: row["type"] for row in types},
        }
    Path(job["answer"]).write_text(json.dumps({"seconds": took, "tables": tables}))


if __name__ == "__main__":
    main()
