"""The cost preview against the requests that the emulator really receives.

This keeps the formulas next to the streams true.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from integration_tests.confluence_emulator import Emulator, Settings, SiteSpec
from integration_tests.conftest import connector_for, forked_for
from integration_tests.connector import Connector, Run, catalog_of
from integration_tests.truth import all_streams, expected

Json = dict[str, Any]

TOLERANCE, FEW = 0.15, 10
"""The preview may be wrong by 15 %, or by ten requests."""
MOST_REQUESTS = 40
"""What a preview of all streams costs at most."""
ROW = re.compile(r" *([\d,]+) +\S+ \S+ +([\d,]+) +\S+ \S+  (\S.*)")

STREAMS = all_streams()
SMALL = SiteSpec(spaces=6, pages=60, blog_posts=10, attachments=20)
LARGE = SiteSpec(
    spaces=20,
    pages=2_000,
    blog_posts=300,
    labels=700,
    attachments=600,
    footer_comments=900,
    inline_comments=400,
    groups=30,
    tasks=200,
    trashed_page_share=0,
)
MANY_LABELS = SiteSpec(spaces=4, pages=400, labels=600)
MANY_SPACES = SiteSpec(spaces=400, pages=400)
ARCHIVED = SiteSpec(spaces=20, pages=900, blog_posts=20, archived_page_share=0.4)


@dataclass(frozen=True)
class Preview:
    """What the command has printed."""

    text: str
    rows: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Requests of the first sync and of a later one, by what stands behind them."""

    @classmethod
    def of(cls, run: Run) -> Preview:
        assert run.returncode == 0, run.stderr
        text = run.stdout.decode()
        found = [match for line in text.splitlines() if (match := ROW.fullmatch(line))]
        number = {one[3]: (_number(one[1]), _number(one[2])) for one in found}
        assert len(number) == len(found)
        return cls(text, number)

    @property
    def totals(self) -> tuple[int, int]:
        return self.rows["total"]

    def row_of(self, *words: str) -> tuple[int, int]:
        """The only row of requests, not of a list, that names these streams."""
        (row,) = [
            row
            for name, row in self.rows.items()
            if set(words) <= set(re.findall(r"\w+", name))
            and not name.startswith("list ")
            and row[0]
        ]
        return row


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def preview(connector: Connector, catalog: Json | None, *options: str, **changes: Any) -> Preview:
    files = {"config": {**connector.config, **changes}} | ({"catalog": catalog} if catalog else {})
    arguments = [
        word
        for name, content in files.items()
        for word in (f"--{name}", connector.write(name, content))
    ]
    return Preview.of(connector.run("cost", *arguments, *options))


def modes(*names: str) -> dict[str, str]:
    """Every stream, or some: incremental where that is possible."""
    return {
        name: "incremental" if STREAMS[name].supports_incremental else "full_refresh"
        for name in names or STREAMS
    }


def assert_close(previewed: int, real: int) -> None:
    assert abs(previewed - real) <= max(FEW, TOLERANCE * real), f"{previewed} instead of {real}"


SHARED = tuple(sorted(STREAMS.keys() - {"page_watchers", "page_views", "group_members"}))
PER_PAGE = ("page_labels", "page_content_properties", "page_likes", "page_versions")


@pytest.mark.parametrize(
    ("spec", "streams", "config"),
    [
        pytest.param(SMALL, modes(), {}, id="small"),
        pytest.param(LARGE, modes(*SHARED), {}, id="many labels among 2,000 pages"),
        pytest.param(LARGE, modes(), {"space_keys": ["SP3"]}, id="one space"),
        pytest.param(
            LARGE,
            modes("pages", "page_labels", "page_versions", "page_restrictions", "users", "tasks"),
            {"body_format": "none"},
            id="without bodies",
        ),
        pytest.param(
            LARGE,
            modes("pages", *PER_PAGE, "attachment_versions", "inline_comment_likes"),
            {"excluded_space_keys": ["SP1", "SP2"]},
            id="but two spaces",
        ),
        pytest.param(
            LARGE,
            modes("pages", "blog_posts", "page_watchers", "page_footer_comments", "tasks"),
            {"cql": "space = SP3 or label = release"},
            id="by CQL",
        ),
        pytest.param(
            LARGE,
            dict.fromkeys(("pages", "page_likes", "page_versions", "audit"), "full_refresh"),
            {"content_statuses": ["current"]},
            id="full refresh",
        ),
        pytest.param(
            MANY_LABELS, modes("page_labels", "page_versions"), {}, id="more labels than pages"
        ),
        pytest.param(
            MANY_SPACES, modes("space", "space_labels", "templates", "pages"), {}, id="many spaces"
        ),
        pytest.param(
            ARCHIVED, modes("pages", "page_restrictions", "page_versions"), {}, id="archived"
        ),
    ],
)
def test_the_preview_is_close_to_what_a_first_and_a_later_sync_send(
    tmp_path: Path, spec: SiteSpec, streams: dict[str, str], config: Json
) -> None:
    with Emulator(spec) as emulator:
        connector = forked_for(emulator, tmp_path)
        catalog = catalog_of(streams)

        previewed = preview(connector, catalog, **config)

        assert len(emulator.requests) <= MOST_REQUESTS
        assert f"from {len(emulator.requests)} requests" in previewed.text
        assert previewed.totals == tuple(
            sum(row[n] for name, row in previewed.rows.items() if name != "total") for n in (0, 1)
        )
        emulator.requests.clear()
        first = connector.read(catalog, **config)
        assert first.returncode == 0
        assert_close(previewed.totals[0], len(emulator.requests))
        emulator.requests.clear()
        assert connector.read(catalog, first.states.values(), **config).returncode == 0
        assert_close(previewed.totals[1], len(emulator.requests))


def test_what_streams_share_is_one_row(tmp_path: Path) -> None:
    with Emulator(LARGE) as emulator:
        connector = forked_for(emulator, tmp_path)
        pages = len(expected(emulator, "pages"))

        together = preview(connector, catalog_of(modes(*PER_PAGE, "page_views")))
        alone = preview(connector, catalog_of(modes("page_likes")))

    assert_close(together.row_of(*PER_PAGE)[0], pages)
    assert_close(together.row_of("page_views")[0], pages)
    assert_close(together.totals[0], 2 * pages)
    assert_close(alone.row_of("page_likes")[0], pages)
    names = list(together.rows)
    assert names.index("page_views") <= 1, "the expensive ones come first"


def test_without_a_catalog_every_stream_is_named_or_counted(tmp_path: Path) -> None:
    with Emulator(SMALL) as emulator:
        previewed = preview(connector_for(emulator, tmp_path), None)

    named = set(re.findall(r"\w+", previewed.text))
    assert named >= set(STREAMS)


def test_a_preview_of_one_stream_needs_few_requests(tmp_path: Path) -> None:
    with Emulator(SMALL) as emulator:
        preview(forked_for(emulator, tmp_path), catalog_of(modes("page_views")))

        assert len(emulator.requests) <= 3


@pytest.mark.parametrize(
    ("config", "options", "rate"),
    [
        ({}, ["--requests-per-second", "2"], 2),
        ({"requests_per_second": 5}, [], 5),
        ({"requests_per_second": 5}, ["--requests-per-second", "4"], 4),
        ({"num_workers": 1}, [], 10),
        ({"num_workers": 2, "requests_per_second": 1000}, [], 20),
    ],
)
def test_the_time_follows_from_the_allowed_rate_or_the_measured_latency(
    tmp_path: Path, config: Json, options: list[str], rate: float
) -> None:
    with Emulator(SMALL, Settings(latency=0.1)) as emulator:
        previewed = preview(forked_for(emulator, tmp_path), None, *options, **config)

    (found,) = re.findall(r"at ([\d.]+) requests per second", previewed.text)
    assert rate * 0.6 <= float(found) <= rate
