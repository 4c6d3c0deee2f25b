"""A site that several connections share out by space_keys, as docs/scaling.md has it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integration_tests.confluence_emulator import Emulator, SiteSpec
from integration_tests.conftest import connector_for
from integration_tests.connector import Run, catalog_of
from integration_tests.truth import all_streams, assert_same, expected

SHARED_OUT = (
    *("pages", "blog_posts", "attachments", "custom_content", "tasks", "space"),
    *("page_footer_comments", "page_inline_comments", "page_labels", "page_likes"),
    *("page_versions", "child_pages", "space_labels"),
)


@pytest.fixture(scope="module")
def site() -> Iterator[Emulator]:
    with Emulator(SiteSpec()) as running:
        yield running


@pytest.fixture(scope="module")
def shards(site: Emulator, tmp_path_factory: pytest.TempPathFactory) -> list[Run]:
    """A read of half of the spaces, and one of the rest."""
    keys = [space["key"] for space in site.expected("space")][::2]
    filters: list[dict[str, Any]] = [{"space_keys": keys}, {"excluded_space_keys": keys}]
    return [_read(site, tmp_path_factory.mktemp("shard"), chosen) for chosen in filters]


@pytest.mark.parametrize("stream", SHARED_OUT)
def test_the_shards_together_are_the_site(shards: list[Run], site: Emulator, stream: str) -> None:
    named, rest = (shard.records[stream] for shard in shards)
    has_body = "body-format" in all_streams()[stream].heavy_params

    assert named
    assert rest
    wanted = expected(site, stream, body_format="storage" if has_body else None)
    assert_same([*named, *rest], wanted, all_streams()[stream].key)


def _read(site: Emulator, folder: Path, chosen: dict[str, Any]) -> Run:
    catalog = catalog_of(dict.fromkeys(SHARED_OUT, "full_refresh"))
    run = connector_for(site, folder).read(catalog, **chosen)
    assert run.returncode == 0
    return run
