"""Every stream read from an emulator in the plainest way: one list, or one request per parent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from integration_tests.confluence_emulator.kinds import CUSTOM_TYPES
from integration_tests.confluence_emulator.visitor import V1, V2, Visitor, ids

Json = dict[str, Any]
Reader = Callable[[Visitor], list[Json]]

ALL = ("current", "archived", "trashed")
BODY: dict[str, object] = {"body-format": "storage"}
EXPANDED = {"expand": "restrictions.user,restrictions.group"}
BY_PARENT = {
    "page_labels": ("pages", "pages/{}/labels", "pageId"),
    "blog_post_labels": ("blog_posts", "blogposts/{}/labels", "blogPostId"),
    "attachment_labels": ("attachments", "attachments/{}/labels", "attachmentId"),
    "custom_content_labels": ("custom_content", "custom-content/{}/labels", "customContentId"),
    "space_labels": ("space", "spaces/{}/labels", "spaceId"),
    "page_versions": ("pages", "pages/{}/versions", "pageId"),
    "blog_post_versions": ("blog_posts", "blogposts/{}/versions", "blogPostId"),
    "attachment_versions": ("attachments", "attachments/{}/versions", "attachmentId"),
    "custom_content_versions": ("custom_content", "custom-content/{}/versions", "customContentId"),
    "page_content_properties": ("pages", "pages/{}/properties", "pageId"),
    "blog_post_content_properties": ("blog_posts", "blogposts/{}/properties", "blogPostId"),
    "attachment_content_properties": ("attachments", "attachments/{}/properties", "attachmentId"),
    "custom_content_content_properties": (
        "custom_content",
        "custom-content/{}/properties",
        "customContentId",
    ),
    "space_properties": ("space", "spaces/{}/properties", "spaceId"),
    "space_permissions": ("space", "spaces/{}/permissions", "spaceId"),
    "page_likes": ("pages", "pages/{}/likes/users", "pageId"),
    "blog_post_likes": ("blog_posts", "blogposts/{}/likes/users", "blogPostId"),
}
BY_COMMENT = {
    "footer_comment_versions": ("footer-comments", "footer-comments/{}/versions"),
    "inline_comment_versions": ("inline-comments", "inline-comments/{}/versions"),
    "footer_comment_likes": ("footer-comments", "footer-comments/{}/likes/users"),
    "inline_comment_likes": ("inline-comments", "inline-comments/{}/likes/users"),
}
COMMENTS = {
    "page_footer_comments": ("footer-comments", "pageId"),
    "blog_post_footer_comments": ("footer-comments", "blogPostId"),
    "attachment_footer_comments": ("footer-comments", "attachmentId"),
    "custom_content_footer_comments": ("footer-comments", "customContentId"),
    "page_inline_comments": ("inline-comments", "pageId"),
    "blog_post_inline_comments": ("inline-comments", "blogPostId"),
}
LISTS: dict[str, tuple[str, dict[str, object]]] = {
    "pages": (V2 + "pages", {**BODY, "status": ",".join(ALL)}),
    "blog_posts": (V2 + "blogposts", {**BODY, "status": "current,trashed"}),
    "attachments": (V2 + "attachments", {"status": ",".join(ALL)}),
    "tasks": (V2 + "tasks", BODY),
    "labels": (V2 + "labels", {}),
    "space_roles": (V2 + "space-roles", {}),
    "group": (V1 + "group", {}),
    "audit": (V1 + "audit", {}),
}


def spaces(visitor: Visitor) -> list[Json]:
    extra = {"description-format": "plain", "include-icon": "true"}
    return [
        space
        for status in ("current", "archived")
        for space in visitor.records(V2 + "spaces", {"status": status, **extra})
    ]


def custom_content(visitor: Visitor) -> list[Json]:
    return [
        custom
        for app_type in CUSTOM_TYPES
        for custom in visitor.records(V2 + "custom-content", {"type": app_type, **BODY})
    ]


def listed(stream: str) -> Reader:
    path, query = LISTS[stream]
    return lambda visitor: visitor.records(path, query)


PARENTS: dict[str, Reader] = {
    **{stream: listed(stream) for stream in LISTS},
    "space": spaces,
    "custom_content": custom_content,
}


def by_parent(parent: str, path: str, field: str) -> Reader:
    return lambda visitor: [
        {field: one["id"], **record}
        for one in PARENTS[parent](visitor)
        for record in visitor.records(V2 + path.format(one["id"]), {"limit": 55})
    ]


def by_comment(comments: str, path: str) -> Reader:
    return lambda visitor: [
        {"commentId": number, **record}
        for number in ids(visitor.records(V2 + comments))
        for record in visitor.records(V2 + path.format(number))
    ]


def comment_properties(visitor: Visitor) -> list[Json]:
    return [
        {"commentId": number, **record}
        for comments in ("footer-comments", "inline-comments")
        for number in ids(visitor.records(V2 + comments))
        for record in visitor.records(f"{V2}comments/{number}/properties")
    ]


def comments_on(path: str, field: str) -> Reader:
    return lambda visitor: [one for one in visitor.records(V2 + path, BODY) if field in one]


def tree(kind: str, path: str) -> Reader:
    def read(visitor: Visitor) -> list[Json]:
        found = visitor.records(V1 + "content/search", {"cql": f"type = {kind}", "limit": 3})
        records = [visitor.content(f"{V2}{path}/{number}") for number in ids(found)]
        for record in records:
            del record["_links"]["base"]
        return records

    return read


def child_pages(visitor: Visitor) -> list[Json]:
    return [
        {"parentId": number, **child}
        for number in ids(PARENTS["pages"](visitor))
        for child in visitor.records(f"{V2}pages/{number}/direct-children")
        if child["type"] == "page"
    ]


def restrictions(parent: str, field: str) -> Reader:
    def read(visitor: Visitor) -> list[Json]:
        found = []
        for number in ids(PARENTS[parent](visitor)):
            for operation in ("read", "update"):
                path = f"{V1}content/{number}/restriction/byOperation/{operation}"
                answer = visitor.content(path, EXPANDED)
                found += restricted(answer, {field: number})
                if answer["restrictions"]["user"]["size"] == 100:
                    answer = visitor.content(path, {**EXPANDED, "start": 100})
                    found += restricted(answer, {field: number})
        return found

    return read


def restricted(answer: Json, parent: Json) -> list[Json]:
    return [
        {
            **parent,
            "operation": answer["operation"],
            "principalType": principal,
            "principalId": one[key],
            principal: one,
        }
        for principal, key in (("user", "accountId"), ("group", "id"))
        for one in answer["restrictions"][principal]["results"]
    ]


def role_assignments(visitor: Visitor) -> list[Json]:
    path = V2 + "spaces/{}/role-assignments"
    return [
        {"spaceId": number, **record["principal"], **record}
        for number in ids(spaces(visitor))
        for record in visitor.records(path.format(number))
    ]


def classification_levels(visitor: Visitor) -> list[Json]:
    levels: list[Json] = visitor.get(V2 + "classification-levels").json()
    return levels


def group_members(visitor: Visitor) -> list[Json]:
    return [
        {"groupId": number, **member}
        for number in ids(visitor.records(V1 + "group"))
        for member in visitor.records(f"{V1}group/{number}/membersByGroupId")
    ]


def users(visitor: Visitor) -> list[Json]:
    found: list[Json] = []
    while True:
        query = {"cql": "type=user", "limit": 100, "start": len(found)}
        page = visitor.content(V1 + "search/user", query)
        if not page["results"]:
            break
        found += [row["user"] for row in page["results"]]
    known = {user["accountId"] for user in found}
    seen = {page["authorId"] for page in PARENTS["pages"](visitor)} - known
    found += visitor.post(V2 + "users-bulk", {"accountIds": sorted(seen)})["results"]
    return found


def templates(visitor: Visitor) -> list[Json]:
    found = {}
    for key in (None, *(space["key"] for space in spaces(visitor))):
        for path in ("template/page", "template/blueprint"):
            query = {"expand": "body", **({"spaceKey": key} if key else {})}
            for one in visitor.records(V1 + path, query):
                found[one["templateId"]] = {**one, "spaceKey": one.get("space", {}).get("key")}
    return list(found.values())


def space_watchers(visitor: Visitor) -> list[Json]:
    return [
        {"spaceId": space["id"], "accountId": watch["watcher"]["accountId"], **watch}
        for space in spaces(visitor)
        for watch in visitor.records(f"{V1}space/{space['key']}/watch")
    ]


def page_watchers(visitor: Visitor) -> list[Json]:
    return [
        {"pageId": number, "accountId": watch["watcher"]["accountId"], **watch}
        for number in ids(PARENTS["pages"](visitor))
        for watch in visitor.records(f"{V1}content/{number}/notification/child-created")
    ]


def page_views(visitor: Visitor) -> list[Json]:
    return [
        {"pageId": number, **visitor.content(f"{V1}analytics/content/{number}/views")}
        for number in ids(PARENTS["pages"](visitor))
    ]


READERS: dict[str, Reader] = {
    **PARENTS,
    **{stream: by_parent(*how) for stream, how in BY_PARENT.items()},
    **{stream: by_comment(*how) for stream, how in BY_COMMENT.items()},
    **{stream: comments_on(*how) for stream, how in COMMENTS.items()},
    "comment_content_properties": comment_properties,
    "whiteboards": tree("whiteboard", "whiteboards"),
    "databases": tree("database", "databases"),
    "embeds": tree("embed", "embeds"),
    "folders": tree("folder", "folders"),
    "child_pages": child_pages,
    "page_restrictions": restrictions("pages", "pageId"),
    "blog_post_restrictions": restrictions("blog_posts", "blogPostId"),
    "space_role_assignments": role_assignments,
    "classification_levels": classification_levels,
    "group_members": group_members,
    "users": users,
    "templates": templates,
    "space_watchers": space_watchers,
    "page_watchers": page_watchers,
    "page_views": page_views,
}
