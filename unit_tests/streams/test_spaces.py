"""Spaces, and the lists that belong to them."""

from __future__ import annotations

from typing import Any

import pytest
from requests_mock import Mocker

from unit_tests.fake_site import FakeSite, Json, ids, space
from unit_tests.fakes import Setup, make_setup
from unit_tests.run_sync import entry, read_whole, run_sync, streams_of, sync_of


def read(**config: Any) -> list[str]:
    return ids(read_whole(streams_of(make_setup(**config))["space"]))


@pytest.fixture
def site(site: FakeSite) -> FakeSite:
    """Current and archived spaces."""
    site.spaces = [space(1), space(2, "archived"), space(3), space(4, "archived")]
    return site


def test_current_and_archived_spaces_are_read(site: FakeSite) -> None:
    assert read() == ["1", "3", "2", "4"]

    common = {"sort": "id", "description-format": "plain", "include-icon": "true", "limit": "250"}
    assert site.requests_to("spaces") == [
        {**common, "status": "current"},
        {**common, "status": "archived"},
    ]


def test_only_named_spaces_are_requested(site: FakeSite) -> None:
    assert read(space_keys=["S2", "S3"]) == ["3", "2"]
    assert [params["keys"] for params in site.requests_to("spaces")] == ["S2,S3", "S2,S3"]


@pytest.mark.usefixtures("site")
def test_spaces_are_named_in_any_case() -> None:
    assert read(space_keys=["s2", "S3"]) == ["3", "2"]
    assert read(excluded_space_keys=["s2", "S3"]) == ["1", "4"]


def test_the_filter_shares_the_list_and_sees_excluded_spaces(site: FakeSite) -> None:
    sync = sync_of(make_setup(excluded_space_keys=["S1", "S4"]))

    assert sync.spaces.ids() == ["2", "3"]
    assert not sync.spaces.has("1")
    assert ids(sync.runs["space"].retriever.read(sync.runs["space"], {})) == ["3", "2"]
    assert len(site.requests_to("spaces")) == 2
    assert "keys" not in site.requests_to("spaces")[0]


@pytest.mark.parametrize("key", ["S{}", "~{:024x}", "~712020{:032x}", "~{:0254}"])
def test_many_keys_are_requested_in_urls_of_limited_length(
    site: FakeSite, requests_mock: Mocker, key: str
) -> None:
    keys = [key.format(number) for number in range(1, 502)]
    site.spaces = [{**space(number), "key": one} for number, one in enumerate(keys)]

    assert len(read(space_keys=keys)) == len(keys)

    for status in ("current", "archived"):
        requests = [p for p in site.requests_to("spaces") if p["status"] == status]
        batches = [params["keys"].split(",") for params in requests]
        assert [one for batch in batches for one in batch] == keys
        assert max(map(len, batches)) <= 250
        assert min(map(len, batches[:-1])) > 1
    assert max(len(request.url) for request in requests_mock.request_history) < 4000


@pytest.mark.parametrize(
    ("record", "is_read"),
    [
        ({"id": "1", "key": "A", "status": "current"}, True),
        ({"id": "1", "key": "A", "status": "archived"}, False),
        ({"id": "1", "key": "A", "status": None}, True),
        ({"id": "1", "key": "A"}, True),
        ({"id": "1", "status": "current"}, True),
        ({"id": "1", "key": "OUT", "status": "current"}, False),
    ],
)
def test_a_space_of_another_status_than_the_requested_one_is_dropped(
    site: FakeSite, record: Json, is_read: bool
) -> None:
    """In case that Confluence ignores the status: it must not appear twice."""
    site.spaces = []
    site.faults["spaces"] = lambda params: (
        (200, {"results": [record]}) if params["status"] == "current" else None
    )

    assert read(excluded_space_keys=["OUT"]) == (["1"] if is_read else [])


@pytest.mark.parametrize(
    ("principal", "at_top"),
    [
        ({"principalType": "GROUP", "principalId": "g1"}, ("GROUP", "g1")),
        ({"principalType": "ACCESS_CLASS"}, ("ACCESS_CLASS", None)),
        (None, (None, None)),
    ],
)
def test_a_role_assignment_has_its_principal_at_the_top(
    site: FakeSite,
    setup: Setup,
    principal: Json | None,
    at_top: tuple[str | None, str | None],
) -> None:
    site.lists["spaces/1/role-assignments"] = [{"roleId": "r1", "principal": principal}]

    (record,) = read_whole(streams_of(setup)["space_role_assignments"])

    assert record == {
        "spaceId": "1",
        "roleId": "r1",
        "principal": principal,
        "principalType": at_top[0],
        "principalId": at_top[1],
    }


def test_role_assignments_are_denied_if_the_roles_are(site: FakeSite, setup: Setup) -> None:
    """One denial of the list of roles costs one request, not one for each space."""
    site.faults["space-roles"] = lambda _: (403, {"message": "No right"})

    outcome = run_sync(setup, [entry("space_role_assignments")])

    assert outcome.statuses("space_role_assignments") == ["STARTED", "COMPLETE"]
    assert site.endpoints() == ["space-roles"]


def test_one_request_per_space_includes_three_lists(site: FakeSite, setup: Setup) -> None:
    site.spaces = [space(1), space(2)]
    for number in (1, 2):
        site.lists[f"spaces/{number}/properties"] = [{"id": "1", "key": "k"}]
        site.lists[f"spaces/{number}/permissions"] = [{"id": "2"}, {"id": "3"}]
        site.lists[f"spaces/{number}/labels"] = [{"id": "4"}]
    names = ("space_properties", "space_permissions", "space_labels")

    outcome = run_sync(setup, [entry(name) for name in names])

    assert [len(outcome.records(name)) for name in names] == [2, 4, 2]
    assert site.endpoints() == ["spaces", "spaces", "spaces/1", "spaces/2"]
    assert sorted(site.requests_to("spaces/1")[0]) == [
        "include-labels",
        "include-permissions",
        "include-properties",
    ]
