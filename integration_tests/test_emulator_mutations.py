"""The emulated site changes while it is read."""

from collections.abc import Callable, Iterator
from datetime import datetime, timezone

import pytest

from integration_tests.confluence_emulator import Emulator, Settings, SiteSpec
from integration_tests.confluence_emulator.http import Request
from integration_tests.confluence_emulator.kinds import CUSTOM_TYPES
from integration_tests.confluence_emulator.visitor import V2, Visitor, cursor, ids, next_link

SPEC = SiteSpec(seed=3, spaces=15, pages=260, blog_posts=60, groups=12, audit_records=80)
NOW = datetime(2031, 5, 17, 12, 30, 15, 250_000, tzinfo=timezone.utc)


@pytest.fixture
def changing() -> Iterator[Emulator]:
    with Emulator(SPEC, Settings(clock=lambda: NOW)) as running:
        yield running


def test_a_walk_by_id_loses_nothing_while_pages_come_and_go(changing: Emulator) -> None:
    before = ids(sorted(changing.expected("pages"), key=lambda page: int(page["id"])))
    with Visitor(changing) as visitor:
        first = visitor.content(V2 + "pages", {"limit": 50})
        changing.mutations.purge("page", before[49])
        changing.mutations.trash("page", before[60])
        changing.mutations.edit("page", before[70], title="A")
        created = changing.mutations.create("page", first["results"][0]["spaceId"])
        rest = visitor.records(V2 + "pages", {"limit": 50, "cursor": cursor(next_link(first))})

    assert ids(first["results"]) == before[:50]
    assert ids(rest) == [*before[50:60], *before[61:], created["id"]]


def test_an_edit_moves_a_page_to_the_front(changing: Emulator) -> None:
    with Visitor(changing) as visitor:
        query = {"sort": "-modified-date", "limit": 10}
        last = visitor.records(V2 + "pages", query)[-1]

        edited = changing.mutations.edit("page", last["id"], title="Neu", text="Now & then")

        front = visitor.content(V2 + "pages", {**query, "body-format": "storage"})["results"][0]
    assert front["id"] == edited["id"]
    assert front["title"] == "Neu"
    assert front["version"]["number"] == last["version"]["number"] + 1
    assert front["version"]["createdAt"] == "2031-05-17T12:30:15.250Z"
    assert "Now & then" in front["body"]["storage"]["value"]


def test_a_test_can_step_in_before_a_request(changing: Emulator) -> None:
    number = changing.expected("pages")[30]["id"]

    def trash_before_the_third(request: Request) -> None:
        if "cursor" in request.query and len(changing.requests) == 2:
            changing.mutations.trash("page", number)

    changing.settings.on_request = trash_before_the_third
    with Visitor(changing) as visitor:
        found = ids(visitor.records(V2 + "pages", {"limit": 10}))

    assert number not in found
    assert len(found) == len(changing.expected("pages"))


def test_content_goes_to_the_trash_and_comes_back(changing: Emulator) -> None:
    pages = {page["id"]: page for page in changing.expected("pages")}
    child = next(p for p in pages.values() if p["parentId"] in pages and p["status"] == "current")
    parent = pages[child["parentId"]]
    with Visitor(changing) as visitor:
        trashed = changing.mutations.trash("page", parent["id"])
        found = visitor.records(V2 + "pages", {"id": parent["id"]})
        in_trash = visitor.records(V2 + "pages", {"id": parent["id"], "status": "trashed"})
        orphan = visitor.content(f"{V2}pages/{child['id']}")
        restored = changing.mutations.restore("page", parent["id"])

    assert found == []
    assert in_trash == [trashed]
    assert trashed["parentId"] is None
    assert orphan["parentId"] == parent["parentId"]
    assert restored["version"] == parent["version"]


def test_other_mutations(changing: Emulator) -> None:
    mutations = changing.mutations
    space = mutations.add_space("NEW", "New space")
    post = mutations.create("blogpost", space["id"], title="Hello")
    page = changing.expected("pages")[0]
    moved = mutations.move(page["id"], space_id=space["id"], parent_id=None, position=7)
    archived = mutations.archive(page["id"])
    late = mutations.add_audit_record("Late")
    early = mutations.add_audit_record("Early", created=1)
    group = mutations.add_group("newcomers")

    assert post in changing.expected("blog_posts", space_keys=["NEW"])
    assert (moved["spaceId"], moved["position"]) == (space["id"], 7)
    assert (archived["status"], archived["version"]) == ("archived", page["version"])
    assert changing.expected("audit")[0] == late
    assert changing.expected("audit")[-1] == early
    assert late["creationDate"] == int(NOW.timestamp() * 1000)
    assert group in changing.expected("group")
    mutations.delete_group(group["id"])
    assert group not in changing.expected("group")
    mutations.archive_space(space["id"])
    assert changing.expected("space")[-1]["status"] == "archived"


def test_an_edit_leaves_earlier_versions_as_they_were(changing: Emulator) -> None:
    page = next(page for page in changing.expected("pages") if page["version"]["number"] > 3)

    def versions() -> dict[int, dict[str, object]]:
        found = changing.expected("page_versions")
        return {one["number"]: one for one in found if one["pageId"] == page["id"]}

    before = versions()
    edited = changing.mutations.edit("page", page["id"], title="Anders")
    after = versions()

    number = edited["version"]["number"]
    assert set(after) == {*before, number}
    assert {key: after[key] for key in before} == before
    assert after[number]["createdAt"] == edited["version"]["createdAt"]
    assert after[number]["page"] == {"id": page["id"], "title": "Anders"}


@pytest.mark.parametrize("kind", ["attachment", "custom_content", "footer_comment", "folder"])
def test_everything_with_versions_can_be_edited(changing: Emulator, kind: str) -> None:
    item = next(iter(changing.site.table(kind)))
    prefix = "att" if kind == "attachment" else ""

    edited = changing.mutations.edit(kind, f"{prefix}{item.id}", text="new")

    assert edited["version"]["createdAt"] == "2031-05-17T12:30:15.250Z"


def test_comments_come_and_go_with_their_replies(changing: Emulator) -> None:
    mutations = changing.mutations
    page = changing.expected("pages", statuses=["current"])[0]
    attachment = mutations.attach("page", page["id"])
    comment = mutations.comment("page", page["id"])
    reply = mutations.comment("page", page["id"], parent_id=comment["id"])
    inline = mutations.comment("page", page["id"], inline=True)
    on_file = mutations.comment("attachment", attachment["id"])
    custom = mutations.add_custom_content("page", page["id"], CUSTOM_TYPES[0])

    assert (reply["pageId"], reply["parentCommentId"]) == (page["id"], comment["id"])
    assert mutations.resolve(inline["id"])["resolutionStatus"] == "resolved"
    assert on_file in changing.expected("attachment_footer_comments")
    assert custom in changing.expected("custom_content")
    mutations.purge("footer_comment", comment["id"])
    comments = ids(changing.expected("page_footer_comments"))
    assert comment["id"] not in comments
    assert reply["id"] not in comments


def test_what_hangs_on_a_page_shares_its_fate(changing: Emulator) -> None:
    mutations = changing.mutations
    page = changing.expected("pages", statuses=["current"])[0]
    attachment = mutations.attach("page", page["id"])
    removed = mutations.attach("page", page["id"])
    comment = mutations.comment("attachment", attachment["id"])
    mutations.trash("attachment", removed["id"])
    mutations.add_task("page", page["id"])

    def states() -> list[str]:
        found = changing.expected("attachments", statuses=["current", "archived", "trashed"])
        return [one["status"] for one in found if one["id"] in (attachment["id"], removed["id"])]

    mutations.trash("page", page["id"])
    assert states() == ["trashed", "trashed"]
    assert comment["id"] not in ids(changing.expected("attachment_footer_comments"))
    mutations.restore("page", page["id"])
    assert states() == ["current", "trashed"]
    mutations.archive(page["id"])
    assert states() == ["archived", "trashed"]
    assert comment["id"] in ids(changing.expected("attachment_footer_comments"))
    mutations.purge("page", page["id"])
    assert states() == []
    assert all(task.get("pageId") != page["id"] for task in changing.expected("tasks"))


def test_details_change_without_a_new_version(changing: Emulator) -> None:
    mutations, version = changing.mutations, changing.expected("pages")[0]["version"]
    number, somebody = changing.expected("pages")[0]["id"], changing.site.people[-1].account_id

    label = mutations.label("page", number, "brand-new")
    one = mutations.set_property("page", number, "k", {"a": 1})
    again = mutations.set_property("page", number, "k", [2])
    mutations.like("page", number, somebody)
    mutations.watch("page", number, somebody)
    mutations.restrict("page", number, "read", users=[somebody])
    task = mutations.add_task("page", number)
    done = mutations.complete_task(task["id"])

    def of_page(stream: str) -> list[dict[str, object]]:
        return [one for one in changing.expected(stream) if one["pageId"] == number]

    assert label in changing.expected("labels")
    assert {"pageId": number, **label} in of_page("page_labels")
    assert (one["version"]["number"], again["version"]["number"]) == (1, 2)
    assert again["value"] == [2]
    assert {"pageId": number, "accountId": somebody} in of_page("page_likes")
    assert somebody in {watch["accountId"] for watch in of_page("page_watchers")}
    reads = [one for one in of_page("page_restrictions") if one["operation"] == "read"]
    assert [one["principalId"] for one in reads] == [somebody]
    assert (task["status"], done["status"]) == ("incomplete", "complete")
    assert changing.expected("pages")[0]["version"] == version
    mutations.unlabel("page", number, "brand-new")
    assert {"pageId": number, **label} not in of_page("page_labels")
    mutations.delete_property("page", number, "k")
    assert "k" not in {one["key"] for one in of_page("page_content_properties")}


def test_people_join_and_leave(changing: Emulator) -> None:
    mutations, group = changing.mutations, changing.expected("group")[0]["id"]

    user = mutations.add_user("Zoë Ẑ")
    mutations.add_member(group, user["accountId"])

    assert user in changing.expected("users")
    assert {"groupId": group, **user} in changing.expected("group_members")
    mutations.remove_member(group, user["accountId"])
    assert {"groupId": group, **user} not in changing.expected("group_members")


def test_a_mutation_of_nothing_is_an_error(changing: Emulator) -> None:
    with pytest.raises(KeyError):
        changing.mutations.edit("page", "1")
    with pytest.raises(KeyError):
        changing.mutations.delete_group("1")
    with pytest.raises(KeyError):
        changing.mutations.archive_space("1")
    with pytest.raises(KeyError):
        changing.mutations.edit("attachment", "123")
    page = changing.expected("pages")[0]["id"]
    impossible: list[Callable[[], object]] = [
        lambda: changing.mutations.unlabel("page", page, "nothing"),
        lambda: changing.mutations.delete_property("page", page, "nothing"),
        lambda: changing.mutations.complete_task("1"),
        lambda: changing.mutations.remove_member(changing.site.groups[-1].id, "nobody"),
    ]
    for mutation in impossible:
        with pytest.raises(KeyError):
            mutation()
