"""One entity with its body, within the page budget."""

from __future__ import annotations

import pytest
from requests_mock import Mocker

from source_confluence.confluence.body import LARGEST, MEGABYTE
from source_confluence.confluence.connection import Connection
from source_confluence.confluence.entity import entity
from source_confluence.confluence.errors import NotFound, ResponseTooLarge
from source_confluence.confluence.page_budget import PageBudget
from source_confluence.confluence.records import Record

URL = "https://your-domain.atlassian.net/wiki/api/v2/pages/1"


@pytest.fixture
def budget() -> PageBudget:
    return PageBudget(limit=10 * MEGABYTE, share=MEGABYTE)


def read(connection: Connection, budget: PageBudget) -> list[tuple[Record, int]]:
    """The entity, and what is held then."""
    found = entity(connection.client, budget, "pages", URL, {"body-format": "storage"})
    return [(record, budget.held) for record in found]


@pytest.mark.parametrize(("size", "requests"), [(400_000, 1), (20_000_000, 2)])
def test_is_held_with_its_size_until_the_next_step(
    connection: Connection,
    budget: PageBudget,
    requests_mock: Mocker,
    size: int,
    requests: int,
) -> None:
    requests_mock.get(URL, json={"id": "1", "body": "x" * size})

    ((record, held),) = read(connection, budget)

    assert len(record["body"]) == size
    assert held == pytest.approx(2 * size, rel=0.01)
    assert budget.held == 0
    assert requests_mock.call_count == requests


def test_one_that_is_too_large_for_any_room_is_an_error(
    connection: Connection, budget: PageBudget, requests_mock: Mocker
) -> None:
    requests_mock.get(URL, json={"id": "1", "body": "x" * LARGEST.decoded})

    with pytest.raises(ResponseTooLarge):
        read(connection, budget)

    assert budget.held == 0


def test_one_that_does_not_exist_is_an_error(
    connection: Connection, budget: PageBudget, requests_mock: Mocker
) -> None:
    requests_mock.get(URL, status_code=404, json={"errors": [{"title": "no page"}]})

    with pytest.raises(NotFound):
        read(connection, budget)

    assert budget.held == 0
