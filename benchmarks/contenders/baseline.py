"""The baseline: the minimum work in Python to turn Confluence's pages into Airbyte messages.

One connection, each response decoded once, no retries, no state: `baseline.py CONFIG`.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import orjson
import requests

FIRST = "/wiki/api/v2/pages?body-format=storage&limit=250&sort=id&status=current,archived"


def main(config_path: str) -> None:
    """Print a RECORD line for every page."""
    config = orjson.loads(Path(config_path).read_bytes())
    session = requests.Session()
    session.auth = (config["email"], config["api_token"])
    write = sys.stdout.buffer.write
    link: str | None = FIRST
    while link is not None:
        response = session.get(config["domain_name"] + link, timeout=60)
        response.raise_for_status()
        content = orjson.loads(response.content)
        for page in content["results"]:
            record = {"stream": "pages", "data": page, "emitted_at": int(time.time() * 1000)}
            write(orjson.dumps({"type": "RECORD", "record": record}) + b"\n")
        link = content["_links"].get("next")


if __name__ == "__main__":
    main(sys.argv[1])
