"""Finds the object for the id in a path."""

from typing import Any

from integration_tests.confluence_emulator.endpoint import Call
from integration_tests.confluence_emulator.errors import NotFoundError, PurgedError
from integration_tests.confluence_emulator.kinds import KINDS
from integration_tests.confluence_emulator.model import Content


def find_object(call: Call, *kinds: str) -> Any:
    """Return the object with the path's id, of one of these kinds.

    Raises PurgedError for one that was deleted permanently, NotFoundError for any other.

    Archived and trashed objects are also found.
    """
    text = call.path_params["id"]
    for name in kinds:
        number = KINDS[name].number(text)
        found = None if number is None else call.site.table(name).get(number)
        if found is not None:
            return found
        if (name, number) in call.site.purged:
            raise PurgedError(f"{KINDS[name].entity} with id {text} not found")
    raise NotFoundError(f"{KINDS[kinds[0]].entity} with id {text} not found")


def find_parent(call: Call, *kinds: str) -> Any:
    """Return the object whose list is requested; raises NotFoundError.

    These lists have no `status`, so that they don't find a trashed page or blog post. A GET of the
    parent by its id with `status` does, and can include them.
    """
    found = find_object(call, *kinds)
    is_listed = call.embedded or call.site.spec.trashed_parents_have_lists
    if not is_listed and isinstance(found, Content) and found.status == "trashed":
        raise NotFoundError(f"{KINDS[kinds[0]].entity} with id {call.path_params['id']} not found")
    return found
