"""What check finds out, and in how many requests."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from requests_mock import Mocker

from source_confluence.airbyte.check import notes_on
from source_confluence.confluence.errors import ConfigError
from source_confluence.confluence.responses import CredentialsRejected, ServerTrouble
from source_confluence.connection import Connection
from unit_tests.fake_site import BROKEN, NOT_AN_ADMIN, FakeSite, always, page, space
from unit_tests.fakes import make_config, make_connection
from unit_tests.run_sync import LOGGER

PROBED = [
    *("user/current", "pages", "blogposts", "attachments", "content/search", "tasks"),
    *("footer-comments", "inline-comments", "labels", "spaces", "space-roles"),
    *("spaces/1/permissions", "spaces/1/role-assignments", "space/S1/watch"),
    *("content/1/notification/child-created", "analytics/content/1/views"),
    *("classification-levels", "template/page", "group", "search/user", "audit"),
]
"""What is asked for where there is a page and a space."""


@pytest.fixture(autouse=True)
def site(requests_mock: Mocker) -> FakeSite:
    site = FakeSite(requests_mock)
    site.pages = [page(1)]
    return site


def test_there_is_nothing_to_note_where_everything_can_be_read(connection: Connection) -> None:
    assert notes_on(connection, LOGGER) == []


def test_each_stream_costs_one_request_for_one_light_record(
    site: FakeSite, connection: Connection
) -> None:
    notes_on(connection, LOGGER)

    counts = Counter(endpoint for endpoint, _ in site.requests)
    assert counts == dict.fromkeys(PROBED, 1) | {
        shared: counts[shared] for shared in ("pages", "spaces", "content/search")
    }
    assert site.requests[0] == ("user/current", {})
    assert not any("body-format" in params for _, params in site.requests)
    assert {p["limit"] for name, p in site.requests if "limit" in p and "1" not in name} == {"1"}


def test_where_there_is_no_parent_nothing_is_asked_of_one(
    site: FakeSite, connection: Connection
) -> None:
    site.pages, site.spaces = [], []

    assert notes_on(connection, LOGGER) == []

    assert {name for name, _ in site.requests} == {name for name in PROBED if "1" not in name}


def test_a_right_that_children_need_is_looked_for_on_one_parent(
    site: FakeSite, connection: Connection
) -> None:
    site.faults["spaces/1/permissions"] = always(NOT_AN_ADMIN)
    site.faults["analytics/content/1/views"] = always((402, {"message": "Not in your plan"}))

    permissions, views = notes_on(connection, LOGGER)

    assert permissions.startswith("Stream space_permissions cannot be read: The account may not")
    assert views == (
        "Stream page_views cannot be read: The account may not read "
        "/wiki/rest/api/analytics/content/1/views: Not in your plan"
    )


def test_streams_of_one_endpoint_are_named_together(site: FakeSite, connection: Connection) -> None:
    site.faults["inline-comments"] = always(NOT_AN_ADMIN)

    (note,) = notes_on(connection, LOGGER)

    assert note.startswith(
        "Stream page_inline_comments and blog_post_inline_comments cannot be read: The account"
    )


@pytest.mark.parametrize(
    ("endpoint", "refusal", "changes", "sentence"),
    [
        (
            "content/search",
            (400, {"message": "a.b.BadRequestException: Could not parse cql : type=page and (x"}),
            {"cql": "(x"},
            (
                "The config's cql is not understood by Confluence: "
                "Could not parse cql : type=page and (x"
            ),
        ),
        (
            "custom-content",
            (404, {"errors": [{"title": "Custom content type no:such not found"}]}),
            {"custom_content_types": ["no:such"]},
            (
                "The config's custom_content_types names no:such, "
                "but the site has no custom content of that type."
            ),
        ),
    ],
)
def test_a_filter_that_selects_by_what_does_not_exist_is_refused(
    site: FakeSite, endpoint: str, refusal: Any, changes: Any, sentence: str
) -> None:
    site.faults[endpoint] = always(refusal)

    with pytest.raises(ConfigError) as refused:
        notes_on(make_connection(make_config(**changes)), LOGGER)

    assert refused.value.sentence == sentence


def test_filters_that_confluence_understands_pass(site: FakeSite) -> None:
    site.lists["custom-content"] = []
    config = make_config(cql="x = 1", custom_content_types=["a:b", "a:c"])

    assert notes_on(make_connection(config), LOGGER) == []

    assert {"cql": "type=page and (x = 1)", "limit": "1"} in site.asked("content/search")
    assert [p["type"] for p in site.asked("custom-content")] == ["a:b", "a:c"]


@pytest.mark.parametrize("num_workers", [1, 10])
def test_each_stream_that_cannot_be_read_is_named_with_the_reason(
    site: FakeSite, num_workers: int
) -> None:
    site.faults["group"] = always((401, {"message": "Unauthorized; scope does not match"}))
    site.faults["audit"] = always(NOT_AN_ADMIN)

    group, audit = notes_on(make_connection(make_config(num_workers=num_workers)), LOGGER)

    assert group == (
        "Stream group cannot be read: "
        "The API token lacks the scope that /wiki/rest/api/group needs."
    )
    assert audit == (
        "Stream audit cannot be read: The account may not read /wiki/rest/api/audit: "
        "Only Confluence administrators may do this"
    )


def test_an_anonymous_user_means_wrong_credentials(site: FakeSite, connection: Connection) -> None:
    site.user = {"type": "anonymous", "displayName": "Anonymous"}

    with pytest.raises(CredentialsRejected, match="for anonymous: check email and api_token"):
        notes_on(connection, LOGGER)

    assert len(site.requests) == 1


def test_a_site_that_answers_with_no_user_at_all_is_in_trouble(
    connection: Connection, requests_mock: Mocker
) -> None:
    requests_mock.get(f"{connection.site.v1}user/current", json=[])

    with pytest.raises(ServerTrouble, match="JSON of an unknown form"):
        notes_on(connection, LOGGER)


@pytest.mark.parametrize(
    ("endpoint", "status", "body"),
    [
        ("user/current", 403, {"message": "caller cannot access Confluence"}),
        ("spaces", 404, {"errors": [{"status": 404, "title": "Not Found"}]}),
    ],
)
def test_rejected_credentials_are_no_note(
    site: FakeSite, connection: Connection, endpoint: str, status: int, body: dict[str, object]
) -> None:
    site.faults[endpoint] = always((status, body))

    with pytest.raises(CredentialsRejected, match="does not accept the credentials"):
        notes_on(connection, LOGGER)


def test_a_site_in_trouble_cannot_be_checked(site: FakeSite, connection: Connection) -> None:
    site.faults["audit"] = always(BROKEN)

    with pytest.raises(ServerTrouble):
        notes_on(connection, LOGGER)


def test_named_spaces_have_to_exist(site: FakeSite) -> None:
    site.spaces = [space(1), space(2, "archived")]

    assert notes_on(make_connection(make_config(space_keys=["S1", "S2"])), LOGGER) == []
    with pytest.raises(ConfigError, match="space_keys names S3, but"):
        notes_on(make_connection(make_config(space_keys=["S1", "S3"])), LOGGER)
