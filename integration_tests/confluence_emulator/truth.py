"""Ground truth: the records that a complete read of a stream must return.

A record is what its own endpoint returns for the site's current state, plus the fields that the
stream adds: the parent's id (pageId, blogPostId, attachmentId, customContentId, commentId,
spaceId, groupId) and copies of nested fields that belong to the key: accountId of watches,
principalType and principalId of role assignments.

A restriction's record is one operation and one user or group: pageId or blogPostId, operation,
principalType (user, group), principalId, and `user` or `group` as v1 returns it. A template has
its body and its spaceKey; a global blueprint that spaces inherit occurs once. Users are the active
accounts and the guests as v1 search returns them, plus the deactivated ones whom records of
selected pages, of blog posts or of `named_by` streams name, as users-bulk returns them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping

from integration_tests.confluence_emulator.body_types import readable_format
from integration_tests.confluence_emulator.endpoints.site_lists import RECORDS
from integration_tests.confluence_emulator.endpoints.spaces import render_space
from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.kinds import COMMENT_KINDS, KINDS
from integration_tests.confluence_emulator.model import versions_of
from integration_tests.confluence_emulator.rendering import render
from integration_tests.confluence_emulator.rendering_details import (
    render_bulk_user,
    render_child,
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
from integration_tests.confluence_emulator.site import Site

Records = Callable[[Selection], Iterable[Json]]
_MANY = 1_000_000


def _items(*kinds: str) -> Records:
    return lambda selection: (
        render(item, selection.site, readable_format(item, selection.body_format))
        for item in selection.items(*kinds)
    )


def _comments_on(kind: str, *containers: str) -> Records:
    return lambda selection: (
        render(comment, selection.site, selection.body_format)
        for comment in selection.items_on(kind, *containers)
    )


def _parent_field(kind: str, number: int) -> Json:
    """Return the field with the id of a record's parent."""
    return {KINDS[kind].id_field: KINDS[kind].api_id(number)}


def _labels_of(kind: str) -> Records:
    def records(selection: Selection) -> Iterator[Json]:
        for item in selection.items(kind):
            for number in selection.site.label_links.get(item.id, ()):
                label = selection.site.labels.get(number)
                if label is not None:
                    yield {**_parent_field(kind, item.id), **render_label(label)}

    return records


def _versions_of(kind: str) -> Records:
    return lambda selection: (
        {
            **_parent_field(kind, item.id),
            **render_nested_version(version, item, selection.site, None),
        }
        for item in selection.items(kind)
        for version in versions_of(item)
    )


def _properties_of(*kinds: str) -> Records:
    return lambda selection: (
        {
            **_parent_field(kind, item.id),
            **(render_space_property(one) if kind == "space" else render_property(one)),
        }
        for kind in kinds
        for item in selection.items(kind)
        for one in selection.site.properties.get(item.id, ())
    )


def _likes_of(kind: str) -> Records:
    return lambda selection: (
        {**_parent_field(kind, item.id), **render_like(account_id)}
        for item in selection.items(kind)
        for account_id in selection.site.likes.get(item.id, ())
    )


def _restrictions_of(kind: str) -> Records:
    def records(selection: Selection) -> Iterator[Json]:
        for item in selection.items(kind):
            for operation in OPERATIONS if item.id in selection.site.restrictions else ():
                restriction = render_restriction(
                    item, operation, selection.site, selection.base, limit=_MANY
                )
                for principal, key in (("user", "accountId"), ("group", "id")):
                    for one in restriction["restrictions"][principal]["results"]:
                        yield {
                            **_parent_field(kind, item.id),
                            "operation": operation,
                            "principalType": principal,
                            "principalId": one[key],
                            principal: one,
                        }

    return records


def _child_pages(selection: Selection) -> Iterator[Json]:
    for page in selection.items("page"):
        if page.parent_type == "page" and page.status != "trashed":
            yield {**render_child(page), "parentId": str(page.parent_id)}


def _permissions(selection: Selection) -> Iterator[Json]:
    for space in selection.spaces:
        for permission in selection.site.permissions.get(space.id, ()):
            yield {**_parent_field("space", space.id), **render_permission(permission)}


def _role_assignments(selection: Selection) -> Iterator[Json]:
    for space in selection.spaces:
        for assignment in selection.site.role_assignments.get(space.id, ()):
            record = render_role_assignment(assignment)
            yield {**_parent_field("space", space.id), **record["principal"], **record}


def _members(selection: Selection) -> Iterator[Json]:
    for group in selection.site.groups:
        for account_id in selection.site.members.get(group.id, ()):
            person = selection.site.person(account_id)
            if person is not None:
                yield {"groupId": group.id, **render_user(person, selection.base)}


def _users(selection: Selection) -> Iterator[Json]:
    site = selection.site
    for person in (*site.people, *site.unlisted.guests):
        yield render_user(person, selection.base)
    deactivated = {
        one.account_id: one for one in (*site.former_people[:-1], *site.unlisted.deactivated)
    }
    together = set(STREAMS) if selection.named_by is None else {*selection.named_by}
    named = {
        text
        for stream in ({"pages", "blog_posts"} | together) - {"users"}
        for record in STREAMS[stream](selection)
        for text in _texts_in(record)
        if text in deactivated
    }
    for account_id in named:
        yield render_bulk_user(deactivated[account_id])


def _texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts_in(one)


def _space_watchers(selection: Selection) -> Iterator[Json]:
    for space in selection.spaces:
        for account_id in selection.site.space_watchers.get(space.id, ()):
            person = selection.site.person(account_id)
            if person is not None:
                watch = render_watch("space", person, spaceKey=space.key)
                yield {**_parent_field("space", space.id), "accountId": account_id, **watch}


def _page_watchers(selection: Selection) -> Iterator[Json]:
    for page in selection.items("page"):
        for account_id in selection.site.page_watchers.get(page.id, ()):
            person = selection.site.person(account_id)
            if person is not None:
                watch = render_watch("page", person, contentId=page.id)
                yield {**_parent_field("page", page.id), "accountId": account_id, **watch}


def _templates(selection: Selection) -> Iterator[Json]:
    keys: dict[int | None, str | None] = {space.id: space.key for space in selection.spaces}
    keys[None] = None
    for template in selection.site.templates:
        if template.space_id in keys:
            record = render_template(template, selection.site, selection.base, with_body=True)
            yield {**record, "spaceKey": keys[template.space_id]}


def _whole_site(records: Callable[[Site], Iterable[Json]]) -> Records:
    return lambda selection: records(selection.site)


_FOOTER, _INLINE = COMMENT_KINDS

STREAMS: Mapping[str, Records] = {
    "space": lambda selection: [render_space(one, "plain", icon=True) for one in selection.spaces],
    "pages": _items("page"),
    "blog_posts": _items("blogpost"),
    "attachments": _items("attachment"),
    "custom_content": _items("custom_content"),
    "whiteboards": _items("whiteboard"),
    "databases": _items("database"),
    "embeds": _items("embed"),
    "folders": _items("folder"),
    "tasks": lambda selection: (
        render_task(task, selection.site, selection.body_format) for task in selection.tasks()
    ),
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
    "space_roles": lambda selection: [render_role(role) for role in selection.site.roles],
    "child_pages": _child_pages,
    "page_restrictions": _restrictions_of("page"),
    "blog_post_restrictions": _restrictions_of("blogpost"),
    "page_likes": _likes_of("page"),
    "blog_post_likes": _likes_of("blogpost"),
    "footer_comment_likes": _likes_of(_FOOTER),
    "inline_comment_likes": _likes_of(_INLINE),
    "group": lambda selection: [render_group(one, selection.base) for one in selection.site.groups],
    "group_members": _members,
    "users": _users,
    "audit": lambda selection: [render_audit_record(one) for one in selection.site.audit_records],
    "templates": _templates,
    "space_watchers": _space_watchers,
    "page_watchers": _page_watchers,
    "page_views": lambda selection: (
        {**_parent_field("page", page.id), "id": page.id, "count": views_of(page)}
        for page in selection.items("page")
    ),
    **{stream: _whole_site(records) for stream, records in RECORDS.items()},
}
"""By stream: returns its records, in no particular order."""


def expected(stream: str, selection: Selection) -> list[Json]:
    """Return the records of a stream; raises ValueError for an unknown stream.

    Spaces include archived ones, the plain description and the icon.
    """
    if stream not in STREAMS:
        raise ValueError(f"Unknown stream: {stream}")
    with selection.site.lock:
        return list(STREAMS[stream](selection))
