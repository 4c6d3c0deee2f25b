"""What a stream needs and costs: written once, next to the stream.

`check` probes by these facts, the cost preview evaluates the costs, and the tables in the documents
are generated from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from source_confluence.streams.formula import Formula, number, size
from source_confluence.streams.kinds import (
    ATTACHMENT,
    BLOG_POST,
    CUSTOM_CONTENT,
    FOOTER_COMMENT,
    GROUP,
    INLINE_COMMENT,
    PAGE,
    SPACE,
    Kind,
)

NO_REQUEST = number(0)
ONE_REQUEST = number(1)

P, B, A = size("P"), size("B"), size("A")
K, Y = size("K"), size("Y")
C, I = size("C"), size("I")  # noqa: E741  # as docs/streams.md calls it
S, L, G = size("S"), size("L"), size("G")
T, U, R, O = size("T"), size("U"), size("R"), size("O")  # noqa: E741
"""docs/streams.md says what they count."""

SIZE_OF: Mapping[Kind, Formula] = {
    PAGE: P,
    BLOG_POST: B,
    ATTACHMENT: A,
    CUSTOM_CONTENT: K,
    FOOTER_COMMENT: C,
    INLINE_COMMENT: I,
    SPACE: S,
    GROUP: G,
}
"""How many parents of a kind there are."""


def found(kind: Kind) -> Formula:
    """Return W: how many of a kind a search finds."""
    return size("W", kind.name)


def edited(kind: Kind) -> Formula:
    """Return V: how many of a kind are not at version 1."""
    return size("V", kind.name)


def labeled(kind: Kind) -> Formula:
    """Return X: how many of a kind have labels, counted once per label."""
    return size("X", kind.name)


def not_current(kind: Kind) -> Formula:
    """Return Z: how many of a kind are archived or trashed."""
    return size("Z", kind.name)


def in_archived_spaces(kind: Kind) -> Formula:
    """Return H: how many current ones of a kind lie in an archived space."""
    return size("H", kind.name)


@dataclass(frozen=True)
class Facts:
    """What a stream needs from the account, and what it costs in requests of its own."""

    cost: Formula
    """Requests of a full sync."""
    scopes: tuple[str, ...]
    """The granular scopes of its own requests, without `:confluence`."""
    later_cost: Formula | None = None
    """Requests of an incremental sync with a state; like a full sync if None."""
    right: str = ""
    """What an account needs beyond seeing the content; if not empty, `check` probes the stream."""
    is_optional: bool = False
    """Whether some sites refuse it as if it did not exist, such as roles on a site without them."""
    list_cost: Formula | None = None
    """Requests of its list, which other streams share."""
    is_for_bodies: bool = False
    """Whether a full sync that does without bodies reads the shared list only."""
    once_for: str = ""
    """Which streams share all these requests, in words, if some do."""
    counted_as: str = ""
    """What CQL calls these records, if a search can count them. If a full read has clearly fewer,
    the log says so. Streams with the same type are counted together."""
