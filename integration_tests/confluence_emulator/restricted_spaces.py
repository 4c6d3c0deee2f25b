"""Rights that an account lacks in some spaces only, such as analytics."""

import re
from collections.abc import Collection, Mapping

from integration_tests.confluence_emulator.kinds import KINDS
from integration_tests.confluence_emulator.site import Site

_OBJECT = re.compile(r"/(spaces|pages|blogposts|custom-content|content)/([^/]+)")
_SPACE_BY_KEY = re.compile(r"/space/([^/]+)/")
_KINDS = ("space", "page", "blogpost", "custom_content")


def is_denied(site: Site, path: str, denied: Mapping[str, Collection[str]]) -> bool:
    """Return whether one of the expressions matches, and its spaces contain the path's object."""
    keys = [
        key for expression, keys in denied.items() if re.search(expression, path) for key in keys
    ]
    return bool(keys) and _space_key(site, path) in keys


def _space_key(site: Site, path: str) -> str | None:
    if by_key := _SPACE_BY_KEY.search(path):
        return by_key[1]
    found = _OBJECT.search(path)
    for kind in _KINDS if found else ():
        number = KINDS[kind].number(found[2]) if found else None
        item = None if number is None else site.table(kind).get(number)
        space = None if item is None else site.space_of(item)
        if space is not None:
            return space.key
    return None
