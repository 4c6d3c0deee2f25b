"""Rows of an unexpected form: at worst an error in one sentence, never a traceback."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from source_confluence.confluence.errors import ConfluenceError
from source_confluence.streams import STREAMS
from source_confluence.streams.retrievers.per_parent import PerParent
from unit_tests.fake_site import FakeSite, Json
from unit_tests.fakes import make_setup
from unit_tests.run_sync import read_whole, streams_of
from unit_tests.streams.full_site import PARENTS, fill

PER_PARENT = tuple(stream.name for stream in STREAMS if isinstance(stream.cloud, PerParent))
LISTS = ("attachments", "custom-content", "footer-comments", "inline-comments", "labels")
ODD_VALUES: tuple[Any, ...] = (None, "text", 7, [None])


def parents_of(site: FakeSite) -> list[Json]:
    known = [site.pages, site.blogposts, site.spaces, site.groups]
    return [parent for parents in (*known, *map(site.lists.get, LISTS)) for parent in parents or ()]


def children_of(site: FakeSite) -> list[Json]:
    return [
        child for endpoint, children in site.lists.items() if "/" in endpoint for child in children
    ]


def set_in_parents(field: str, value: Any) -> Callable[[FakeSite], None]:
    def change(site: FakeSite) -> None:
        for parent in parents_of(site):
            parent[field] = value

    return change


def set_in_children(value: Any) -> Callable[[FakeSite], None]:
    def change(site: FakeSite) -> None:
        for child in children_of(site):
            child.update(dict.fromkeys(child, value))

    return change


def without_ids(site: FakeSite) -> None:
    for parent in parents_of(site):
        del parent["id"]


def with_numbers_as_ids(site: FakeSite) -> None:
    for parent in parents_of(site):
        if str(parent["id"]).isdecimal():
            parent["id"] = int(parent["id"])


ODDITIES: dict[str, Callable[[FakeSite], None]] = {
    "no ids": without_ids,
    "ids that are numbers": with_numbers_as_ids,
    **{
        f"{field} of parents {value}": set_in_parents(field, value)
        for field in ("version", "key", "title", "_links")
        for value in ODD_VALUES
    },
    **{
        f"{field} of parents {value}": set_in_parents(field, value)
        for field in ("spaceId", "status")
        for value in ("text", None)
    },
    **{f"children of {value}": set_in_children(value) for value in ODD_VALUES},
}
INCLUDED: dict[str, Any] = {
    **{f"{value}": value for value in ODD_VALUES},
    **{f"results {value}": {"results": value, "meta": {"hasMore": 7}} for value in ODD_VALUES},
    **{f"row {value}": {"results": [value], "meta": "text"} for value in ODD_VALUES},
}


def read_each(*configured: str) -> None:
    """Read every stream, in a sync that reads it and those that are configured."""
    for name in PER_PARENT:
        streams = streams_of(make_setup(), name, *configured)
        with suppress(ConfluenceError):
            read_whole(streams[name])


@pytest.mark.parametrize("oddity", ODDITIES)
def test_odd_rows_of_lists_raise_only_errors_in_one_sentence(site: FakeSite, oddity: str) -> None:
    fill(site)
    ODDITIES[oddity](site)

    read_each()


@pytest.mark.parametrize("included", INCLUDED)
def test_odd_included_lists_raise_only_errors_in_one_sentence(
    site: FakeSite, included: str
) -> None:
    fill(site)
    sections = ("labels", "properties", "likes", "versions", "permissions")
    for parent in PARENTS:
        site.entities[parent] = {"id": "1", **dict.fromkeys(sections, INCLUDED[included])}

    read_each(*PER_PARENT)


@pytest.mark.parametrize("value", ODD_VALUES)
def test_an_odd_version_of_a_parent_costs_no_record(site: FakeSite, value: Any) -> None:
    fill(site)
    set_in_parents("version", value)(site)

    records = read_whole(streams_of(make_setup())["page_versions"])

    assert [(one["pageId"], one["number"]) for one in records if one["pageId"] == "1"] == [
        ("1", 2),
        ("1", 1),
    ]


def test_an_id_that_is_a_number_becomes_text(site: FakeSite) -> None:
    fill(site)
    with_numbers_as_ids(site)

    records = read_whole(streams_of(make_setup())["space_labels"])

    assert [record["spaceId"] for record in records] == ["1"]
