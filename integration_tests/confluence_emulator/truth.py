"""Ground truth: the records that a complete read of a stream must bring.

A record is what its own endpoint serves, in whatever state the site is now, with the fields that
the stream adds: the parent's id (pageId, blogPostId, attachmentId, customContentId, commentId,
spaceId, groupId), and copies of what is part of a key: accountId of watches, principalType and
principalId of role assignments. Differences of the by-id answers (include-*): versions lack the
nested `page`, `blogpost`, `attachment`, `custom` or `comment`.

A restriction's record is one operation and one user or group: pageId or blogPostId, operation,
principalType (user, group), principalId, and `user` or `group` as v1 serves it. A template is
served with its body and has its spaceKey; a global blueprint that spaces inherit comes once.
Users are the active accounts as v1 search serves them, and those that are only seen as authors
or owners of chosen pages, as users-bulk serves them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from integration_tests.confluence_emulator.endpoints.spaces import render_space
from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.kinds import COMMENT_KINDS, KINDS
from integration_tests.confluence_emulator.model import versions_of
from integration_tests.confluence_emulator.rendering import render
from integration_tests.confluence_emulator.rendering_details import (
    render_bulk_user,
    render_child,
    render_classification_level,
    render_label,
    render_like,
    render_nested_version,
    render_permission,
    render_property,
    render_role,
    render_role_assignment,
    render_space_property,
    render_task,
)
from integration_tests.confluence_emulator.rendering_v1 import (
    OPERATIONS,
    render_audit_record,
    render_group,
    render_restriction,
    render_template,
    render_user,
    render_watch,
    views_of,
)
from integration_tests.confluence_emulator.selection import Selection

Records = Callable[[Selection], Iterable[Json]]
_MANY = 1_000_000


def _all_of(*kinds: str) -> Records:
    return lambda chosen: (
        render(item, chosen.site, chosen.body_format) for item in chosen.items(*kinds)
    )


def _comments_on(kind: str, *containers: str) -> Records:
    return lambda chosen: (
        render(comment, chosen.site, chosen.body_format)
        for comment in chosen.items_on(kind, *containers)
    )


def _owned(kind: str, number: int) -> Json:
    """Return the field that names a record's parent."""
    return {KINDS[kind].id_field: KINDS[kind].api_id(number)}


def _labels_of(kind: str) -> Records:
    def records(chosen: Selection) -> Iterator[Json]:
        for item in chosen.items(kind):
            for number in chosen.site.label_links.get(item.id, ()):
                label = chosen.site.labels.get(number)
                if label is not None:
                    yield {**_owned(kind, item.id), **render_label(label)}

    return records


def _versions_of(kind: str) -> Records:
    return lambda chosen: (
        {**_owned(kind, item.id), **render_nested_version(version, item, chosen.site, None)}
        for item in chosen.items(kind)
        for version in versions_of(item)
    )


def _properties_of(*kinds: str) -> Records:
    return lambda chosen: (
        {
            **_owned(kind, item.id),
            **(render_space_property(one) if kind == "space" else render_property(one)),
        }
        for kind in kinds
        for item in chosen.items(kind)
        for one in chosen.site.properties.get(item.id, ())
    )


def _likes_of(kind: str) -> Records:
    return lambda chosen: (
        {**_owned(kind, item.id), **render_like(account_id)}
        for item in chosen.items(kind)
        for account_id in chosen.site.likes.get(item.id, ())
    )


def _restrictions_of(kind: str) -> Records:
    def records(chosen: Selection) -> Iterator[Json]:
        for item in chosen.items(kind):
            for operation in OPERATIONS if item.id in chosen.site.restrictions else ():
                restriction = render_restriction(
                    item, operation, chosen.site, chosen.base, limit=_MANY
                )
                for principal, key in (("user", "accountId"), ("group", "id")):
                    for one in restriction["restrictions"][principal]["results"]:
                        yield {
                            **_owned(kind, item.id),
                            "operation": operation,
                            "principalType": principal,
                            "principalId": one[key],
                            principal: one,
                        }

    return records


def _child_pages(chosen: Selection) -> Iterator[Json]:
    for page in chosen.items("page"):
        if page.parent_type == "page" and page.status != "trashed":
            yield {**render_child(page), "parentId": str(page.parent_id)}


def _permissions(chosen: Selection) -> Iterator[Json]:
    for space in chosen.spaces:
        for permission in chosen.site.permissions.get(space.id, ()):
            yield {**_owned("space", space.id), **render_permission(permission)}


def _role_assignments(chosen: Selection) -> Iterator[Json]:
    for space in chosen.spaces:
        for assignment in chosen.site.role_assignments.get(space.id, ()):
            record = render_role_assignment(assignment)
            yield {**_owned("space", space.id), **record["principal"], **record}


def _members(chosen: Selection) -> Iterator[Json]:
    for group in chosen.site.groups:
        for account_id in chosen.site.members.get(group.id, ()):
            person = chosen.site.person(account_id)
            if person is not None:
                yield {"groupId": group.id, **render_user(person, chosen.base)}


def _users(chosen: Selection) -> Iterator[Json]:
    for person in chosen.site.people:
        yield render_user(person, chosen.base)
    seen = {
        account_id
        for page in chosen.items("page")
        for account_id in (page.author, page.owner, page.last_owner, page.version_author)
    }
    for person in chosen.site.former_people[:-1]:
        if person.account_id in seen:
            yield render_bulk_user(person)


def _space_watchers(chosen: Selection) -> Iterator[Json]:
    for space in chosen.spaces:
        for account_id in chosen.site.space_watchers.get(space.id, ()):
            person = chosen.site.person(account_id)
            if person is not None:
                watch = render_watch("space", person, spaceKey=space.key)
                yield {**_owned("space", space.id), "accountId": account_id, **watch}


def _page_watchers(chosen: Selection) -> Iterator[Json]:
    for page in chosen.items("page"):
        for account_id in chosen.site.page_watchers.get(page.id, ()):
            person = chosen.site.person(account_id)
            if person is not None:
                watch = render_watch("page", person, contentId=page.id)
                yield {**_owned("page", page.id), "accountId": account_id, **watch}


def _templates(chosen: Selection) -> Iterator[Json]:
    keys: dict[int | None, str | None] = {space.id: space.key for space in chosen.spaces}
    keys[None] = None
    for template in chosen.site.templates:
        if template.space_id in keys:
            record = render_template(template, chosen.site, chosen.base, with_body=True)
            yield {**record, "spaceKey": keys[template.space_id]}


_FOOTER, _INLINE = COMMENT_KINDS

STREAMS: Mapping[str, Records] = {
    "space": lambda chosen: [render_space(one, "plain", icon=True) for one in chosen.spaces],
    "pages": _all_of("page"),
    "blog_posts": _all_of("blogpost"),
    "attachments": _all_of("attachment"),
    "custom_content": _all_of("custom_content"),
    "whiteboards": _all_of("whiteboard"),
    "databases": _all_of("database"),
    "embeds": _all_of("embed"),
    "folders": _all_of("folder"),
    "tasks": lambda chosen: (
        render_task(task, chosen.site, chosen.body_format) for task in chosen.tasks()
    ),
    "labels": lambda chosen: [render_label(label) for label in chosen.site.labels],
    "page_labels": _labels_of("page"),
    "blog_post_labels": _labels_of("blogpost"),
    "attachment_labels": _labels_of("attachment"),
    "custom_content_labels": _labels_of("custom_content"),
    "space_labels": _labels_of("space"),
    "page_footer_comments": _comments_on(_FOOTER, "page"),
    "blog_post_footer_comments": _comments_on(_FOOTER, "blogpost"),
    "attachment_footer_comments": _comments_on(_FOOTER, "attachment"),
    "custom_content_footer_comments": _comments_on(_FOOTER, "custom_content"),
    "page_inline_comments": _comments_on(_INLINE, "page"),
    "blog_post_inline_comments": _comments_on(_INLINE, "blogpost"),
    "page_versions": _versions_of("page"),
    "blog_post_versions": _versions_of("blogpost"),
    "attachment_versions": _versions_of("attachment"),
    "custom_content_versions": _versions_of("custom_content"),
    "footer_comment_versions": _versions_of(_FOOTER),
    "inline_comment_versions": _versions_of(_INLINE),
    "page_content_properties": _properties_of("page"),
    "blog_post_content_properties": _properties_of("blogpost"),
    "attachment_content_properties": _properties_of("attachment"),
    "custom_content_content_properties": _properties_of("custom_content"),
    "comment_content_properties": _properties_of(*COMMENT_KINDS),
    "space_properties": _properties_of("space"),
    "space_permissions": _permissions,
    "space_role_assignments": _role_assignments,
    "space_roles": lambda chosen: [render_role(role) for role in chosen.site.roles],
    "classification_levels": lambda chosen: [
        render_classification_level(level) for level in chosen.site.classification_levels
    ],
    "child_pages": _child_pages,
    "page_restrictions": _restrictions_of("page"),
    "blog_post_restrictions": _restrictions_of("blogpost"),
    "page_likes": _likes_of("page"),
    "blog_post_likes": _likes_of("blogpost"),
    "footer_comment_likes": _likes_of(_FOOTER),
    "inline_comment_likes": _likes_of(_INLINE),
    "group": lambda chosen: [render_group(one, chosen.base) for one in chosen.site.groups],
    "group_members": _members,
    "users": _users,
    "audit": lambda chosen: [render_audit_record(one) for one in chosen.site.audit_records],
    "templates": _templates,
    "space_watchers": _space_watchers,
    "page_watchers": _page_watchers,
    "page_views": lambda chosen: (
        {**_owned("page", page.id), "id": page.id, "count": views_of(page)}
        for page in chosen.items("page")
    ),
}
"""By stream: its records, in no particular order."""


def expected(stream: str, selection: Selection) -> list[Json]:
    """Return the records of a stream; raises ValueError for one that is not known.

    Spaces come in both statuses, with the plain description and the icon.
    """
    if stream not in STREAMS:
        raise ValueError(f"Unknown stream: {stream}")
    with selection.site.lock:
        return list(STREAMS[stream](selection))
