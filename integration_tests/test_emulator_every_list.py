"""The faults of lists work on every list, and leave alone what is none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from integration_tests.confluence_emulator import Emulator, Fault, SiteSpec
from integration_tests.confluence_emulator.list_faults import CHANGES
from integration_tests.confluence_emulator.visitor import V1, V2, Visitor

LIST_KINDS = sorted(CHANGES)


@pytest.fixture(scope="module")
def shared() -> Iterator[Emulator]:
    with Emulator(SiteSpec(spaces=3, pages=24, blog_posts=6)) as running:
        yield running


@pytest.fixture
def emulator(shared: Emulator) -> Emulator:
    shared.clear_faults()
    return shared


@pytest.fixture
def visitor(emulator: Emulator) -> Iterator[Visitor]:
    with Visitor(emulator) as visiting:
        yield visiting


def rich_page(emulator: Emulator) -> str:
    number: str = emulator.expected("pages", statuses=["current"])[0]["id"]
    return number


@pytest.mark.parametrize("kind", LIST_KINDS)
@pytest.mark.parametrize(
    "path",
    [
        V2 + "attachments",
        V2 + "footer-comments",
        V2 + "tasks",
        V2 + "labels",
        V2 + "pages/{}/versions",
        V2 + "pages/{}/labels",
        V1 + "content/search",
        V1 + "search/user",
        V1 + "content/{}/notification/child-created",
    ],
)
def test_faults_of_lists_spoil_every_list(
    emulator: Emulator, visitor: Visitor, path: str, kind: str
) -> None:
    query = {"cql": "type=user"} if path.endswith("user") else {"cql": "type=page"}
    query["limit"] = "5"
    path = path.format(rich_page(emulator))
    whole = visitor.content(path, query)
    fault = emulator.faults.add(Fault(kind=kind, values={"new": 1}, every=1))

    spoilt = visitor.get(path, query)

    assert spoilt.status_code == 200
    assert fault.fired == fault.met <= 1
    assert (spoilt.json() == whole) or fault.fired == 1


def test_faults_pass_what_is_no_list(emulator: Emulator, visitor: Visitor) -> None:
    for kind in LIST_KINDS:
        emulator.add_fault(Fault(kind=kind, times=None))
    number = rich_page(emulator)

    for path in (
        V2 + "classification-levels",
        V2 + "space-role-mode",
        f"{V2}pages/{number}",
        f"{V1}content/{number}/restriction/byOperation",
    ):
        assert visitor.get(path).status_code == 200
