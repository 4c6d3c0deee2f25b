"""The emulated site changes while it is read."""

from collections.abc import Iterator
from datetime import datetime, timezone

import pytest

from integration_tests.confluence_emulator import Emulator, Settings, SiteSpec
from integration_tests.confluence_emulator.http import Request
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


def test_a_mutation_of_nothing_is_an_error(changing: Emulator) -> None:
    with pytest.raises(KeyError):
        changing.mutations.edit("page", "1")
    with pytest.raises(KeyError):
        changing.mutations.delete_group("1")
    with pytest.raises(KeyError):
        changing.mutations.archive_space("1")
