"""The emulated site: what others hide, grant, move and import, and dates that stay as they were."""

from collections.abc import Iterator
from datetime import datetime, timezone

import pytest

from integration_tests.confluence_emulator import Emulator, Settings, SiteSpec
from integration_tests.confluence_emulator.client import V1, V2, EmulatorClient, ids

SPEC = SiteSpec(
    seed=5, spaces=4, pages=60, blog_posts=12, attachments=80, custom_content=60, tasks=60
)
NOW = datetime(2031, 5, 17, 12, 30, 15, 250_000, tzinfo=timezone.utc)
STREAMS = (
    "space",
    "pages",
    "blog_posts",
    "attachments",
    "custom_content",
    "folders",
    "page_footer_comments",
    "page_inline_comments",
    "attachment_footer_comments",
    "tasks",
    "page_versions",
    "page_labels",
    "page_restrictions",
    "space_permissions",
)
IMPORTED = (
    "space",
    "pages",
    "blog_posts",
    "attachments",
    "custom_content",
    "page_footer_comments",
    "page_inline_comments",
    "tasks",
    "page_versions",
)
LISTS = ("pages", "attachments", "footer-comments", "inline-comments", "tasks")


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(SPEC, Settings(clock=lambda: NOW)) as running:
        yield running


@pytest.fixture
def client(emulator: Emulator) -> Iterator[EmulatorClient]:
    with EmulatorClient(emulator) as visiting:
        yield visiting


def truth(emulator: Emulator) -> dict[str, list[dict[str, object]]]:
    return {name: emulator.expected(name, body_format="storage") for name in STREAMS}


def a_parent(emulator: Emulator) -> dict[str, str]:
    """Return a page with child pages that has attachments."""
    pages = {page["id"]: page for page in emulator.expected("pages", statuses=["current"])}
    parents = [page["parentId"] for page in pages.values()]
    on = {one.get("pageId") for one in emulator.expected("attachments", statuses=["current"])}
    return next(page for number, page in pages.items() if number in parents and number in on)


def test_a_hidden_space_is_nowhere_and_comes_back_as_it_was(
    emulator: Emulator, client: EmulatorClient
) -> None:
    before = truth(emulator)
    space = before["space"][0]

    emulator.mutations.hide("space", str(space["id"]))
    hidden = truth(emulator)

    assert space not in hidden["space"]
    assert all(one["spaceId"] != space["id"] for one in hidden["pages"])
    for name in ("pages", "blog_posts", "tasks", "page_versions", "space_permissions"):
        assert len(hidden[name]) < len(before[name])
    assert client.get(f"{V2}spaces/{space['id']}").status_code == 404
    found = client.records(V1 + "content/search", {"cql": "type in (page, comment)"})
    assert set(ids(found)).isdisjoint(
        {one["id"] for one in before["pages"] if one["spaceId"] == space["id"]}
    )
    with pytest.raises(KeyError):
        emulator.mutations.hide("space", str(space["id"]))

    emulator.mutations.grant("space", str(space["id"]))
    assert truth(emulator) == before


def test_a_restricted_page_hides_its_children_and_all_that_is_on_them(
    emulator: Emulator, client: EmulatorClient
) -> None:
    before = truth(emulator)
    page = a_parent(emulator)

    emulator.mutations.hide("page", page["id"])
    hidden = truth(emulator)

    visible = {one["id"] for one in hidden["pages"]}
    assert page["id"] not in visible
    assert len(visible) < len(before["pages"]) - 1
    assert all(one.get("pageId", next(iter(visible))) in visible for one in hidden["attachments"])
    assert len(hidden["attachments"]) < len(before["attachments"])
    listed = {name: ids(client.records(V2 + name)) for name in LISTS}
    assert set(listed["pages"]) == visible
    assert page["id"] not in {
        one.get("pageId") for name in LISTS[1:] for one in client.records(V2 + name)
    }
    assert client.get(f"{V2}pages/{page['id']}/labels").status_code == 404

    emulator.mutations.grant("page", page["id"])
    assert truth(emulator) == before


def test_what_is_in_something_hidden_stays_hidden(emulator: Emulator) -> None:
    page = a_parent(emulator)
    emulator.mutations.hide("page", page["id"])
    emulator.mutations.hide("space", page["spaceId"])

    with pytest.raises(KeyError):
        emulator.mutations.grant("page", page["id"])

    emulator.mutations.grant("space", page["spaceId"])
    assert page["id"] not in ids(emulator.expected("pages"))
    emulator.mutations.grant("page", page["id"])
    assert page["id"] in ids(emulator.expected("pages"))


def test_an_imported_space_is_complete_and_older_than_everything(emulator: Emulator) -> None:
    before = truth(emulator)
    newest_first = {"sort": "-modified-date", "limit": 250, "status": "current,archived"}

    imported = emulator.mutations.import_space("OLD", "Imported")
    after = truth(emulator)

    with EmulatorClient(emulator) as client:
        last = client.records(V2 + "pages", newest_first)[-len(imported["ids"]["page"]) :]
    assert {one["id"] for one in last} == set(imported["ids"]["page"])
    for name in IMPORTED:
        assert len(after[name]) > len(before[name])
    old = [one for one in after["pages"] if one["spaceId"] == imported["id"]]
    assert {one["status"] for one in old} == {"current", "archived"}
    assert [one["key"] for one in after["space"]].count("OLD") == 1


def test_descendants_move_with_a_page_and_no_date_changes(emulator: Emulator) -> None:
    before = {page["id"]: page for page in emulator.expected("pages")}
    page = a_parent(emulator)
    children = [one["id"] for one in before.values() if one["parentId"] == page["id"]]
    target = next(one["id"] for one in emulator.expected("space") if one["id"] != page["spaceId"])
    emulator.mutations.hide("page", children[0])

    emulator.mutations.move(page["id"], target)
    emulator.mutations.grant("page", children[0])

    after = {one["id"]: one for one in emulator.expected("pages")}
    for number in (page["id"], *children):
        assert after[number]["spaceId"] == target
        assert after[number]["version"] == before[number]["version"]
    assert after[children[0]]["parentId"] == page["id"]


def test_the_children_of_a_purged_page_move_up(emulator: Emulator, client: EmulatorClient) -> None:
    page = a_parent(emulator)
    child = next(one for one in emulator.expected("pages") if one["parentId"] == page["id"])
    emulator.mutations.purge("page", page["id"])

    assert client.content(f"{V2}pages/{child['id']}")["parentId"] == page["parentId"]
    assert client.get(f"{V2}pages/{page['id']}").status_code == 404


@pytest.mark.parametrize("body_format", ["storage", "atlas_doc_format"])
def test_an_inline_comment_marks_the_body_without_a_version(
    emulator: Emulator, client: EmulatorClient, body_format: str
) -> None:
    page = next(one for one in emulator.expected("pages") if int(one["id"]) % 31)
    path, query = f"{V2}pages/{page['id']}", {"body-format": body_format}

    comment = emulator.mutations.comment("page", page["id"], inline=True)
    after = client.content(path, query)
    emulator.mutations.comment("page", page["id"], inline=True, parent_id=comment["id"])

    assert f"marker-{comment['id']}" in after["body"][body_format]["value"]
    assert after["version"] == page["version"]
    assert client.content(path, query) == after


def test_a_resolution_makes_no_version(emulator: Emulator) -> None:
    comment = emulator.expected("page_inline_comments")[0]

    resolved = emulator.mutations.resolve(comment["id"])
    reopened = emulator.mutations.reopen(comment["id"])

    assert resolved["resolutionStatus"] == "resolved"
    assert reopened["resolutionStatus"] == "reopened"
    assert reopened["resolutionLastModifiedAt"] == "2031-05-17T12:30:15.250Z"
    assert reopened["version"] == comment["version"]


def test_an_old_page_stands_where_it_was_put(emulator: Emulator, client: EmulatorClient) -> None:
    newest_first = {"sort": "-modified-date", "limit": 7}
    listed = ids(client.records(V2 + "pages", newest_first))
    page = next(one for one in emulator.expected("pages") if one["id"] == listed[-1])

    displaced = emulator.mutations.displace("page", page["id"], 3)
    after = ids(client.records(V2 + "pages", newest_first))

    assert displaced["version"] == page["version"]
    assert len(after) == len(set(after)) == len(listed)
    assert after.index(page["id"]) < 6
    assert [one for one in after if one != page["id"]] == listed[:-1]
    emulator.mutations.edit("page", page["id"])
    assert ids(client.records(V2 + "pages", newest_first))[0] == page["id"]


def test_files_and_tasks_change(emulator: Emulator) -> None:
    attachment = emulator.expected("attachments", statuses=["current"])[0]
    task = next(one for one in emulator.expected("tasks") if one.get("pageId"))
    page = next(one for one in emulator.expected("pages") if one["id"] == task["pageId"])

    uploaded = emulator.mutations.upload(attachment["id"], 77, "again")
    completed = emulator.mutations.complete_task(task["id"])
    edited = emulator.mutations.edit_task(task["id"], "Something else")

    assert (uploaded["fileSize"], uploaded["comment"]) == (77, "again")
    assert uploaded["version"]["number"] == attachment["version"]["number"] + 1
    assert completed["status"] == "complete"
    assert (edited["status"], edited["updatedAt"]) == ("incomplete", "2031-05-17T12:30:15.250Z")
    versions = {one["id"]: one["version"]["number"] for one in emulator.expected("pages")}
    assert versions[page["id"]] == page["version"]["number"] + 1


def test_the_clock_and_the_date_header_differ_from_the_real_time(
    emulator: Emulator, client: EmulatorClient
) -> None:
    page = emulator.expected("pages")[0]
    emulator.set_clock(advance_hours=48)
    assert "19 May 2031" in client.get(V2 + "labels").headers["Date"]
    edited = emulator.mutate("edit", kind="page", content_id=page["id"])
    assert edited["version"]["createdAt"].startswith("2031-05-19T12:30")
    emulator.set_clock(advance_hours=-72)
    assert "16 May 2031" in client.get(V2 + "labels").headers["Date"]
    emulator.set_date(hours=24)
    assert "17 May 2031" in client.get(V2 + "labels").headers["Date"]
    emulator.set_date("tomorrow")
    assert client.get(V2 + "labels").headers["Date"] == "tomorrow"
    emulator.set_date("")
    assert "Date" not in client.get(V2 + "labels").headers
