"""What a stream needs and costs: written once, next to the stream.

`check` probes by these facts, and the tables in the documents are generated from them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Facts:
    """What a stream needs from the account, and what it costs in requests of its own.

    Costs are formulas over the sizes that docs/streams.md explains, such as P for pages.
    """

    cost: str
    """Requests of a full sync."""
    scopes: tuple[str, ...]
    """The granular scopes of its own requests, without `:confluence`."""
    later_cost: str = ""
    """Requests of an incremental sync with a state; like a full sync if empty."""
    right: str = ""
    """What an account needs beyond seeing the content; if not empty, `check` probes the stream."""
    is_optional: bool = False
    """Whether some sites refuse it as if it did not exist, such as roles on a site without them."""
    list_cost: str = ""
    """Requests of its list, which other streams share."""
    counted_as: str = ""
    """What CQL calls these records, if a search can count them. If a full read has clearly fewer,
    the log says so. Streams with the same type are counted together."""
