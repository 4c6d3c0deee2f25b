"""Embedded lists, what a plan lacks, and what Atlassian's documents leave open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from integration_tests.confluence_emulator import Emulator, SiteSpec
from integration_tests.confluence_emulator.client import V1, V2, EmulatorClient, ids, next_link
from integration_tests.confluence_emulator.kinds import CUSTOM_TYPES

SPEC = SiteSpec(seed=8, archived_page_share=0.15)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """An emulator whose changes each test undoes."""
    with Emulator(SPEC) as running:
        yield running


@pytest.fixture
def client(emulator: Emulator) -> Iterator[EmulatorClient]:
    with EmulatorClient(emulator) as visiting:
        yield visiting


def rich(emulator: Emulator, stream: str) -> str:
    """Return the first current object: it has more of everything than fits on a page."""
    return next(str(one["id"]) for one in emulator.expected(stream) if one["status"] == "current")


def test_the_site_is_rich(emulator: Emulator, client: EmulatorClient) -> None:
    for stream, parent, field in (
        ("page_labels", "pages", "pageId"),
        ("blog_post_labels", "blog_posts", "blogPostId"),
        ("attachment_labels", "attachments", "attachmentId"),
        ("custom_content_labels", "custom_content", "customContentId"),
        ("page_content_properties", "pages", "pageId"),
        ("page_versions", "pages", "pageId"),
        ("page_likes", "pages", "pageId"),
    ):
        number = rich(emulator, parent)
        records = [one for one in emulator.expected(stream) if one[field] == number]
        assert len(records) > 50, stream
    popular = ids(client.records(V2 + "labels"))[0]
    assert len(client.records(f"{V2}labels/{popular}/pages", {"limit": 250})) > 250
    comments = emulator.expected("page_footer_comments")
    parents = {one.get("parentCommentId") for one in comments}
    assert any(one["id"] in parents and "parentCommentId" in one for one in comments), "nested"
    assert {one["resolutionStatus"] for one in emulator.expected("page_inline_comments")} >= {
        "open",
        "resolved",
    }
    assert len({label["prefix"] for label in emulator.expected("labels")}) == 3
    values = {type(one["value"]) for one in emulator.expected("page_content_properties")}
    assert values >= {str, int, list, dict, bool, type(None)}
    assert {page["parentType"] for page in emulator.expected("pages")} >= {"folder", "whiteboard"}


@pytest.mark.parametrize("name", ["labels", "properties", "versions", "likes"])
@pytest.mark.parametrize(("path", "stream"), [("pages", "pages"), ("blogposts", "blog_posts")])
def test_an_embedded_list_continues_at_its_own_endpoint(
    emulator: Emulator, client: EmulatorClient, path: str, stream: str, name: str
) -> None:
    number = rich(emulator, stream)

    embedded = client.content(f"{V2}{path}/{number}", {f"include-{name}": "true"})[name]

    assert len(embedded["results"]) == 50
    assert embedded["meta"]["hasMore"] is True
    itself = embedded["_links"]["self"]
    assert itself.startswith("/api/v2/")
    rest = client.records("/wiki" + itself, {"cursor": embedded["meta"]["cursor"]})
    whole = client.records("/wiki" + itself)
    assert len(rest) == 10
    found = [*embedded["results"], *rest]
    key = {"versions": "number", "likes": "accountId"}.get(name, "id")
    assert [one[key] for one in found] == [one[key] for one in whole]


def test_parts_of_nothing_are_not_found(client: EmulatorClient) -> None:
    titles = {
        "pages/1": "Cannot find a page with id [1]",
        "pages/1/children": "Cannot find a page with id [1]",
        "pages/1/direct-children": "Cannot find [page] entity with id [1]",
        "pages/1/labels": "Could not find page with id [1]",
        "folders/1": "Content with id: [1] not found",
        "attachments/5/versions": "Content with id: [5] not found",
        "comments/1/properties": "Content with id: [1] not found",
        "spaces/1": "Space with id 1 not found",
    }
    for path, title in titles.items():
        response = client.get(V2 + path)
        (error,) = response.json()["errors"]
        assert (response.status_code, error["title"]) == (404, title)
        assert error["status"] == ("404" if title.startswith("Content") else 404)
    assert client.get(V2 + "labels/1/pages").status_code == 404
    assert client.get(V1 + "content/1/restriction/byOperation").status_code == 404
    assert client.content(V1 + "group/nothing/membersByGroupId")["results"] == []


def test_custom_content_needs_a_known_type(client: EmulatorClient) -> None:
    path = V2 + "custom-content"

    assert client.get(path).status_code == 400
    assert client.get(path, {"type": "ac:unknown"}).status_code == 404
    assert client.records(path, {"type": CUSTOM_TYPES[-1]}) == []
    message = client.get(V1 + "content/search", {"cql": "type = zzz"}).json()["message"]
    assert all(app_type in message for app_type in CUSTOM_TYPES)


def test_users_are_paged_without_a_link(client: EmulatorClient) -> None:
    first = client.content(V1 + "search/user", {"cql": "type=user"})

    assert first["totalSize"] == SPEC.users
    assert (first["size"], next_link(first)) == (25, None)
    assert client.get(V1 + "search/user", {"cql": "type=page"}).status_code == 400
    assert client.get(V2 + "users-bulk").status_code == 404


def test_a_plan_without_features(emulator: Emulator, client: EmulatorClient) -> None:
    page = rich(emulator, "pages")
    space = emulator.expected("space")[0]["id"]
    statuses = {
        f"{V1}analytics/content/{page}/views": 403,
        V2 + "classification-levels": 404,
        V2 + "space-roles": 404,
        f"{V2}spaces/{space}/role-assignments": 404,
        f"{V2}spaces/{space}/permissions": 200,
    }

    emulator.remove_features(["analytics", "classification", "roles"])
    found = {path: client.get(path).status_code for path in statuses}
    mode = client.content(V2 + "space-role-mode")
    emulator.remove_features([])

    assert found == statuses
    assert mode == {"mode": "PRE_ROLES"}
    assert client.content(V2 + "space-role-mode") == {"mode": "ROLES"}
    assert {client.get(path).status_code for path in statuses} == {200}


def test_what_atlassian_leaves_open() -> None:
    spec = replace(
        SPEC,
        replies_left_out=True,
        trash_left_out_of_comments=True,
        archived_left_out_of_labels=True,
        archived_spaces_hidden_from_search=True,
    )
    with Emulator(spec) as emulator, EmulatorClient(emulator) as client:
        comments = client.records(V2 + "footer-comments")
        popular = ids(client.records(V2 + "labels"))[0]
        labelled = client.records(f"{V2}labels/{popular}/pages")
        query = {"cql": "type = page", "limit": 250}
        found = client.records(V1 + "search", query)
        more = client.records(V1 + "search", {**query, "includeArchivedSpaces": "true"})
        answered = next(
            one for one in emulator.expected("page_footer_comments") if "parentCommentId" in one
        )
        parent = answered["parentCommentId"]
        replies = client.records(f"{V2}footer-comments/{parent}/children")

    assert not any("parentCommentId" in one for one in comments)
    assert {one["status"] for one in comments} == {"current", "archived"}
    assert {one["status"] for one in labelled} == {"current"}
    assert answered["id"] in ids(replies)
    assert len(more) > len(found)
