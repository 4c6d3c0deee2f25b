"""What Confluence calls an object that does not exist: its words depend on the path.

Measured for pages and folders (mozilla/markfluence); blog posts are taken to be like pages, and
whatever else has content ids to be like folders.
"""

import re

_PAGE = re.compile(r"/wiki/api/v2/(page|blogpost)s/([^/]+)(/children|/direct-children|/.+)?")
_CONTENT = re.compile(
    r"/wiki/api/v2/(?:folders|whiteboards|databases|embeds|attachments|custom-content|comments"
    r"|footer-comments|inline-comments)/([^/]+)(?:/.+)?"
)


def missing_title(path: str, message: str) -> str:
    """Return the title of a 404 for the object in a path, or else the message itself.

    It stays if it is about something else than that object, such as the type of its children.
    """
    if (found := _PAGE.fullmatch(path)) and found[2] in message:
        kind, number, section = found.groups()
        if section == "/direct-children":
            return f"Cannot find [{kind}] entity with id [{number}]"
        if section in (None, "/children"):
            return f"Cannot find a {kind} with id [{number}]"
        return f"Could not find {kind} with id [{number}]"
    if (found := _CONTENT.fullmatch(path)) and found[1] in message:
        return f"Content with id: [{found[1]}] not found"
    return message
