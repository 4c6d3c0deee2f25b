"""Reads one entity with its body, within the page budget."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from source_confluence.confluence.client import Client
from source_confluence.confluence.errors import ResponseTooLarge
from source_confluence.confluence.page_budget import PageBudget
from source_confluence.confluence.records import Record
from source_confluence.confluence.responses import is_entity


def entity(
    client: Client, page_budget: PageBudget, stream: str, url: str, params: Mapping[str, Any]
) -> Iterator[Record]:
    """Yield the entity at `url`; its memory is held until the next step, as that of a page.

    One that is too large for its reservation is requested again with more. Raises as `Client.get`.
    """
    whole = False
    while True:
        with page_budget.page(stream, 1, is_heavy=True, whole=whole) as reservation:
            try:
                response = client.get(
                    url, params, stream=stream, shape=is_entity, room=reservation.room
                )
            except ResponseTooLarge:
                if reservation.is_whole:
                    raise
                whole = True
                continue
            page_budget.weights.learn(stream, 1, response.cost)
            reservation.resize(response.cost)
            yield response.body
            return
