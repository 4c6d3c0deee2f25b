"""What check finds out, and in how many requests."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from requests_mock import Mocker

from source_confluence.airbyte.check import notes_on
from source_confluence.confluence.errors import ConfigError, CredentialsRejected, ServerError
from source_confluence.streams import STREAMS
from unit_tests.fake_site import BROKEN, NOT_AN_ADMIN, FakeSite, Json, always, page, space
from unit_tests.fakes import Setup, make_setup
from unit_tests.run_sync import sync_of

TYPES = ["a:b", "a:c"]
PROBED = {
    stream.name: stream.cloud.endpoints[0].partition(" ")[2].format(id="1", key="S1")
    for stream in STREAMS
    if stream.facts.right or "{" not in stream.cloud.endpoints[0]
}
"""The endpoint of every list, and of the children that need a right, by stream."""
LISTS_OF_PARENTS = ("pages", "spaces")
COUNTED = ("type=page", "type=attachment", "type=comment")
"""What is counted to find out whether the site is large, each with one search."""


def notes(setup: Setup) -> list[str]:
    return notes_on(sync_of(setup))


def streams_in(note: str) -> set[str]:
    """The streams that a note begins with."""
    return {stream.name for stream in STREAMS} & set(note.partition(":")[0].split())


@pytest.fixture(autouse=True)
def site(site: FakeSite) -> FakeSite:
    site.pages = [page(1)]
    return site


def test_every_list_and_every_right_is_probed(site: FakeSite) -> None:
    assert notes(make_setup(custom_content_types=TYPES[:1])) == []

    requested = {endpoint for endpoint, _ in site.requests}
    assert requested == {"user/current", *PROBED.values()}


def test_each_probe_is_one_request_for_one_light_record(site: FakeSite) -> None:
    notes(make_setup(custom_content_types=TYPES[:1]))

    counts = Counter(endpoint for endpoint, _ in site.requests)
    assert {name for name, count in counts.items() if count > 1} <= {*LISTS_OF_PARENTS, "search"}
    assert counts["search"] == 1 + len(COUNTED)
    assert site.requests[0] == ("user/current", {})
    assert not any("body-format" in params for _, params in site.requests)
    assert {p["limit"] for name, p in site.requests if "limit" in p and "1" not in name} == {"1"}


@pytest.mark.parametrize("num_workers", [1, 10])
def test_every_probed_stream_is_named_if_it_is_denied(site: FakeSite, num_workers: int) -> None:
    denied = {one: of for one, of in PROBED.items() if of not in LISTS_OF_PARENTS}
    site.faults = dict.fromkeys(denied.values(), always(NOT_AN_ADMIN))

    found = notes(make_setup(num_workers=num_workers, custom_content_types=TYPES[:1]))

    named = {name for note in found for name in streams_in(note)}
    dependents = {stream.name for stream in STREAMS if stream.cloud.needs}
    assert named | dependents == set(denied) | dependents
    assert named >= set(denied)
    assert len(found) == len(set(denied.values())), "streams of one endpoint share a note"


@pytest.mark.parametrize(
    ("endpoint", "response", "streams"),
    [
        ("spaces/1/permissions", NOT_AN_ADMIN, {"space_permissions"}),
        ("analytics/content/1/views", (402, {"message": "Not in your plan"}), {"page_views"}),
        (
            "group",
            (401, {"message": "Unauthorized; scope does not match"}),
            {"group", "group_members"},
        ),
        ("audit", NOT_AN_ADMIN, {"audit"}),
        (
            "inline-comments",
            (404, {"message": "Not here"}),
            {
                "page_inline_comments",
                "blog_post_inline_comments",
                "inline_comment_likes",
                "inline_comment_versions",
                "comment_content_properties",
            },
        ),
    ],
)
def test_a_note_names_the_streams_and_the_endpoint(
    site: FakeSite, setup: Setup, endpoint: str, response: tuple[int, Json], streams: set[str]
) -> None:
    site.faults[endpoint] = always(response)

    (note,) = notes(setup)

    assert streams_in(note) == streams
    assert endpoint in note


def test_without_parents_no_children_are_requested(site: FakeSite, setup: Setup) -> None:
    site.pages, site.spaces = [], []

    assert notes(setup) == []

    assert not any("1" in endpoint for endpoint in site.endpoints())


@pytest.mark.parametrize(
    ("endpoint", "refusal", "config", "named"),
    [
        (
            "search",
            (400, {"message": "Could not parse cql : type=page and (x"}),
            {"cql": "(x"},
            {"cql", "Could not parse cql : type=page and (x"},
        ),
        (
            "custom-content",
            (404, {"message": "No such type"}),
            {"custom_content_types": ["no:such"]},
            {"custom_content_types", "no:such"},
        ),
    ],
)
def test_a_filter_that_confluence_refuses_is_a_mistake_in_the_config(
    site: FakeSite, endpoint: str, refusal: tuple[int, Json], config: Json, named: set[str]
) -> None:
    site.faults[endpoint] = always(refusal)

    with pytest.raises(ConfigError) as caught:
        notes(make_setup(**config))

    assert all(name in caught.value.message for name in named)


def test_filters_that_confluence_understands_pass(site: FakeSite) -> None:
    assert notes(make_setup(cql="x = 1", custom_content_types=TYPES)) == []

    searches = [(params["cql"], params["limit"]) for params in site.requests_to("search")]
    assert ("type=page and (x = 1)", "1") in searches
    assert [params["type"] for params in site.requests_to("custom-content")] == TYPES


def test_where_no_status_fits_a_stream_it_is_not_requested(site: FakeSite) -> None:
    assert notes(make_setup(content_statuses=["archived"])) == []

    assert site.requests_to("blogposts") == []


def test_an_anonymous_user_means_wrong_credentials(site: FakeSite, setup: Setup) -> None:
    site.user = {"type": "anonymous", "displayName": "Anonymous"}

    with pytest.raises(CredentialsRejected):
        notes(setup)

    assert len(site.requests) == 1


def test_rejected_credentials_are_an_error(site: FakeSite, setup: Setup) -> None:
    site.faults["user/current"] = always((403, {"message": "caller cannot access Confluence"}))

    with pytest.raises(CredentialsRejected):
        notes(setup)


def test_a_404_that_names_nothing_is_a_note(site: FakeSite, setup: Setup) -> None:
    site.faults["tasks"] = always((404, {"errors": [{"status": 404, "title": "Not Found"}]}))

    (note,) = notes(setup)

    assert "tasks" in note


def test_a_response_without_a_user_is_a_server_error(setup: Setup, requests_mock: Mocker) -> None:
    requests_mock.get(f"{setup.connection.site.v1}user/current", json=[])

    with pytest.raises(ServerError):
        notes(setup)


@pytest.mark.parametrize("endpoint", ["user/current", "spaces"])
def test_a_server_error_is_raised_without_retries(
    site: FakeSite, setup: Setup, endpoint: str
) -> None:
    site.faults[endpoint] = always(BROKEN)

    with pytest.raises(ServerError):
        notes(setup)

    assert len(site.requests_to(endpoint)) == 1


@pytest.mark.parametrize("answer", [BROKEN, (200, "a maintenance page"), (200, {"results": 1})])
def test_no_list_is_requested_again_after_a_failure(
    site: FakeSite, answer: tuple[int, Json]
) -> None:
    optional = set(PROBED.values()) - set(LISTS_OF_PARENTS)
    site.faults = dict.fromkeys(optional - {"analytics/content/1/views"}, always(answer))
    site.faults["analytics/content/1/views"] = always(BROKEN)

    notes(make_setup(custom_content_types=TYPES[:1]))

    requested = Counter(name for name, params in site.requests if params.get("cql") not in COUNTED)
    assert {name: requested[name] for name in optional} == dict.fromkeys(optional, 1)
    counted = [params["cql"] for params in site.requests_to("search") if params["cql"] in COUNTED]
    assert len(set(counted)) == len(counted) > 0  # once one has failed, no other need be sent


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 500, 501, 502])
@pytest.mark.parametrize("body", [{"errors": [{"title": "Not Found"}]}, {"message": "No"}, {}])
def test_whatever_an_optional_list_answers_is_a_note(
    site: FakeSite, setup: Setup, status: int, body: Json
) -> None:
    for endpoint in ("space-roles", "audit", "spaces/1/permissions"):
        site.faults[endpoint] = always((status, body))

    found = notes(setup)

    named = {name for note in found for name in streams_in(note)}
    assert named == {"space_roles", "space_role_assignments", "audit", "space_permissions"}


@pytest.mark.parametrize("granted", ["2", "4"])
def test_a_right_that_one_space_denies_is_noted_with_the_space(
    site: FakeSite, setup: Setup, granted: str
) -> None:
    site.spaces = [space(number) for number in range(1, 5)]
    site.pages = [page(10 + number, spaceId=str(number)) for number in range(1, 5)]
    for number in {"1", "2", "3", "4"} - {granted}:
        site.faults[f"spaces/{number}/permissions"] = always(NOT_AN_ADMIN)
        site.faults[f"analytics/content/1{number}/views"] = always(NOT_AN_ADMIN)

    found = notes(setup)

    named = {name for note in found for name in streams_in(note)}
    assert named - {"space"} == {"space_permissions", "page_views"}
    assert all("S1" in note for note in found)


def test_a_right_that_several_spaces_deny_is_noted_without_one(
    site: FakeSite, setup: Setup
) -> None:
    site.spaces = [space(number) for number in range(1, 9)]
    for number in range(1, 9):
        site.faults[f"spaces/{number}/permissions"] = always(NOT_AN_ADMIN)

    (note,) = notes(setup)

    assert "S1" not in note
    assert sum(name.endswith("/permissions") for name in site.endpoints()) == 4


@pytest.mark.parametrize(
    ("config", "named"),
    [
        ({}, {"page_likes", "page_views", "attachment_content_properties"}),
        ({"space_keys": ["s1"]}, {"page_likes"}),
        ({"excluded_space_keys": ["S2"]}, {"page_views"}),
        ({"cql": "x = 1"}, {"page_watchers", "attachment_content_properties"}),
    ],
)
def test_streams_of_many_requests_are_named_where_the_selection_is_large(
    site: FakeSite, config: Json, named: set[str]
) -> None:
    site.counts = {
        "type=page": 100_000,
        "type=attachment": 10_001,
        "type=comment": 10_000,
        'type=page and space in ("S1")': 20_000,
        'type=page and space not in ("S2")': 80_000,
        "type=page and (x = 1)": 40_000,
    }

    (note,) = notes(make_setup(**config))

    words = set(re.findall(r"[a-z_]+", note))
    assert words >= named
    assert not words & {"pages", "comment_content_properties", "space_labels"}
    assert ("attachment_content_properties" in words) == ("attachment_content_properties" in named)


@pytest.mark.parametrize(("rate", "hours"), [({}, "2.8 h"), ({"requests_per_second": 2}, "13.9 h")])
def test_the_note_on_a_large_site_says_how_many_requests_and_how_long(
    site: FakeSite, rate: Json, hours: str
) -> None:
    site.counts = {"type=page": 100_000}

    (note,) = notes(make_setup(**rate))

    assert "100,000" in note
    assert hours in note


@pytest.mark.parametrize("answer", [BROKEN, NOT_AN_ADMIN, (200, {"results": []})])
def test_a_search_that_does_not_count_is_no_note(
    site: FakeSite, setup: Setup, answer: tuple[int, Json]
) -> None:
    site.faults["search"] = lambda params: answer if params["cql"] in COUNTED else None

    assert notes(setup) == []


def test_named_spaces_have_to_exist(site: FakeSite) -> None:
    site.spaces = [space(1), space(2, "archived")]

    assert notes(make_setup(space_keys=["S1", "S2"])) == []
    with pytest.raises(ConfigError) as caught:
        notes(make_setup(space_keys=["S1", "S3"]))

    assert "S3" in caught.value.message
    assert "S1" not in caught.value.message
