"""Links as sites were recorded to send them: with the space's key and the title."""

from urllib.parse import quote, quote_plus

from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.model import Attachment, Contained, Content, Versioned
from integration_tests.confluence_emulator.site import Site


def webui(item: Versioned, site: Site) -> str:
    """Return the link to an item in the browser, relative to the site's base."""
    if isinstance(item, Contained):
        container = site.container(item)
        if isinstance(container, Versioned):
            focus = "focusedCommentId" if item.kind.endswith("comment") else "preview"
            return f"{webui(container, site)}?{focus}={item.id}"
    space = site.space_of(item)
    key = "" if space is None else quote(space.key, safe="~")
    section = {"page": "pages", "blogpost": "blog"}.get(item.kind, item.kind)
    return f"/spaces/{key}/{section}/{item.id}/{quote_plus(item.title)}"


def content_links(content: Content, site: Site) -> Json:
    """Return the `_links` of a page or blog post."""
    space = site.space_of(content)
    key = "" if space is None else quote(space.key, safe="~")
    return {
        "webui": webui(content, site),
        "editui": f"/pages/resumedraft.action?draftId={content.id}",
        "edituiv2": f"/spaces/{key}/{content.kind}s/edit-v2/{content.id}",
        "tinyui": f"/x/{content.id:x}",
    }


def download(attachment: Attachment) -> str:
    """Return the link to a file; sites send either of two forms."""
    container = attachment.container_id
    if attachment.id % 3 == 0:
        return f"/rest/api/content/{container}/child/attachment/att{attachment.id}/download"
    return (
        f"/download/attachments/{container}/{quote(attachment.title)}"
        f"?version={attachment.version}&modificationDate={attachment.modified}&cacheVersion=1&api=v2"
    )
