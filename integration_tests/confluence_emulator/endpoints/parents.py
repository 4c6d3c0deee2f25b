"""How the id in a path becomes the object that it names."""

from typing import Any

from integration_tests.confluence_emulator.endpoint import Call
from integration_tests.confluence_emulator.errors import NotFoundError
from integration_tests.confluence_emulator.kinds import KINDS


def parent(call: Call, *kinds: str) -> Any:
    """Return the object of one of these kinds; raises NotFoundError.

    Whatever is archived or trashed still has its labels, versions and so on.
    """
    text = call.parts["id"]
    for name in kinds:
        number = KINDS[name].number(text)
        found = None if number is None else call.site.table(name).get(number)
        if found is not None:
            return found
    raise NotFoundError(f"{KINDS[kinds[0]].entity} with id {text} not found")
