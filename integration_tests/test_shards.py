"""Two connections that divide a site by space_keys, as docs/scaling.md describes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from integration_tests.confluence_emulator import Emulator, SiteSpec
from integration_tests.conftest import forked_for
from integration_tests.connector import catalog_of
from integration_tests.truth import all_streams, assert_same, expected

STREAMS = all_streams()
SHARED_OUT = (
    *("pages", "blog_posts", "attachments", "custom_content", "tasks", "space"),
    *("page_footer_comments", "page_inline_comments", "page_labels", "page_likes"),
    *("page_versions", "child_pages", "space_labels"),
)


def test_two_connections_together_read_the_site(tmp_path: Path) -> None:
    catalog = catalog_of(dict.fromkeys(SHARED_OUT, "full_refresh"))
    with Emulator(SiteSpec()) as site:
        keys = [space["key"] for space in site.expected("space")][::2]
        filters: list[dict[str, Any]] = [{"space_keys": keys}, {"excluded_space_keys": keys}]

        shards = [forked_for(site, tmp_path).read(catalog, **chosen) for chosen in filters]

        assert [shard.returncode for shard in shards] == [0, 0]
        for stream in SHARED_OUT:
            named, rest = (shard.records[stream] for shard in shards)
            assert named
            assert rest
            has_body = "body" in STREAMS[stream].get_json_schema()["properties"]
            wanted = expected(site, stream, body_format="storage" if has_body else None)
            assert_same([*named, *rest], wanted, STREAMS[stream].key)
