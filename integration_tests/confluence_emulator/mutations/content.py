"""Changes to pages, blog posts and everything else that has versions."""

from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.model import (
    Attachment,
    Comment,
    Content,
    CustomContent,
    versions_of,
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
            content.past = tuple(versions_of(content))
            content.version += 1
            content.modified = self._now()
            content.version_author = self._actor
            content.version_message = ""
            content.minor_edit = False
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

    def comment(
        self,
        container_kind: str,
        container_id: str,
        text: str = "Well said",
        parent_id: str | None = None,
        inline: bool = False,
    ) -> Json:
        """Comment on a container, or reply to a comment on it."""
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

    def trash(self, kind: str, content_id: str) -> Json:
        """Move content or an attachment to the trash; content loses its parent.

        The children of a page move up to its parent; contained objects are trashed with it.
        """
        with self._site.lock:
            item = self._find(kind, content_id)
            if isinstance(item, Content):
                for child in self._site.children(item.id):
                    child.parent_id, child.parent_type = item.parent_id, item.parent_type
                item.parent_id = item.parent_type = item.position = None
            else:
                item.removed = True
            return self._with_status(kind, content_id, "trashed")

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
        """Move a page to another space or parent."""
        with self._site.lock:
            page = self._find("page", content_id)
            if space_id is not None:
                page.space_id = int(space_id)
            page.parent_id = None if parent_id is None else int(parent_id)
            page.parent_type = None if parent_id is None else parent_type
            page.position = position
            return self._changed(page)

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
                self._remove(one)
            self._site.touch()
            return record
