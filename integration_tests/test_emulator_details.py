"""Embedded lists, what a plan lacks, and what Atlassian's documents leave open."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

import pytest

from integration_tests.confluence_emulator import Emulator, SiteSpec
from integration_tests.confluence_emulator.client import V1, V2, EmulatorClient, ids, next_link
from integration_tests.confluence_emulator.generators.unlisted import NAMED_BY
from integration_tests.confluence_emulator.kinds import CUSTOM_TYPES, TYPE_NOT_IN_V2

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
    assert client.get(path, {"type": TYPE_NOT_IN_V2}).status_code == 400
    response = client.get(V1 + "content/search", {"cql": "type = zzz"})
    assert response.status_code == 400
    start, _, listed = response.json()["message"].partition("expected one of : [")
    assert start.endswith("Unsupported value for type, got : zzz, ")
    types = listed.removesuffix("]").split(", ")
    assert {"page", "blogpost", "attachment", *CUSTOM_TYPES, TYPE_NOT_IN_V2} <= set(types)


def test_a_raw_type_has_bodies_in_the_raw_format_only(client: EmulatorClient) -> None:
    raw, other = CUSTOM_TYPES[0], CUSTOM_TYPES[2]
    for app_type, body_format, has_body in [
        (raw, "raw", True),
        (raw, "storage", False),
        (raw, "atlas_doc_format", False),
        (other, "raw", False),
        (other, "storage", True),
    ]:
        query = {"type": app_type, "body-format": body_format}
        found = client.records(V2 + "custom-content", query)
        assert found
        assert all(bool(one["body"]) is has_body for one in found)
        single = client.content(
            f"{V2}custom-content/{found[0]['id']}", {"body-format": body_format}
        )
        assert bool(single["body"]) is has_body


def test_a_site_may_refuse_other_formats_and_hide_types_from_search() -> None:
    spec = SiteSpec(raw_bodies_refused=True, unindexed_type=CUSTOM_TYPES[2])
    with Emulator(spec) as emulator, EmulatorClient(emulator) as client:
        query = {"type": CUSTOM_TYPES[0], "body-format": "storage"}
        refused = client.get(V2 + "custom-content", query).status_code
        message = client.get(V1 + "content/search", {"cql": "type = zzz"}).json()["message"]

    assert refused == 400
    assert CUSTOM_TYPES[2] not in message
    assert CUSTOM_TYPES[0] in message


def test_the_user_search_says_nothing_of_the_rest_of_its_list(client: EmulatorClient) -> None:
    path, query = V1 + "search/user", {"cql": "type=user"}

    assert client.content(path, query)["size"] == 25
    first = client.content(path, {**query, "limit": 200})
    assert (first["limit"], first["size"], first["totalSize"], next_link(first)) == (
        200,
        100,
        100,
        None,
    )
    last = client.content(path, {**query, "limit": 200, "start": 200})
    assert last["size"] == last["totalSize"] == SPEC.users - 200
    assert client.content(path, {**query, "start": SPEC.users})["results"] == []
    assert client.get(path, {"cql": "type=page"}).status_code == 400
    assert client.get(V2 + "users-bulk").status_code == 404


def test_guests_are_found_on_request_and_deactivated_accounts_never(
    emulator: Emulator, client: EmulatorClient
) -> None:
    def found(**query: str) -> int:
        parameters = {"cql": "type=user", "limit": 100, "start": 200, **query}
        return len(client.content(V1 + "search/user", parameters)["results"])

    site = emulator.site
    assert len(site.unlisted.guests) == 3
    assert len(site.unlisted.deactivated) == len(NAMED_BY)
    assert found() == found(sitePermissionTypeFilter="none") == SPEC.users - 200
    assert found(sitePermissionTypeFilter="all") == SPEC.users - 200 + 3
    assert found(sitePermissionTypeFilter="externalCollaborator", start="0") == 3
    invalid = {"cql": "type=user", "sitePermissionTypeFilter": "some"}
    assert client.get(V1 + "search/user", invalid).status_code == 400


def test_only_the_stream_that_names_a_deactivated_account_adds_it(emulator: Emulator) -> None:
    streams = {
        "attachment": "attachments",
        "comment": "page_footer_comments",
        "like": "page_likes",
        "member": "group_members",
        "task": "tasks",
        "watcher": "page_watchers",
    }
    for name, person in zip(NAMED_BY, emulator.site.unlisted.deactivated, strict=True):
        without = set(streams.values()) - {streams[name]}
        assert person.account_id in accounts(emulator, [streams[name]])
        assert person.account_id not in accounts(emulator, without)


def accounts(emulator: Emulator, named_by: Collection[str]) -> set[str]:
    return {user["accountId"] for user in emulator.expected("users", named_by=named_by)}


def test_the_audit_log_has_a_row_more_than_its_limit_and_no_link(
    emulator: Emulator, client: EmulatorClient
) -> None:
    first = client.content(V1 + "audit", {"limit": 25})

    assert (first["limit"], first["size"], len(first["results"]), next_link(first)) == (
        25,
        26,
        26,
        None,
    )
    second = client.content(V1 + "audit", {"limit": 25, "start": 26})
    assert [*first["results"], *second["results"]] == emulator.expected("audit")[:52]


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
