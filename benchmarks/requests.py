"""The number of requests of a full sync, compared with one request per parent and child list."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import ceil

from benchmarks.measure import Bench, BenchmarkError
from benchmarks.report import Section, Target
from integration_tests.confluence_emulator import EmulatorProcess, SiteSpec
from integration_tests.connector import Connector, Run, catalog_of
from integration_tests.truth import all_streams
from source_confluence.streams.retrievers.per_parent import PerParent

SPACES, PAGES, BLOG_POSTS, ATTACHMENTS, COMMENTS, LABELS = 60, 10_000, 1_000, 5_000, 20_000, 500
SITE = SiteSpec(
    spaces=SPACES,
    pages=PAGES,
    blog_posts=BLOG_POSTS,
    attachments=ATTACHMENTS,
    footer_comments=COMMENTS * 4 // 5,
    inline_comments=COMMENTS // 5,
    labels=LABELS,
    archived_page_share=0,
    trashed_page_share=0,
    trashed_blog_post_share=0,
    removed_attachment_share=0,
)
LISTED_BY_SLING = (
    *("space", "space_labels", "space_permissions", "space_properties"),
    *("pages", "child_pages", "page_labels", "page_versions"),
    *("page_footer_comments", "page_inline_comments"),
    *("blog_posts", "blog_post_labels", "blog_post_versions"),
    *("blog_post_footer_comments", "blog_post_inline_comments"),
    *("attachments", "attachment_labels", "attachment_versions"),
    *("tasks", "custom_content", "group"),
)
CONTENT_PROPERTIES = (
    "page_content_properties",
    "blog_post_content_properties",
    "attachment_content_properties",
)
PAGE_SIZE, PAGE_SIZES = 250, {"group": 200}
PARENTS = {"pages": PAGES, "blog_posts": BLOG_POSTS, "attachments": ATTACHMENTS, "space": SPACES}
PER_PARENT = {"child_pages": PAGES, "page_footer_comments": PAGES, "page_inline_comments": PAGES}
PER_PARENT |= {"blog_post_footer_comments": BLOG_POSTS, "blog_post_inline_comments": BLOG_POSTS}
EDITED, COMMENTED, REPLACED = 20, 10, 5
ROW = re.compile(r"(\w+) +[\d,]+ records? +([\d,]+) requests? ")
"""How a row of the table begins that the connector logs at its end."""


@dataclass(frozen=True)
class Cost:
    """The requests of one sync."""

    requests: int
    by_stream: dict[str, int]
    run: Run


def requests(bench: Bench, _divisor: int) -> Section:
    """Return the table of requests: without and with content properties, then incremental."""
    with EmulatorProcess(SITE) as emulator:
        bench.folder.mkdir(parents=True, exist_ok=True)
        connector = Connector(bench.folder, _config(emulator))
        without = _sync(emulator, connector, LISTED_BY_SLING)
        everything = _sync(emulator, connector, (*LISTED_BY_SLING, *CONTENT_PROPERTIES))
        _change(emulator, without.run)
        later = _sync(emulator, connector, _incremental(), without.run)
    names = (*LISTED_BY_SLING, *CONTENT_PROPERTIES)
    naive = {name: _one_for_each(name, everything.run) for name in names}
    naive_without = sum(naive[name] for name in LISTED_BY_SLING)
    rows = [
        (
            name,
            f"{len(everything.run.records[name]):,}",
            f"{naive[name]:,}",
            f"{without.by_stream.get(name, 0):,}" if name in LISTED_BY_SLING else "",
            f"{everything.by_stream.get(name, 0):,}",
        )
        for name in names
    ]
    rows.append(
        (
            "total",
            f"{sum(map(len, everything.run.records.values())):,}",
            f"{sum(naive.values()):,}",
            f"{without.requests:,}",
            f"{everything.requests:,}",
        )
    )
    return Section(
        "Requests",
        f"A full sync of the 24 objects that Sling lists, on a site of {PAGES:,} pages, "
        f"{BLOG_POSTS:,} blog posts, {ATTACHMENTS:,} attachments, {COMMENTS:,} comments, {SPACES} "
        f"spaces and {LABELS} labels, where half of the pages, 60 % of the blog posts and 95 % of "
        "the attachments are at version 1. Naive means one request per parent and list. What "
        "several streams share counts for the first of them that needs it.",
        ("stream", "records", "naive", "without properties", "with properties"),
        rows,
        (
            Target(
                "Requests without content properties, relative to naive",
                without.requests / naive_without,
                1 / 8,
                is_upper=True,
            ),
            Target(
                "Requests with content properties, relative to naive",
                everything.requests / sum(naive.values()),
                1 / 4,
                is_upper=True,
            ),
            Target(
                f"The incremental streams after {EDITED} edits, {COMMENTED} comments and "
                f"{REPLACED} attachments",
                later.requests,
                60,
                is_upper=True,
                unit=" requests",
            ),
        ),
    )


def _config(emulator: EmulatorProcess) -> dict[str, str]:
    return {"domain_name": emulator.url, "email": emulator.email, "api_token": emulator.token}


def _incremental() -> tuple[str, ...]:
    streams = all_streams()
    return tuple(name for name in LISTED_BY_SLING if streams[name].supports_incremental)


def _sync(
    emulator: EmulatorProcess,
    connector: Connector,
    names: tuple[str, ...],
    after: Run | None = None,
) -> Cost:
    emulator.reset()
    incremental = _incremental()
    modes = {n: "incremental" if n in incremental else "full_refresh" for n in names}
    states = [after.states[name] for name in names] if after else None
    run = connector.read(catalog_of(modes), states)
    if run.returncode != 0:
        raise BenchmarkError(f"The sync failed: {run.errors}")
    by_stream = {
        found[1]: int(found[2].replace(",", ""))
        for log in run.logs
        if (found := ROW.search(log)) and found[1] != "total"
    }
    return Cost(len(emulator.requests), by_stream, run)


def _change(emulator: EmulatorProcess, run: Run) -> None:
    pages = [page["id"] for page in run.records["pages"]]
    for page_id in pages[:: len(pages) // EDITED][:EDITED]:
        emulator.mutate("edit", kind="page", content_id=page_id)
    for page_id in pages[:COMMENTED]:
        emulator.mutate("comment", container_kind="page", container_id=page_id)
    for attachment in run.records["attachments"][:REPLACED]:
        emulator.mutate("edit", kind="attachment", content_id=attachment["id"])


def _one_for_each(name: str, run: Run) -> int:
    """Return the requests of a stream with one request per parent, or per page of results."""
    retriever = all_streams()[name].cloud
    if name in PER_PARENT:
        return PER_PARENT[name]
    if isinstance(retriever, PerParent):
        return sum(PARENTS[kind.name] for kind in retriever.kinds)
    return max(1, ceil(len(run.records[name]) / PAGE_SIZES.get(name, PAGE_SIZE)))
