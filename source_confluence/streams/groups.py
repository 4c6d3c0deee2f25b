"""Groups."""

from __future__ import annotations

from source_confluence.streams.base import OffsetList


class Groups(OffsetList):
    """Every group. GET /wiki/rest/api/group."""

    name = "group"
    endpoint = "group"
    page_size = 200
