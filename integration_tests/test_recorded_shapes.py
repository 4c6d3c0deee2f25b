"""The shapes that were recorded from real sites, and what the connector makes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from integration_tests.confluence_emulator import Emulator, Fault, SiteSpec
from integration_tests.conftest import connector_for, forked_for
from integration_tests.connector import Run, catalog_of
from integration_tests.truth import all_streams, assert_same, assert_valid, expected

Records = list[dict[str, Any]]
STREAMS = all_streams()


def is_open(comment: dict[str, Any]) -> bool:
    return bool(comment["resolutionStatus"] == "open")


SHAPES: list[tuple[str, str, Callable[[Records], bool]]] = [
    (
        "page_footer_comments",
        "have a resolution",
        lambda found: all("resolutionStatus" in one for one in found),
    ),
    (
        "page_inline_comments",
        "lack a modifier while they are open",
        lambda found: (
            any(map(is_open, found))
            and not any(is_open(one) and "resolutionLastModifiedAt" in one for one in found)
            and any("resolutionLastModifierId" in one for one in found)
        ),
    ),
    (
        "page_versions",
        "hold the page, with an empty body",
        lambda found: {str(one["page"].get("body")) for one in found if "page" in one} == {"{}"},
    ),
    (
        "attachment_versions",
        "hold the attachment",
        lambda found: any(one.get("attachment", {}).get("title") for one in found),
    ),
    (
        "page_versions",
        "have a step of the editor only where the version comes with the page",
        lambda found: all(("page" in one) != ("ncsStepVersion" in one) for one in found),
    ),
    (
        "audit",
        "can have an author without ids",
        lambda found: any("accountId" not in one["author"] for one in found),
    ),
    (
        "users",
        "can be of no known type",
        lambda found: {one["accountType"] for one in found} == {"atlassian", "app", ""},
    ),
    (
        "space_permissions",
        "can belong to a class of accounts",
        lambda found: (
            {one["principal"]["id"] for one in found if one["principal"]["type"] == "access-class"}
            == {"ALL_LICENSED_USERS", "ALL_PRODUCT_ADMINS"}
        ),
    ),
    (
        "space_permissions",
        "permit what no document knows",
        lambda found: (
            {one["operation"]["key"] for one in found}
            > {"manage_users", "archive_space", "export_content"}
        ),
    ),
    (
        "space",
        "lack a link to the icon rather than have an empty one",
        lambda found: {len(one["icon"]) for one in found} == {1, 2},
    ),
    (
        "attachments",
        "can lack a description of the type",
        lambda found: {"mediaTypeDescription" in one for one in found} == {True, False},
    ),
    (
        "attachments",
        "have links of two forms",
        lambda found: (
            {one["downloadLink"].split("/")[1] for one in found} == {"download", "rest"}
            and all(one["downloadLink"] == one["_links"]["download"] for one in found)
        ),
    ),
    (
        "pages",
        "link to a space's key and to their title",
        lambda found: (
            all(one["id"] in one["_links"]["webui"] for one in found)
            and any(one["_links"]["webui"].startswith("/spaces/SP0/pages/") for one in found)
        ),
    ),
    (
        "group",
        "link to themselves by name",
        lambda found: all(
            one["name"].split(" ")[0] in one["_links"]["self"] and "usageType" not in one
            for one in found
        ),
    ),
]


@pytest.fixture(scope="module")
def site() -> Iterator[Emulator]:
    """A site whose changes each test undoes."""
    with Emulator(SiteSpec(pages=150, users=120)) as running:
        yield running


@pytest.fixture(scope="module")
def run(site: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Run:
    streams = dict.fromkeys((name for name, _, _ in SHAPES), "full_refresh")
    return connector_for(site, tmp_path_factory.mktemp("shapes")).read(catalog_of(streams))


@pytest.mark.parametrize(
    ("stream", "shape"),
    [(stream, shape) for stream, _, shape in SHAPES],
    ids=[f"{stream} {what}" for stream, what, _ in SHAPES],
)
def test_a_recorded_shape_arrives(
    site: Emulator, run: Run, stream: str, shape: Callable[[Records], bool]
) -> None:
    body_format = "storage" if "body" in STREAMS[stream].get_json_schema()["properties"] else None

    assert run.statuses[stream] == "COMPLETE"
    assert shape(run.records[stream])
    assert_valid(stream, run.records[stream])
    wanted = expected(site, stream, body_format=body_format, named_by=run.statuses)
    assert_same(run.records[stream], wanted, STREAMS[stream].key)


@pytest.mark.parametrize("kind", ["next_header_only", "next_body_only", "next_null"])
def test_a_deprecation_in_the_link_header_is_no_next_page(
    site: Emulator, tmp_path: Path, kind: str
) -> None:
    site.faults.add(Fault("/inline-comments", kind, times=None))
    streams = ("page_inline_comments", "blog_post_inline_comments")

    run = forked_for(site, tmp_path).read(catalog_of(dict.fromkeys(streams, "full_refresh")))

    site.faults.clear()
    assert set(run.statuses.values()) == {"COMPLETE"}
    for stream in streams:
        assert_same(run.records[stream], expected(site, stream))


@pytest.mark.parametrize("path", ["user/current", "rest/api/search"])
def test_either_403_of_v1_means_bad_credentials(site: Emulator, tmp_path: Path, path: str) -> None:
    connector = forked_for(site, tmp_path)

    rejected = connector.check(api_token="wrong")
    site.faults.add(
        Fault(path, status=403, body='{"message":"Current user not permitted to use Confluence",'
              '"statusCode":403}', times=None)
    )  # fmt: skip
    not_permitted = connector.check(cql="label = x")

    site.faults.clear()
    assert rejected.connection_status["status"] == "FAILED"
    assert not_permitted.connection_status == rejected.connection_status


def test_a_page_that_is_missing_under_its_recorded_title_is_skipped(
    site: Emulator, tmp_path: Path
) -> None:
    page = site.expected("pages")[3]["id"]
    site.faults.add(
        Fault(
            f"/pages/{page}/likes",
            status=404,
            body='{"errors":[{"status":"404","code":"NOT_FOUND",'
            f'"title":"Could not find page with id [{page}]","detail":null}}]}}',
            times=None,
        )
    )

    run = forked_for(site, tmp_path).read(catalog_of({"page_likes": "full_refresh"}))

    site.faults.clear()
    assert run.statuses == {"page_likes": "COMPLETE"}
    wanted = [one for one in expected(site, "page_likes") if one["pageId"] != page]
    assert_same(run.records["page_likes"], wanted, STREAMS["page_likes"].key)
    assert len(run.logs_about(page)) == 1
