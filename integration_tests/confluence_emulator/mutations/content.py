"""Changes to pages, blog posts and everything else that has versions."""

from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.model import (
    Attachment,
    Comment,
    Content,
    CustomContent,
    Placed,
)
from integration_tests.confluence_emulator.mutations.base import BaseMutations


class ContentMutations(BaseMutations):
    """Methods that return the changed object as the API serves it.

    A kind (a key of kinds.KINDS) and an id identify content. Only an edit creates a new version,
    dated by the emulator's clock. Raises KeyError if the content doesn't exist.
    """

    def edit(
        self, kind: str, content_id: str, title: str | None = None, text: str | None = None
    ) -> Json:
        """Publish a new version, optionally with a new title or body text."""
        with self._site.lock:
            content = self._find(kind, content_id)
            self._new_version(content)
            content.title = content.title if title is None else title
            content.text = content.text if text is None else text
            return self._changed(content)

    def create(
        self,
        kind: str,
        space_id: str,
        title: str = "A new one",
        text: str | None = None,
        parent_id: str | None = None,
    ) -> Json:
        """Create a page or blog post at version 1."""
        with self._site.lock:
            table = self._site.content(kind)
            content = Content(
                kind=kind,
                id=table.numbers.next(),
                space_id=int(space_id),
                title=title,
                author=self._actor,
                created=self._now(),
                modified=self._now(),
                version_author=self._actor,
                owner=self._actor,
                parent_id=None if parent_id is None else int(parent_id),
                parent_type=None if parent_id is None else "page",
                text=text,
            )
            return self._changed(table.add(content))

    def attach(self, container_kind: str, container_id: str, title: str = "new.txt") -> Json:
        """Attach a file to a page, blog post or custom content."""
        with self._site.lock:
            container = self._find(container_kind, container_id)
            attachment = Attachment(
                kind="attachment",
                id=self._site.attachments.numbers.next(),
                title=title,
                status=container.status,
                author=self._actor,
                created=self._now(),
                modified=self._now(),
                container_kind=container_kind,
                container_id=container.id,
                media_type="text/plain",
                file_size=3,
            )
            return self._changed(self._site.attachments.add(attachment))

    def upload(self, attachment_id: str, file_size: int = 5, comment: str = "") -> Json:
        """Upload a new version of an attachment."""
        with self._site.lock:
            attachment = self._find("attachment", attachment_id)
            attachment.file_size, attachment.comment = file_size, comment
            return self.edit("attachment", attachment_id)

    def comment(
        self,
        container_kind: str,
        container_id: str,
        text: str = "Well said",
        parent_id: str | None = None,
        inline: bool = False,
    ) -> Json:
        """Comment on a container, or reply to a comment on it.

        An inline comment puts its marker into the body of the container, without a new version.
        """
        with self._site.lock:
            container = self._find(container_kind, container_id)
            kind = "inline_comment" if inline else "footer_comment"
            parent = None if parent_id is None else self._find(kind, parent_id)
            comment = Comment(
                kind=kind,
                id=self._site.comments[kind].numbers.next(),
                title=f"Re: {container_kind} {container.id}",
                status=container.status,
                author=self._actor,
                created=self._now(),
                modified=self._now(),
                text=text,
                container_kind=container_kind,
                container_id=container.id,
                parent_id=None if parent is None else parent.id,
            )
            if inline and parent is None:
                container.markers = (*container.markers, comment.id)
            return self._changed(self._site.comments[kind].add(comment))

    def add_custom_content(
        self, container_kind: str, container_id: str, app_type: str, title: str = "Made by an app"
    ) -> Json:
        """Create custom content in a container, which can be a space."""
        with self._site.lock:
            container = self._find(container_kind, container_id)
            custom = CustomContent(
                kind="custom_content",
                id=self._site.custom_content.numbers.next(),
                title=title,
                author=self._actor,
                created=self._now(),
                modified=self._now(),
                container_kind=container_kind,
                container_id=container.id,
                type=app_type,
            )
            return self._changed(self._site.custom_content.add(custom))

    def resolve(self, comment_id: str, status: str = "resolved") -> Json:
        """Change an inline comment's resolution, which creates no new version."""
        with self._site.lock:
            comment = self._find("inline_comment", comment_id)
            comment.resolution, comment.resolver = status, self._actor
            comment.resolved = self._now()
            return self._changed(comment)

    def reopen(self, comment_id: str) -> Json:
        """Reopen a resolved inline comment, which creates no new version either."""
        return self.resolve(comment_id, "reopened")

    def trash(self, kind: str, content_id: str) -> Json:
        """Move content or an attachment to the trash; content loses its parent.

        The children of a page move up to its parent; contained objects are trashed with it.
        """
        with self._site.lock:
            item = self._find(kind, content_id)
            if isinstance(item, Content):
                self._leave_children(item)
                item.parent_id = item.parent_type = item.position = None
            else:
                item.removed = True
            return self._with_status(kind, content_id, "trashed")

    def _leave_children(self, item: Content) -> None:
        for child in self._children(item):
            child.parent_id, child.parent_type = item.parent_id, item.parent_type

    def _children(self, item: Placed) -> list[Placed]:
        """Return the children of an item, also those that the account may not see."""
        hidden = [row for rows in self._site.hidden.values() for _, row in rows]
        return [
            *self._site.children(item.id),
            *(row for row in hidden if isinstance(row, Placed) and row.parent_id == item.id),
        ]

    def archive(self, content_id: str) -> Json:
        """Archive a page."""
        return self._with_status("page", content_id, "archived")

    def restore(self, kind: str, content_id: str) -> Json:
        """Make archived or trashed content or an attachment current."""
        with self._site.lock:
            item = self._find(kind, content_id)
            if not isinstance(item, Content):
                item.removed = False
            return self._with_status(kind, content_id, "current")

    def _with_status(self, kind: str, content_id: str, status: str) -> Json:
        with self._site.lock:
            item = self._find(kind, content_id)
            item.status = status
            self._propagate_status(item)
            return self._changed(item)

    def move(
        self,
        content_id: str,
        space_id: str | None = None,
        parent_id: str | None = None,
        position: int | None = None,
        parent_type: str = "page",
    ) -> Json:
        """Move a page to another space or parent, without a new version.

        The descendants of a page move with it. Moved to another space without a parent, it loses
        its parent.
        """
        with self._site.lock:
            page = self._find("page", content_id)
            if space_id is not None:
                self._set_space(page, int(space_id))
            page.parent_id = None if parent_id is None else int(parent_id)
            page.parent_type = None if parent_id is None else parent_type
            page.position = position
            return self._changed(page)

    def _set_space(self, item: Placed, space_id: int) -> None:
        item.space_id = space_id
        for child in self._children(item):
            self._set_space(child, space_id)

    def displace(self, kind: str, content_id: str, position: int) -> Json:
        """Put one item at a position of the lists that are sorted newest first, until an edit.

        Its dates stay the same, so it is out of place there.
        """
        with self._site.lock:
            item = self._find(kind, content_id)
            others = [row for row in self._site.table(kind) if row is not item]
            times = sorted((row.place_in_lists or row.modified for row in others), reverse=True)
            item.place_in_lists = times[position] + 1 if position < len(times) else 1
            return self._changed(item)

    def purge(self, kind: str, content_id: str) -> Json:
        """Delete an object permanently, with everything in it and, for a comment, its replies."""
        with self._site.lock:
            item = self._find(kind, content_id)
            record = self._changed(item)
            to_delete = [item]
            while to_delete:
                one = to_delete.pop()
                if isinstance(one, Comment):
                    to_delete += self._site.replies(one)
                if isinstance(one, Content):
                    self._leave_children(one)
                self._remove(one)
            self._site.touch()
            return record
