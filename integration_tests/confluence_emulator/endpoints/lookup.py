"""Finds the object for the id in a path."""

from typing import Any

from integration_tests.confluence_emulator.endpoint import Call
from integration_tests.confluence_emulator.errors import NotFoundError, PurgedError
from integration_tests.confluence_emulator.kinds import KINDS


def find_object(call: Call, *kinds: str) -> Any:
    """Return the object with the path's id, of one of these kinds.

    Raises PurgedError for one that was deleted permanently, NotFoundError for any other.

    Archived and trashed objects keep their labels, versions and so on, so they are also found.
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
