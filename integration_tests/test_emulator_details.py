"""What belongs to content: embedded lists, filters, search, and what Atlassian leaves open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from integration_tests.confluence_emulator import Emulator, SiteSpec
from integration_tests.confluence_emulator.kinds import CUSTOM_TYPES
from integration_tests.confluence_emulator.visitor import V1, V2, Visitor, ids, next_link

SPEC = SiteSpec(seed=8, archived_page_share=0.15)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """An emulator that no test changes for others."""
    with Emulator(SPEC) as running:
        yield running


@pytest.fixture
def visitor(emulator: Emulator) -> Iterator[Visitor]:
    with Visitor(emulator) as visiting:
        yield visiting


def rich(emulator: Emulator, stream: str) -> str:
    """Return the object that has more of everything than fits: the first that is current."""
    return next(str(one["id"]) for one in emulator.expected(stream) if one["status"] == "current")


def test_the_site_is_rich(emulator: Emulator, visitor: Visitor) -> None:
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
    popular = ids(visitor.records(V2 + "labels"))[0]
    assert len(visitor.records(f"{V2}labels/{popular}/pages", {"limit": 250})) > 250
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
def test_an_embedded_list_goes_on_at_its_own_endpoint(
    emulator: Emulator, visitor: Visitor, path: str, stream: str, name: str
) -> None:
    number = rich(emulator, stream)

    embedded = visitor.content(f"{V2}{path}/{number}", {f"include-{name}": "true"})[name]

    assert len(embedded["results"]) == 50
    assert embedded["meta"]["hasMore"] is True
    rest = visitor.records(embedded["_links"]["self"], {"cursor": embedded["meta"]["cursor"]})
    whole = visitor.records(embedded["_links"]["self"])
    assert len(rest) == 10
    found = [*embedded["results"], *rest]
    key = {"versions": "number", "likes": "accountId"}.get(name, "id")
    assert [one[key] for one in found] == [one[key] for one in whole]


def test_an_embedded_list_that_fits(emulator: Emulator, visitor: Visitor) -> None:
    number = emulator.expected("pages")[-1]["id"]
    asked = {"include-labels": "true", "include-versions": "true", "include-version": "false"}

    page = visitor.content(f"{V2}pages/{number}", asked)

    assert page["labels"]["meta"] == {"hasMore": False, "cursor": None}
    assert "page" not in page["versions"]["results"][0]
    assert "properties" not in page
    assert "version" not in page
    assert visitor.get(f"{V2}pages/{number}", {"include-labels": "yes"}).status_code == 400


def test_parts_of_nothing_are_not_found(visitor: Visitor) -> None:
    for path in ("pages/1/labels", "attachments/5/versions", "comments/1/properties", "spaces/1"):
        response = visitor.get(V2 + path)
        assert response.status_code == 404
        assert "not found" in response.json()["errors"][0]["title"]
    assert visitor.get(V2 + "labels/1/pages").status_code == 404
    assert visitor.get(V1 + "content/1/restriction/byOperation").status_code == 404
    assert visitor.content(V1 + "group/nothing/membersByGroupId")["results"] == []


def test_custom_content_needs_a_known_type(visitor: Visitor) -> None:
    path = V2 + "custom-content"

    assert visitor.get(path).status_code == 400
    assert visitor.get(path, {"type": "ac:unknown"}).status_code == 404
    assert visitor.records(path, {"type": CUSTOM_TYPES[-1]}) == []
    message = visitor.get(V1 + "content/search", {"cql": "type = zzz"}).json()["message"]
    assert all(app_type in message for app_type in CUSTOM_TYPES)
    everything = visitor.records(path, {"type": CUSTOM_TYPES[1]})
    one = everything[0]
    filters = {"type": CUSTOM_TYPES[1], "space-id": one["spaceId"], "id": one["id"]}
    assert visitor.records(path, filters) == [one]


def moment(iso: str) -> int:
    return round(datetime.fromisoformat(iso.replace("Z", "+00:00")).timestamp() * 1000)


@pytest.mark.parametrize(
    ("query", "selected"),
    [
        ({"status": "complete"}, lambda task: task["status"] == "complete"),
        ({"include-blank-tasks": "false"}, lambda task: task["body"]["storage"]["value"]),
        ({"include-blank-tasks": "true"}, lambda _: True),
        ({"due-at-from": 0}, lambda task: task["dueAt"]),
        ({"completed-at-to": 2**50}, lambda task: task["completedAt"]),
    ],
)
def test_filters_of_tasks(
    emulator: Emulator, visitor: Visitor, query: dict[str, object], selected: Any
) -> None:
    everything = emulator.expected("tasks", body_format="storage")

    found = visitor.records(V2 + "tasks", {**query, "body-format": "storage"})

    assert found == [task for task in everything if selected(task)]
    assert found


def test_tasks_by_ids_and_times(emulator: Emulator, visitor: Visitor) -> None:
    tasks = emulator.expected("tasks")
    chosen = [task for task in tasks if "pageId" in task][:3]
    assigned = next(task["assignedTo"] for task in tasks if task["assignedTo"])
    times = sorted(moment(task["createdAt"]) for task in tasks)
    spaces = {task["spaceId"] for task in chosen}

    def found(**query: object) -> list[str]:
        parameters = {name.replace("_", "-"): value for name, value in query.items()}
        return ids(visitor.records(V2 + "tasks", parameters))

    pages = {task["pageId"] for task in chosen}
    assert found(page_id=",".join(pages)) == ids([t for t in tasks if t.get("pageId") in pages])
    assert found(task_id=",".join(ids(chosen))) == ids(chosen)
    assert found(space_id=",".join(spaces)) == ids([t for t in tasks if t["spaceId"] in spaces])
    assert found(assigned_to=assigned) == ids([t for t in tasks if t["assignedTo"] == assigned])
    between = found(created_at_from=times[10], created_at_to=times[20])
    assert len(between) == 11
    assert visitor.get(V2 + "tasks", {"created-at-from": "2024-01-01"}).status_code == 400


def test_users_are_paged_without_a_link(visitor: Visitor) -> None:
    first = visitor.content(V1 + "search/user", {"cql": "type=user"})

    assert first["totalSize"] == SPEC.users
    assert (first["size"], next_link(first)) == (25, None)
    assert visitor.get(V1 + "search/user", {"cql": "type=page"}).status_code == 400
    assert visitor.get(V2 + "users-bulk").status_code == 404


def test_members_tell_their_total_on_demand(emulator: Emulator, visitor: Visitor) -> None:
    path = f"{V1}group/{emulator.site.groups[0].id}/membersByGroupId"

    assert "totalSize" not in visitor.content(path)
    assert visitor.content(path, {"shouldReturnTotalSize": "true"})["totalSize"] > 200


def test_global_blueprints_are_inherited(emulator: Emulator, visitor: Visitor) -> None:
    keys = [space["key"] for space in emulator.expected("space")]
    inherited = {one["templateId"] for one in visitor.records(V1 + "template/blueprint")}

    for key in keys:
        in_space = visitor.records(V1 + "template/blueprint", {"spaceKey": key})
        assert {one["templateId"] for one in in_space} >= inherited
        own = visitor.records(V1 + "template/page", {"spaceKey": key})
        assert {one["space"]["key"] for one in own} <= {key}
    assert inherited
    assert visitor.get(V1 + "template/page", {"spaceKey": "NO"}).status_code == 404


def test_a_plan_without_features(emulator: Emulator, visitor: Visitor) -> None:
    page = rich(emulator, "pages")
    space = emulator.expected("space")[0]["id"]
    statuses = {
        f"{V1}analytics/content/{page}/views": 403,
        V2 + "classification-levels": 404,
        V2 + "space-roles": 404,
        f"{V2}spaces/{space}/role-assignments": 404,
        f"{V2}spaces/{space}/permissions": 200,
    }

    emulator.lack(["analytics", "classification", "roles"])
    found = {path: visitor.get(path).status_code for path in statuses}
    mode = visitor.content(V2 + "space-role-mode")
    emulator.lack([])

    assert found == statuses
    assert mode == {"mode": "PRE_ROLES"}
    assert visitor.content(V2 + "space-role-mode") == {"mode": "ROLES"}
    assert {visitor.get(path).status_code for path in statuses} == {200}


def test_what_atlassian_leaves_open() -> None:
    spec = replace(
        SPEC,
        replies_left_out=True,
        trash_left_out_of_comments=True,
        archived_left_out_of_labels=True,
        archived_spaces_hidden_from_search=True,
    )
    with Emulator(spec) as emulator, Visitor(emulator) as visitor:
        comments = visitor.records(V2 + "footer-comments")
        popular = ids(visitor.records(V2 + "labels"))[0]
        labelled = visitor.records(f"{V2}labels/{popular}/pages")
        query = {"cql": "type = page", "limit": 250}
        found = visitor.records(V1 + "search", query)
        more = visitor.records(V1 + "search", {**query, "includeArchivedSpaces": "true"})
        answered = next(
            one for one in emulator.expected("page_footer_comments") if "parentCommentId" in one
        )
        parent = answered["parentCommentId"]
        replies = visitor.records(f"{V2}footer-comments/{parent}/children")

    assert not any("parentCommentId" in one for one in comments)
    assert {one["status"] for one in comments} == {"current", "archived"}
    assert {one["status"] for one in labelled} == {"current"}
    assert answered["id"] in ids(replies)
    assert len(more) > len(found)
