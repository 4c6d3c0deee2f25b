"""What the JSON of a good answer looks like.

A 200 may carry something else, such as a word about maintenance. Taken for a page of results, it
would be an empty one, and the last: so it counts as a failing server.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Shape = Callable[[Any], bool]
"""Tells whether the decoded body of an answer can be what was asked for."""


def is_object(body: Any) -> bool:
    """Tell whether a body is a JSON object."""
    return isinstance(body, dict)


def is_entity(body: Any) -> bool:
    """Tell whether a body is what is asked for by its id: a JSON object that has one."""
    return isinstance(body, dict) and body.get("id") is not None


def is_list(body: Any) -> bool:
    """Tell whether a body is a page of results: an object with `results`, or a bare array."""
    return isinstance(body.get("results") if isinstance(body, dict) else body, list)
