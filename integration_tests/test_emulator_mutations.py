"""The emulated site changes while it is read."""

from collections.abc import Iterator
from datetime import datetime, timezone

import pytest

from integration_tests.confluence_emulator import Emulator, Settings, SiteSpec
from integration_tests.confluence_emulator.client import V2, EmulatorClient, cursor, ids, next_link

SPEC = SiteSpec(seed=3, spaces=15, pages=260, blog_posts=60, groups=12, audit_records=80)
NOW = datetime(2031, 5, 17, 12, 30, 15, 250_000, tzinfo=timezone.utc)


@pytest.fixture
def changing() -> Iterator[Emulator]:
    with Emulator(SPEC, Settings(clock=lambda: NOW)) as running:
        yield running


def test_a_walk_by_id_loses_nothing_while_pages_come_and_go(changing: Emulator) -> None:
    before = ids(sorted(changing.expected("pages"), key=lambda page: int(page["id"])))
    with EmulatorClient(changing) as client:
        first = client.content(V2 + "pages", {"limit": 50})
        changing.mutations.purge("page", before[49])
        changing.mutations.trash("page", before[60])
        changing.mutations.edit("page", before[70], title="A")
        created = changing.mutations.create("page", first["results"][0]["spaceId"])
        rest = client.records(V2 + "pages", {"limit": 50, "cursor": cursor(next_link(first))})

    assert ids(first["results"]) == before[:50]
    assert ids(rest) == [*before[50:60], *before[61:], created["id"]]


def test_an_edit_moves_a_page_to_the_front(changing: Emulator) -> None:
    with EmulatorClient(changing) as client:
        query = {"sort": "-modified-date", "limit": 10}
        last = client.records(V2 + "pages", query)[-1]

        edited = changing.mutations.edit("page", last["id"], title="Neu", text="Now & then")

        front = client.content(V2 + "pages", {**query, "body-format": "storage"})["results"][0]
    assert front["id"] == edited["id"]
    assert front["title"] == "Neu"
    assert front["version"]["number"] == last["version"]["number"] + 1
    assert front["version"]["createdAt"] == "2031-05-17T12:30:15.250Z"
    assert "Now & then" in front["body"]["storage"]["value"]


def test_content_goes_to_the_trash_and_comes_back(changing: Emulator) -> None:
    pages = {page["id"]: page for page in changing.expected("pages")}
    child = next(p for p in pages.values() if p["parentId"] in pages and p["status"] == "current")
    parent = pages[child["parentId"]]
    with EmulatorClient(changing) as client:
        trashed = changing.mutations.trash("page", parent["id"])
        found = client.records(V2 + "pages", {"id": parent["id"]})
        in_trash = client.records(V2 + "pages", {"id": parent["id"], "status": "trashed"})
        orphan = client.content(f"{V2}pages/{child['id']}")
        restored = changing.mutations.restore("page", parent["id"])

    assert found == []
    assert in_trash == [trashed]
    assert trashed["parentId"] is None
    assert orphan["parentId"] == parent["parentId"]
    assert restored["version"] == parent["version"]


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
    assert after[number]["page"] == {"id": page["id"], "title": "Anders", "body": {}}


def test_the_children_of_a_page_follow_its_status(changing: Emulator) -> None:
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
