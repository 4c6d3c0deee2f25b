"""A site with at least one record of every stream."""

from __future__ import annotations

from typing import Any

from source_confluence.streams import STREAMS
from source_confluence.streams.retrievers.whole_list import WholeList
from unit_tests.fake_site import FakeSite, Json, page

WHEN = "2025-05-20T00:00:00.000Z"
TYPE = "ac:com.example.app:diagram"
TREE = ("whiteboard", "database", "folder", "embed")


def fill(site: FakeSite) -> FakeSite:
    """Add content, people, and settings to an empty site."""
    site.pages = [
        page(1, WHEN, authorId="b", version=version(2)),
        page(2, WHEN, status="archived", parentId="1", parentType="page"),
    ]
    site.blogposts = [page(3, WHEN)]
    site.custom_types = [TYPE]
    site.lists["attachments"] = [content(4, pageId="1")]
    site.lists["custom-content"] = [content(5, type=TYPE, spaceId="1", pageId="1")]
    containers = {"pageId": "1", "blogPostId": "3", "attachmentId": "4", "customContentId": "5"}
    site.lists["footer-comments"] = [
        content(20 + number, **{field: container})
        for number, (field, container) in enumerate(containers.items())
    ]
    site.lists["inline-comments"] = [content(31, pageId="1"), content(32, blogPostId="3")]
    for number, kind in enumerate(TREE, start=6):
        site.found[f"type={kind}"] = [{"id": str(number)}]
        site.lists[f"{kind}s"] = [content(number, spaceId="1")]
    task = {"id": "10", "spaceId": "1", "pageId": "1", "createdAt": WHEN, "updatedAt": WHEN}
    site.lists["tasks"] = [task]
    site.lists["labels"] = [{"id": "7", "name": "seven"}]
    for parent in PARENTS:
        add_children(site, parent)
    add_settings(site)
    return site


PARENTS = (
    "spaces/1",
    "pages/1",
    "pages/2",
    "blogposts/3",
    "attachments/4",
    "custom-content/5",
    "comments/20",
    "footer-comments/20",
    "inline-comments/31",
)


def add_children(site: FakeSite, parent: str) -> None:
    """Add one element to every list that any parent has."""
    site.lists[f"{parent}/labels"] = [{"id": "7", "name": "seven"}]
    site.lists[f"{parent}/properties"] = [{"id": "8", "key": "k"}]
    site.lists[f"{parent}/likes/users"] = [{"accountId": "a"}]
    site.lists[f"{parent}/versions"] = [version(2), version(1)]


def add_settings(site: FakeSite) -> None:
    """Add what belongs to the site or its space, and who may do what."""
    site.groups = [{"id": "g1"}]
    site.lists["group/g1/membersByGroupId"] = [{"accountId": "a"}]
    site.lists["search/user"] = [{"user": {"accountId": "a"}}]
    site.users = [{"accountId": "b"}]
    site.audit = [{"creationDate": 1747699200000}]
    site.lists["spaces/1/permissions"] = [{"id": "1"}]
    site.lists["spaces/1/role-assignments"] = [{"roleId": "1", "principal": None}]
    for stream in STREAMS:
        endpoint = stream.cloud.endpoints[0].split(" ")[1]
        if isinstance(stream.cloud, WholeList) and not site.lists[endpoint]:
            site.lists[endpoint] = [{"id": "1"}]
    site.lists["space/S1/watch"] = [{"watcher": {"accountId": "a"}}]
    site.lists["content/1/notification/child-created"] = [{"watcher": {"accountId": "a"}}]
    site.entities["classification-levels"] = [{"id": "1"}]  # type: ignore[assignment]
    site.lists["template/page"] = [{"templateId": "t1"}]
    for content_id in ("1", "3"):
        site.restrictions[content_id] = {"read": {"user": [{"accountId": "a"}]}}


def content(content_id: int, **more: Any) -> Json:
    """Return current content at version 2."""
    return {"id": str(content_id), "status": "current", "version": version(2), **more}


def version(number: int) -> Json:
    """Return a version of content."""
    return {"number": number, "createdAt": WHEN}
