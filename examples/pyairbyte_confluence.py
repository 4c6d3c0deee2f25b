"""Reads a Confluence site into DuckDB with PyAirbyte; run it again, and it asks for what changed.

The connector is the console script on the PATH, or the one that SOURCE_CONFLUENCE names.
"""

import os

import airbyte as ab

STREAMS = ["space", "pages", "page_labels", "page_versions", "page_footer_comments", "users"]

config = {
    "domain_name": os.environ["CONFLUENCE_DOMAIN"],
    "email": os.environ["CONFLUENCE_EMAIL"],
    "api_token": os.environ["CONFLUENCE_API_TOKEN"],
}
executable = os.environ.get("SOURCE_CONFLUENCE", "source-confluence")
source = ab.get_source("source-confluence", config, streams=STREAMS, local_executable=executable)
source.check()
cache = ab.DuckDBCache(db_path=os.environ.get("DUCKDB_FILE", "confluence.duckdb"))
result = source.read(cache)
print(f"{result.processed_records} records came.")
for name, dataset in result.streams.items():
    print(f"{name:<22} {len(dataset.to_pandas()):>7} rows")
