"""Folders and the like that no search finds, but that other records name as their parent."""

from __future__ import annotations

from typing import Any

import pytest
from airbyte_cdk.models import SyncMode

from unit_tests.fake_site import BROKEN, FakeSite, Json, always, ids, page, space
from unit_tests.fakes import make_setup
from unit_tests.run_sync import Outcome, entry, run_sync

NOT_NAMED = (404, {"errors": [{"status": 404, "title": "No folder with that id"}]})


def read(*names: str, **config: Any) -> Outcome:
    return run_sync(make_setup(**config), [entry(name, SyncMode.full_refresh) for name in names])


def in_(parent_type: str, parent_id: int, number: int, **more: Any) -> Json:
    """Return a record that names its parent."""
    return page(number, parentType=parent_type, parentId=str(parent_id), **more)


def by_id(site: FakeSite) -> list[str]:
    return [name for name in site.endpoints() if "/" in name]


@pytest.fixture
def site(site: FakeSite) -> FakeSite:
    """A page in folder 12, in 11, in whiteboard 10; the search finds folder 13 only."""
    site.spaces = [space(1), space(2)]
    site.pages = [in_("folder", 12, 1), in_("page", 1, 2), in_("folder", 13, 3)]
    site.lists["folders"] = [in_("whiteboard", 10, 11), in_("folder", 11, 12), page(13)]
    site.lists["whiteboards"] = [page(10)]
    site.found["type=folder"] = [{"id": "13"}]
    return site


def test_parents_that_pages_and_other_parents_name_are_read(site: FakeSite) -> None:
    outcome = read("folders", "whiteboards")

    assert sorted(ids(outcome.records("folders"))) == ["11", "12", "13"]
    assert ids(outcome.records("whiteboards")) == ["10"]
    assert outcome.records("folders")[0]["lastModifiedAt"]
    assert by_id(site) == ["folders/11", "folders/12", "folders/13", "whiteboards/10"]


def test_only_the_kinds_that_a_sync_reads_are_requested(site: FakeSite) -> None:
    assert sorted(ids(read("folders").records("folders"))) == ["11", "12", "13"]
    assert "whiteboards/10" not in by_id(site)


def test_what_a_search_finds_names_parents_of_other_kinds(site: FakeSite) -> None:
    site.pages = []
    site.found = {"type=database": [{"id": "20"}]}
    site.lists["databases"] = [in_("folder", 12, 20)]

    outcome = read("folders", "whiteboards", "databases", num_workers=1)

    assert sorted(ids(outcome.records("folders"))) == ["11", "12"]
    assert ids(outcome.records("whiteboards")) == ["10"]
    assert ids(outcome.records("databases")) == ["20"]
    assert by_id(site) == ["databases/20", "folders/11", "folders/12", "whiteboards/10"]


def test_a_named_parent_that_was_deleted_is_skipped(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    site.faults["folders/12"] = always(NOT_NAMED)

    outcome = read("folders")

    assert ids(outcome.records("folders")) == ["13"]
    assert outcome.statuses("folders")[-1] == "COMPLETE"
    lines = [one for one in caplog.records if "record 12 of folders" in one.getMessage()]
    assert [one.levelname for one in lines] == ["INFO"]


def test_many_deleted_parents_do_not_deny_the_stream(site: FakeSite) -> None:
    site.pages = [in_("folder", 100 + number, number) for number in range(1, 40)]
    site.found.clear()
    for number in range(1, 40):
        site.faults[f"folders/{100 + number}"] = always(NOT_NAMED)

    outcome = read("folders")

    assert outcome.statuses("folders")[-1] == "COMPLETE"
    assert outcome.error is None


def test_a_named_parent_that_fails_is_named_and_the_rest_is_read(site: FakeSite) -> None:
    site.faults["folders/12"] = always(BROKEN)

    outcome = read("folders")

    assert ids(outcome.records("folders")) == ["13"]
    assert outcome.statuses("folders")[-1] == "INCOMPLETE"
    (error,) = outcome.errors("folders")
    assert "12" in error


def test_parents_in_other_spaces_are_not_requested(site: FakeSite) -> None:
    site.pages += [in_("folder", 14, 4, spaceId="2")]
    site.lists["folders"] += [page(14, spaceId="2")]

    outcome = read("folders", space_keys=["S2"])

    assert ids(outcome.records("folders")) == ["14"]
    assert by_id(site) == ["folders/14"]


def test_a_record_tells_its_own_space(site: FakeSite) -> None:
    site.lists["folders"][1]["spaceId"] = "2"

    assert ids(read("folders", space_keys=["S1"]).records("folders")) == ["13"]


@pytest.mark.parametrize(
    "odd",
    [
        {"parentType": "folder", "parentId": None},
        {"parentType": None, "parentId": "12"},
        {"parentType": ["folder"], "parentId": "12"},
        {"parentType": "folder", "parentId": 12},
        {"parentType": "folder", "parentId": ""},
        {"parentType": "slide", "parentId": "12"},
    ],
)
def test_odd_parents_are_none(site: FakeSite, odd: Json) -> None:
    site.pages = [page(1, **odd)]

    assert ids(read("folders").records("folders")) == ["13"]


def test_folders_that_contain_each_other_end(site: FakeSite) -> None:
    site.lists["folders"][0] |= {"parentType": "folder", "parentId": "12"}

    assert sorted(ids(read("folders").records("folders"))) == ["11", "12", "13"]


def test_without_the_list_of_pages_a_warning_says_what_is_missing(
    site: FakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    site.faults["pages"] = always((403, {"message": "No scope for pages"}))

    outcome = read("folders", "whiteboards")

    assert ids(outcome.records("folders")) == ["13"]
    assert outcome.statuses("folders")[-1] == "COMPLETE"
    lines = [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]
    assert sum({"folders", "whiteboards"} <= set(line.split()) for line in lines) == 1


def test_a_list_of_pages_that_fails_fails_the_stream(site: FakeSite) -> None:
    site.faults["pages"] = always(BROKEN)

    outcome = read("folders")

    assert ids(outcome.records("folders")) == ["13"]
    assert outcome.statuses("folders")[-1] == "INCOMPLETE"


def test_records_of_a_stream_that_has_stopped_are_not_requested_for_their_parents(
    site: FakeSite,
) -> None:
    site.pages = []
    site.found["type=database"] = [{"id": str(number)} for number in range(1000, 2000)]
    for number in range(1000, 2000):
        site.faults[f"databases/{number}"] = always((403, {"message": "Not you"}))

    outcome = read("databases", "folders", num_workers=1)

    assert ids(outcome.records("folders")) == ["13"]
    assert outcome.statuses("folders")[-1] == "COMPLETE"
    assert len([name for name in by_id(site) if name.startswith("databases/")]) < 100
