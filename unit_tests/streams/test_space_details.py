"""What hangs on spaces, and the lists of the whole site."""

from __future__ import annotations

import pytest

from source_confluence.connection import Connection
from unit_tests.fake_site import FakeSite, Json, space
from unit_tests.run_sync import entry, read_whole, run_sync, streams_of


@pytest.mark.parametrize(
    ("principal", "on_top"),
    [
        ({"principalType": "GROUP", "principalId": "g1"}, ("GROUP", "g1")),
        ({"principalType": "ACCESS_CLASS"}, ("ACCESS_CLASS", None)),
        (None, (None, None)),
    ],
)
def test_a_role_assignment_carries_its_principal_on_top(
    site: FakeSite,
    connection: Connection,
    principal: Json | None,
    on_top: tuple[str | None, str | None],
) -> None:
    site.lists["spaces/1/role-assignments"] = [{"roleId": "r1", "principal": principal}]

    (record,) = read_whole(streams_of(connection)["space_role_assignments"])

    assert record == {
        "spaceId": "1",
        "roleId": "r1",
        "principal": principal,
        "principalType": on_top[0],
        "principalId": on_top[1],
    }


def test_spaces_share_one_request_for_three_lists(site: FakeSite, connection: Connection) -> None:
    site.spaces = [space(1), space(2)]
    for number in (1, 2):
        site.lists[f"spaces/{number}/properties"] = [{"id": "1", "key": "k"}]
        site.lists[f"spaces/{number}/permissions"] = [{"id": "2"}, {"id": "3"}]
        site.lists[f"spaces/{number}/labels"] = [{"id": "4"}]
    names = ("space_properties", "space_permissions", "space_labels")

    outcome = run_sync(connection, [entry(name) for name in names])

    assert [len(outcome.records(name)) for name in names] == [2, 4, 2]
    assert site.endpoints() == ["spaces", "spaces", "spaces/1", "spaces/2"]
    assert sorted(site.asked("spaces/1")[0]) == [
        "include-labels",
        "include-permissions",
        "include-properties",
    ]


def test_the_roles_of_the_site_are_read_whole(site: FakeSite, connection: Connection) -> None:
    site.lists["space-roles"] = [{"id": str(number)} for number in range(300)]

    assert read_whole(streams_of(connection)["space_roles"]) == site.lists["space-roles"]
    assert len(site.requests) == 2


def test_classification_levels_come_as_a_bare_array(site: FakeSite, connection: Connection) -> None:
    site.entities["classification-levels"] = [{"id": "1"}, {"id": "2"}]  # type: ignore[assignment]

    assert read_whole(streams_of(connection)["classification_levels"]) == [{"id": "1"}, {"id": "2"}]
    assert site.asked("classification-levels") == [{}], "it knows no limit"
