"""dlt's rest_api source, configured for pages; runs in .venv-bench.

`dlt_rest_api.py CONFIG` prints Airbyte messages. `dlt_rest_api.py CONFIG FOLDER` runs a pipeline
that writes JSONL files to the folder, which is dlt's usual mode.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import dlt
import orjson
from dlt.sources.rest_api import rest_api_source


def source_of(config: dict[str, Any]) -> Any:
    """Return the source that lists the pages with their bodies, 250 at a time."""
    return rest_api_source(
        {
            "client": {
                "base_url": f"{config['domain_name']}/wiki/api/v2/",
                "auth": {
                    "type": "http_basic",
                    "username": config["email"],
                    "password": config["api_token"],
                },
                "paginator": {"type": "json_link", "next_url_path": "_links.next"},
            },
            "resources": [
                {
                    "name": "pages",
                    "primary_key": "id",
                    "write_disposition": "append",
                    "endpoint": {
                        "path": "pages",
                        "params": {
                            "body-format": "storage",
                            "limit": 250,
                            "sort": "id",
                            "status": "current,archived",
                        },
                        "data_selector": "results",
                    },
                }
            ],
        }
    )


def print_records(source: Any) -> None:
    """Print a RECORD line for every page."""
    write = sys.stdout.buffer.write
    for page in source.resources["pages"]:
        record = {"stream": "pages", "data": page, "emitted_at": int(time.time() * 1000)}
        write(orjson.dumps({"type": "RECORD", "record": record}) + b"\n")


def write_files(source: Any, folder: Path) -> None:
    """Load every page into JSONL files in the folder."""
    pipeline = dlt.pipeline(
        pipeline_name="confluence",
        pipelines_dir=str(folder / "pipelines"),
        destination=dlt.destinations.filesystem(bucket_url=(folder / "files").resolve().as_uri()),
        dataset_name="confluence",
    )
    pipeline.run(source, loader_file_format="jsonl")


def main(config_path: str, folder: str | None = None) -> None:
    """Print the records, or write them to the folder."""
    source = source_of(orjson.loads(Path(config_path).read_bytes()))
    if folder is None:
        print_records(source)
    else:
        write_files(source, Path(folder))


if __name__ == "__main__":
    main(*sys.argv[1:])
