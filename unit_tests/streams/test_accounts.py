"""Whom records name, and that only a sync that reads users looks for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from source_confluence.streams.sync.accounts import Accounts, named_in
from unit_tests.fake_site import Json
from unit_tests.fakes import Setup
from unit_tests.run_sync import sync_of


@pytest.mark.parametrize(
    ("record", "named"),
    [
        ({"authorId": "a", "ownerId": "b", "lastOwnerId": "c", "spaceOwnerId": "d"}, "abcd"),
        ({"createdBy": "a", "assignedTo": "b", "completedBy": "c"}, "abc"),
        ({"id": "1", "accountId": "a", "resolutionLastModifierId": "b"}, "ab"),
        ({"version": {"authorId": "a", "createdBy": "b", "contributorIds": ["c", "d"]}}, "abcd"),
        ({"version": {"collaborators": ["a"]}}, "a"),
        ({"user": {"accountId": "a"}, "watcher": {"accountId": "b"}}, "ab"),
        ({"author": {"accountId": "a", "displayName": "Ada"}}, "a"),
        ({"principal": {"type": "user", "id": "a"}}, "a"),
        ({"principal": {"principalType": "USER", "principalId": "a"}}, "a"),
        ({"principalType": "user", "principalId": "a"}, "a"),
        ({"principal": {"type": "group", "id": "x"}}, ""),
        ({"principalType": "GROUP", "principalId": "x"}, ""),
        ({"group": {"id": "x"}, "id": "y", "spaceId": "z"}, ""),
        ({"authorId": None, "ownerId": "", "createdBy": 7, "accountId": ["a"]}, ""),
        ({"version": None, "author": "a", "user": ["a"], "principal": 7}, ""),
        ({"version": {"contributorIds": "ab", "collaborators": [None, 7, {}]}}, ""),
        ({"principal": {"type": 7, "id": "x"}, "principalType": None}, ""),
        ({}, ""),
    ],
)
def test_account_ids_are_taken_from_their_fields(record: Json, named: str) -> None:
    assert set(named_in(record)) == set(named)


def test_what_was_read_before_an_error_counts() -> None:
    accounts = Accounts()

    def records() -> Iterator[Json]:
        yield {"authorId": "a"}
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        list(accounts.observing(records()))

    assert accounts.ids() == {"a"}


def test_nothing_is_observed_unless_users_are_selected(setup: Setup) -> None:
    assert sync_of(setup, "pages", "page_likes").accounts is None
    assert sync_of(setup, "pages", "users").accounts is not None
