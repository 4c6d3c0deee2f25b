"""What fills the placeholders of a path."""

from __future__ import annotations

import pytest

from source_confluence.confluence.errors import NotFound
from source_confluence.streams.retrievers.endpoint import key_of, v1, v2
from unit_tests.fake_site import FakeSite, space
from unit_tests.fakes import Setup
from unit_tests.run_sync import read_whole, streams_of


@pytest.mark.parametrize(
    "ordinary",
    [
        "98305",
        "att98305",
        "b057def3-0685-44d3-b375-cf244b373c94",
        "712020:b057def3-0685-44d3-b375-cf244b373c94",
        "DOCS",
        "~5b10a2844c20165700ede21g",
        "~ada@example.com",
        "a_b.c",
    ],
)
def test_ordinary_ids_and_keys_stay_as_they_are(ordinary: str) -> None:
    assert v2("pages/{id}/labels").at(id=ordinary).path == f"pages/{ordinary}/labels"


@pytest.mark.parametrize(
    ("odd", "escaped"),
    [
        ("~a/../b?x#y", "~a%2F..%2Fb%3Fx%23y"),
        ("1/2", "1%2F2"),
        ("1%2F2", "1%252F2"),
        ("1&limit=1", "1%26limit%3D1"),
        ("{id}", "%7Bid%7D"),
        ("ключ", "%D0%BA%D0%BB%D1%8E%D1%87"),
        ("a b\r\n", "a%20b%0D%0A"),
    ],
)
def test_nothing_else_leads_to_another_path(odd: str, escaped: str) -> None:
    assert v1("space/{key}/watch").at(key=odd).path == f"space/{escaped}/watch"


@pytest.mark.parametrize("odd", ["", ".", ".."])
def test_what_cannot_be_a_part_of_a_path_is_not_found(odd: str) -> None:
    with pytest.raises(NotFound):
        v1("space/{key}/watch").at(key=odd)


@pytest.mark.parametrize("key", [None, "", 7, ["S1"], {"key": "S1"}])
def test_a_space_whose_key_is_no_text_has_none(key: object) -> None:
    with pytest.raises(NotFound):
        key_of({"id": "1", "key": key})


def test_an_odd_key_is_requested_as_it_is(site: FakeSite, setup: Setup) -> None:
    odd = "~a/../b?x#y"
    site.spaces = [{**space(1), "key": odd}]
    site.lists[f"space/{odd}/watch"] = [{"watcher": {"accountId": "a"}}]

    (watch,) = read_whole(streams_of(setup)["space_watchers"])

    assert watch["accountId"] == "a"
