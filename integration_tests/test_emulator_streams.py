"""Every stream's endpoints hold exactly its ground truth, read in the plainest way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import orjson
import pytest

from integration_tests.confluence_emulator import Emulator, SiteSpec
from integration_tests.confluence_emulator.truth import STREAMS
from integration_tests.confluence_emulator.visitor import Visitor
from integration_tests.plain_readers import ALL, READERS, Json

SPEC = SiteSpec(
    seed=2,
    spaces=5,
    pages=48,
    blog_posts=14,
    attachments=24,
    custom_content=16,
    footer_comments=48,
    inline_comments=20,
    labels=65,
    users=215,
    archived_page_share=0.2,
    trashed_page_share=0.15,
    restricted_share=0.25,
)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """An emulator that no test changes."""
    with Emulator(SPEC) as running:
        yield running


def counted(records: list[Json]) -> Counter[bytes]:
    return Counter(orjson.dumps(record, option=orjson.OPT_SORT_KEYS) for record in records)


@pytest.mark.parametrize("stream", STREAMS)
def test_the_endpoints_hold_exactly_the_truth(emulator: Emulator, stream: str) -> None:
    with Visitor(emulator) as visitor:
        records = READERS[stream](visitor)

    assert records
    assert counted(records) == counted(
        emulator.expected(stream, statuses=ALL, body_format="storage")
    )


def test_there_is_truth_for_nothing_else() -> None:
    assert set(READERS) == set(STREAMS)
    assert len(STREAMS) == 53


@pytest.mark.parametrize("stream", STREAMS)
def test_truth_of_some_spaces_is_part_of_the_truth(emulator: Emulator, stream: str) -> None:
    keys = [space["key"] for space in emulator.expected("space")]
    whole = counted(emulator.expected(stream))

    parts = [counted(emulator.expected(stream, space_keys=[key])) for key in keys]

    assert all(part <= whole for part in parts)
    everywhere = {"labels", "space_roles", "classification_levels", "group", "group_members"}
    everywhere |= {"users", "audit", "templates"}
    if stream in everywhere:
        assert all(part for part in parts)
    else:
        assert sum(parts, Counter()) == whole
        assert all(part != whole for part in parts)


def test_truth_of_some_statuses(emulator: Emulator) -> None:
    for stream in ("pages", "attachments", "page_labels", "page_footer_comments", "page_versions"):
        parts = [emulator.expected(stream, statuses=[status]) for status in ALL]
        assert all(parts), stream
        assert sum(map(len, parts)) == len(emulator.expected(stream, statuses=ALL))
    archived = {page["id"] for page in emulator.expected("pages", statuses=["archived"])}
    for stream in ("page_labels", "page_inline_comments", "page_views"):
        records = emulator.expected(stream, statuses=["archived"])
        assert {record["pageId"] for record in records} <= archived
