"""Spaces that a state does not cover: imported, granted or selected since. They are read whole."""

from __future__ import annotations

from typing import Any

import pytest

from source_confluence.streams import STREAMS
from unit_tests.fake_site import NOT_FOUND, FakeSite, Json, always, page, space
from unit_tests.fakes import make_setup
from unit_tests.run_sync import Outcome, entry, run_sync

OLD, NEWER = "2020-01-01T00:00:00.000Z", "2025-05-20T00:00:00.000Z"
TYPE = "ac:com.example.app:diagram"
FOLLOWING = [one.name for one in STREAMS if one.incremental_by and one.name != "audit"]


def dated(record_id: int, modified: str = OLD, number: int = 2, **more: Any) -> Json:
    version = {"number": number, "createdAt": modified}
    return page(record_id, **{"createdAt": modified, "version": version, **more})


def add_space(site: FakeSite, number: int, created: str = OLD) -> None:
    """Add a space with one of everything, created and last modified at a moment."""
    spaced: Json = {"spaceId": str(number), "createdAt": created}
    first = 100 * number
    site.spaces.append(space(number))
    site.pages.append(dated(first, created, **spaced))
    site.blogposts.append(dated(first + 1, created, **spaced))
    contained: Json = {"createdAt": created, "spaceId": None}
    on_page: Json = {"pageId": str(first), **contained}
    site.lists["attachments"].append(dated(first + 2, created, **on_page))
    custom: Json = {"type": TYPE, "pageId": str(first), **spaced}
    site.lists["custom-content"].append(dated(first + 3, created, **custom))
    site.lists["footer-comments"] += [
        dated(first + 4, created, **on_page),
        dated(first + 5, created, blogPostId=str(first + 1), **contained),
        dated(first + 6, created, attachmentId=str(first + 2), **contained),
        dated(first + 7, created, customContentId=str(first + 3), **contained),
    ]
    site.lists["inline-comments"] += [
        dated(first + 8, created, **on_page),
        dated(first + 9, created, blogPostId=str(first + 1), **contained),
    ]
    task = {"id": str(first), "spaceId": str(number), "pageId": str(first)}
    site.lists["tasks"].append({**task, "createdAt": created, "updatedAt": created})
    kinds = ("pages", "blogposts", "attachments", "custom-content", "footer-comments")
    for kind in (*kinds, "inline-comments"):
        for one in [*site.pages, *site.blogposts] if kind in kinds[:2] else site.lists[kind]:
            site.lists[f"{kind}/{one['id']}/versions"] = [
                {"number": 2, "createdAt": one["version"]["createdAt"]},
                {"number": 1, "createdAt": OLD},
            ]


@pytest.fixture
def site(site: FakeSite) -> FakeSite:
    site.spaces = []
    site.custom_types = [TYPE]
    add_space(site, 1, NEWER)
    return site


def read(states: dict[str, Json] | None = None, *names: str, **config: Any) -> Outcome:
    return run_sync(make_setup(**config), [entry(one) for one in names or FOLLOWING], states)


def states_of(outcome: Outcome) -> dict[str, Json]:
    return {name: outcome.whole_states(name)[-1] for name in FOLLOWING}


def of_space_2(outcome: Outcome, name: str) -> list[tuple[Any, ...]]:
    """The keys of the records of space 2, whose ids all begin with a 2."""
    key = next(one.key for one in STREAMS if one.name == name)
    keys = [tuple(str(record.get(field)) for field in key) for record in outcome.records(name)]
    return sorted(one for one in keys if one[0].startswith("2"))


@pytest.mark.parametrize("num_workers", [1, 10])
def test_a_space_that_arrives_is_read_whole_by_every_stream(
    site: FakeSite, num_workers: int
) -> None:
    first = read(num_workers=num_workers)
    add_space(site, 2)
    whole = read(num_workers=num_workers)

    later = read(states_of(first), num_workers=num_workers)

    assert later.error is None
    for name in FOLLOWING:
        assert first.records(name), name
        assert of_space_2(later, name) == of_space_2(whole, name) != [], name


def test_once_read_a_space_is_covered(site: FakeSite) -> None:
    first = read()
    add_space(site, 2)
    second = read(states_of(first))

    third = read(states_of(second))

    assert not any(of_space_2(third, name) for name in FOLLOWING)


def test_what_changed_in_a_space_that_arrives_comes_once(site: FakeSite) -> None:
    first = read()
    add_space(site, 2)
    site.server_time = None
    for one in (site.pages[-1], site.lists["attachments"][-1], site.lists["footer-comments"][-1]):
        one["version"]["createdAt"] = "2025-06-01T11:59:00.000Z"

    later = read(states_of(first))

    for name in ("pages", "attachments", "custom_content_footer_comments"):
        assert len(of_space_2(later, name)) == 1


def test_a_space_whose_content_is_new_costs_no_list_of_the_whole_site(site: FakeSite) -> None:
    """The space of a new colleague, say: what changed lately is all that it holds."""
    first = read()
    add_space(site, 2, NEWER)
    states = {**states_of(first), "attachments": {**states_of(first)["attachments"]}}
    states["attachments"]["lastModifiedAt"] = "2025-05-01T00:00:00.000Z"
    site.requests.clear()

    later = read({"attachments": states["attachments"]}, "attachments")

    assert of_space_2(later, "attachments") == [("202",)]
    assert [params["sort"] for params in site.requests_to("attachments")] == ["-modified-date"]


def test_a_space_that_is_selected_later_is_read_whole(site: FakeSite) -> None:
    add_space(site, 2)
    first = read(space_keys=["S1"])

    later = read(states_of(first), space_keys=["S1", "S2"])

    assert of_space_2(later, "pages") == [("200",)]
    assert of_space_2(later, "attachments") == [("202",)]
    assert len(of_space_2(later, "page_versions")) == 2


def test_a_space_that_was_out_of_sight_is_read_whole_again(site: FakeSite) -> None:
    add_space(site, 2)
    first = read()
    hidden = site.spaces.pop()
    second = read(states_of(first))
    site.spaces.append(hidden)

    third = read(states_of(second))

    assert of_space_2(third, "pages") == [("200",)]


def test_start_date_bounds_what_is_read_of_a_space_that_arrives(site: FakeSite) -> None:
    first = read()
    add_space(site, 2)

    later = read(states_of(first), start_date="2021-01-01T00:00:00Z")

    assert of_space_2(later, "pages") == of_space_2(later, "page_versions") == []


def test_a_state_of_the_first_release_covers_the_spaces_that_there_are(site: FakeSite) -> None:
    """It does not say which it covers. To read everything again would not be what users expect."""
    state = {"lastModifiedAt": "2025-05-01T00:00:00.000Z"}

    second = read({"pages": state}, "pages")
    add_space(site, 2)
    third = read({"pages": second.whole_states("pages")[-1]}, "pages")

    assert second.records("pages")
    assert of_space_2(third, "pages") == [("200",)]


def test_a_sync_that_fails_does_not_cover_the_space(site: FakeSite) -> None:
    first = read()
    add_space(site, 2)
    site.faults["pages"] = lambda params: NOT_FOUND if params.get("space-id") == "2" else None
    failed = read(states_of(first), "pages", body_format="none")
    site.faults.clear()

    again = read({"pages": failed.whole_states("pages")[-1]}, "pages")

    assert failed.statuses("pages")[-1] == "INCOMPLETE"
    assert of_space_2(again, "pages") == [("200",)]


def test_content_that_is_denied_leaves_the_rest_of_a_space_that_arrives(site: FakeSite) -> None:
    first = read()
    add_space(site, 2)
    site.faults["custom-content"] = always(NOT_FOUND)

    later = read(states_of(first), "pages", "attachments", "page_footer_comments")

    assert of_space_2(later, "attachments") == [("202",)]
    assert of_space_2(later, "page_footer_comments") == [("204",)]


def test_what_archived_pages_contain_arrives_although_they_are_not_selected(
    site: FakeSite,
) -> None:
    """Without a filter, what lies on them arrives in a full sync, too."""
    config: Json = {"content_statuses": ["current"]}
    first = read(**config)
    add_space(site, 2)
    site.pages[-1]["status"] = "archived"
    whole = read(**config)

    later = read(states_of(first), **config)

    for name in FOLLOWING:
        assert of_space_2(later, name) == of_space_2(whole, name), name
    assert of_space_2(later, "page_footer_comments")
    assert not of_space_2(later, "pages")


def test_a_space_that_arrives_is_listed_once_however_the_states_differ(site: FakeSite) -> None:
    first = states_of(read())
    for second, state in enumerate(first.values()):
        (field,) = set(state) - {"spaces"}
        state[field] = f"2025-05-20T00:00:{second:02}.000Z"
    add_space(site, 2)
    site.requests.clear()

    later = read(first)

    assert later.error is None
    for endpoint in ("pages", "blogposts", "custom-content"):
        listed = [one for one in site.requests_to(endpoint) if one.get("space-id") == "2"]
        assert len(listed) == 2, "one with bodies, and one for all that it contains"
    whole = [one for one in site.requests_to("attachments") if one["sort"] == "created-date"]
    assert len(whole) == 1
