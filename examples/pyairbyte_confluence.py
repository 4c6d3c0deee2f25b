"""Reads a Confluence site into DuckDB with PyAirbyte; later runs read only what changed.

README.md in this folder lists the environment variables.
"""

import os

import airbyte as ab

STREAMS = "space pages page_labels page_versions page_footer_comments attachments tasks users audit"
CHANGED_LAST = """
    SELECT title, displayname AS author, string_agg(name, ', ' ORDER BY name) AS labels
    FROM pages JOIN users ON accountid = authorid JOIN page_labels ON pageid = pages.id
    GROUP BY pages.id, title, displayname, lastmodifiedat ORDER BY lastmodifiedat DESC LIMIT 5"""

names = {"domain_name": "DOMAIN", "email": "EMAIL", "api_token": "API_TOKEN"}
config = {field: os.environ[f"CONFLUENCE_{name}"] for field, name in names.items()}
executable = os.environ["SOURCE_CONFLUENCE"]
source = ab.get_source("source-confluence", config, local_executable=executable)
source.check()
source.select_streams(STREAMS.split())
cache = ab.DuckDBCache(db_path=os.environ.get("DUCKDB_FILE", "confluence.duckdb"))
result = source.read(cache)
print(f"Read {result.processed_records} records. Rows by table:")
for name in STREAMS.split():
    print(f"  {name:<22} {cache.run_sql_query(f'SELECT count(*) AS n FROM {name}')[0]['n']:>7}")
for row in cache.run_sql_query(CHANGED_LAST):
    print("  {title} | {author} | {labels:.60}".format(**row))
