"""Attachments and custom content: one list, and the filters."""

from __future__ import annotations

from typing import Any

import pytest
from airbyte_cdk.models import DestinationSyncMode, FailureType

from unit_tests.fake_site import BROKEN, NOT_FOUND, FakeSite, Json, always, ids, page, space
from unit_tests.fakes import Setup, make_setup
from unit_tests.run_sync import Outcome, entry, run_sync

OLD, SINCE, NEW = (f"2025-0{month}-01T00:00:00.000Z" for month in (1, 5, 6))
DIAGRAM, BOARD = "ac:com.example.app:diagram", "forge:1a2b-3c:4d_5e:board.v2"


def attachment(number: int, modified: str = OLD, **more: Any) -> Json:
    version = {"number": 1, "createdAt": modified}
    return {"id": str(number), "status": "current", "version": version, **more}


def custom(number: int, kind: str = DIAGRAM, modified: str = OLD, **more: Any) -> Json:
    return page(number, modified, type=kind, **more)


@pytest.fixture
def site(site: FakeSite) -> FakeSite:
    """Attachments and custom content on every kind of container, in two spaces."""
    site.spaces = [space(1), space(2)]
    site.pages = [page(1), page(2, spaceId="2")]
    site.blogposts = [page(3), page(4, spaceId="2")]
    site.custom_types = [BOARD, DIAGRAM]
    site.lists["custom-content"] = [
        custom(5, pageId="1"),
        custom(6, BOARD, NEW, spaceId="2", pageId="2"),
        custom(7, BOARD, blogPostId="3"),
    ]
    site.lists["attachments"] = [
        attachment(11, pageId="1"),
        attachment(12, NEW, pageId="2"),
        attachment(13, blogPostId="3"),
        attachment(14, blogPostId="4"),
        attachment(15, customContentId="5"),
        attachment(16, customContentId="6"),
        attachment(17, status="archived", pageId="1"),
        attachment(18, status="trashed", pageId="1"),
    ]
    return site


def read(name: str, state: Json | None = None, **config: Any) -> Outcome:
    states = {name: state} if state else {}
    return run_sync(make_setup(**config), [entry(name)], states)


@pytest.mark.parametrize(
    ("statuses", "requested", "excluded"),
    [
        (None, "current,archived", {"18"}),
        (["current"], "current", {"17", "18"}),
        (["current", "archived", "trashed"], "current,archived,trashed", set()),
    ],
)
def test_attachments_of_the_selected_statuses_are_one_list(
    site: FakeSite, statuses: list[str] | None, requested: str, excluded: set[str]
) -> None:
    outcome = read("attachments", content_statuses=statuses)

    every = set(ids(site.lists["attachments"]))
    assert set(ids(outcome.records("attachments"))) == every - excluded
    assert site.requests_to("attachments") == [
        {"sort": "created-date", "status": requested, "limit": "250"}
    ]
    assert outcome.records("attachments")[0]["lastModifiedAt"] == OLD


def test_an_incremental_sync_of_attachments_reads_changes(site: FakeSite) -> None:
    outcome = read("attachments", {"lastModifiedAt": SINCE})

    assert ids(outcome.records("attachments")) == ["12"]
    assert [params["sort"] for params in site.requests_to("attachments")] == ["-modified-date"]
    assert outcome.states("attachments") == [{"lastModifiedAt": NEW}]


def test_attachments_are_selected_by_the_space_of_their_container(site: FakeSite) -> None:
    outcome = read("attachments", space_keys=["S1"])

    assert ids(outcome.records("attachments")) == ["11", "13", "15", "17"]
    assert len(site.requests_to("attachments")) == 1


def test_attachments_are_selected_by_the_results_of_cql(site: FakeSite) -> None:
    site.found["type=page and (x = 1)"] = [{"id": "2"}]

    outcome = read("attachments", cql="x = 1")

    assert ids(outcome.records("attachments")) == ["12", "16"]


def test_a_search_for_an_unknown_type_lists_the_types_of_custom_content(site: FakeSite) -> None:
    outcome = read("custom_content")

    assert sorted(ids(outcome.records("custom_content"))) == ["5", "6", "7"]
    assert site.requests_to("content/search") == [{"cql": 'type="no-such-type"'}]
    assert sorted(params["type"] for params in site.requests_to("custom-content")) == [
        DIAGRAM,
        BOARD,
    ]
    assert {(p["sort"], p["body-format"]) for p in site.requests_to("custom-content")} == {
        ("id", "storage")
    }


def test_all_streams_share_one_search_for_types(site: FakeSite, setup: Setup) -> None:
    names = ("custom_content", "custom_content_labels", "custom_content_versions")

    run_sync(setup, [entry(name) for name in names])

    assert len(site.requests_to("content/search")) == 1


def test_types_in_the_config_need_no_search(site: FakeSite) -> None:
    outcome = read("custom_content", custom_content_types=[DIAGRAM])

    assert ids(outcome.records("custom_content")) == ["5"]
    assert site.requests_to("content/search") == []


def test_a_site_without_types_of_custom_content_has_no_records(site: FakeSite) -> None:
    site.custom_types = []

    outcome = read("custom_content")

    assert outcome.statuses("custom_content") == ["STARTED", "COMPLETE"]
    assert site.requests_to("custom-content") == []


def test_every_type_of_a_long_list_is_requested(site: FakeSite) -> None:
    site.custom_types = [f"ac:com.example.number-{number}:thing" for number in range(60)]

    read("custom_content")

    assert sorted(p["type"] for p in site.requests_to("custom-content")) == sorted(
        site.custom_types
    )


def test_the_search_for_types_is_retried(site: FakeSite) -> None:
    answers = iter([BROKEN])
    site.faults["content/search"] = lambda _: next(answers, None)

    assert read("custom_content").statuses("custom_content")[-1] == "COMPLETE"


def test_the_stream_fails_if_the_search_for_types_fails(site: FakeSite) -> None:
    site.faults["content/search"] = always(BROKEN)

    assert read("custom_content").statuses("custom_content")[-1] == "INCOMPLETE"


def test_an_incremental_sync_of_custom_content_reads_changes_of_each_type(site: FakeSite) -> None:
    outcome = read("custom_content", {"lastModifiedAt": SINCE})

    assert ids(outcome.records("custom_content")) == ["6"]
    assert {params["sort"] for params in site.requests_to("custom-content")} == {"-modified-date"}
    assert len(site.requests_to("custom-content")) == 2


def test_custom_content_is_selected_by_its_space(site: FakeSite) -> None:
    outcome = read("custom_content", excluded_space_keys=["S2"])

    assert sorted(ids(outcome.records("custom_content"))) == ["5", "7"]
    assert {params["space-id"] for params in site.requests_to("custom-content")} == {"1"}


def test_custom_content_is_selected_by_the_results_of_cql(site: FakeSite) -> None:
    site.found["type=blogpost and (x = 1)"] = [{"id": "3"}]

    assert ids(read("custom_content", cql="x = 1").records("custom_content")) == ["7"]


FORBIDDEN = (403, {"message": "Not this app's"})


def deny(site: FakeSite, answer: tuple[int, Json], *kinds: str) -> None:
    site.faults["custom-content"] = lambda params: answer if params["type"] in kinds else None


@pytest.mark.parametrize("answer", [NOT_FOUND, FORBIDDEN], ids=["404", "403"])
@pytest.mark.parametrize("state", [None, {"lastModifiedAt": "2024-01-01T00:00:00.000Z"}])
def test_a_denied_type_is_skipped_with_a_warning(
    site: FakeSite, answer: tuple[int, Json], state: Json | None, caplog: pytest.LogCaptureFixture
) -> None:
    deny(site, answer, BOARD)
    names = ("custom_content", "custom_content_versions", "custom_content_labels")
    site.lists["custom-content/5/labels"] = [{"id": "1", "name": "kept"}]

    states = {name: state for name in names[:2] if state is not None}
    outcome = run_sync(make_setup(), [entry(name) for name in names], states)

    assert [outcome.statuses(name)[-1] for name in names] == ["COMPLETE"] * 3
    assert ids(outcome.records("custom_content")) == ["5"]
    assert [r["customContentId"] for r in outcome.records("custom_content_versions")] == ["5"]
    assert [r["customContentId"] for r in outcome.records("custom_content_labels")] == ["5"]
    assert outcome.states("custom_content") == [{"lastModifiedAt": OLD}]
    lines = [(one.levelname, BOARD in one.message) for one in caplog.records]
    assert lines == [("WARNING", True)]


@pytest.mark.parametrize("kinds", [[DIAGRAM], [DIAGRAM, BOARD, "ac:com.example.app:third"]])
@pytest.mark.parametrize("num_workers", [1, 10])
def test_the_stream_is_denied_if_every_type_is(
    site: FakeSite, kinds: list[str], num_workers: int, caplog: pytest.LogCaptureFixture
) -> None:
    deny(site, FORBIDDEN, *kinds)
    site.custom_types = kinds
    names = ("custom_content", "custom_content_labels")

    setup = make_setup(num_workers=num_workers)
    outcome = run_sync(setup, [entry(name) for name in names])

    assert [outcome.statuses(name)[-1] for name in names] == ["COMPLETE"] * 2
    assert outcome.states("custom_content") == [{}], (
        "a later sync must read content that becomes accessible"
    )
    warnings = [one.message for one in caplog.records if one.levelname == "WARNING"]
    for name in names:
        assert any(name in line.split() for line in warnings)


def test_a_table_is_not_replaced_if_every_type_is_denied(site: FakeSite) -> None:
    deny(site, NOT_FOUND, DIAGRAM, BOARD)
    overwrite = entry("custom_content", destination=DestinationSyncMode.overwrite)

    outcome = run_sync(make_setup(), [overwrite])

    assert outcome.statuses("custom_content")[-1] == "INCOMPLETE"
    assert outcome.error is not None
    assert outcome.error.failure_type is FailureType.config_error


def test_a_type_that_is_denied_after_its_first_page_fails_the_stream(site: FakeSite) -> None:
    site.lists["custom-content"] = [custom(number) for number in range(1, 300)]
    site.faults["custom-content"] = lambda params: NOT_FOUND if "cursor" in params else None

    outcome = read("custom_content")

    assert outcome.statuses("custom_content")[-1] == "INCOMPLETE"
    assert outcome.states("custom_content") == [{}]


@pytest.mark.parametrize("odd", [["1"], {"id": "1"}, 1], ids=str)
def test_an_attachment_on_an_odd_container_does_not_fail_the_stream(
    site: FakeSite, odd: object
) -> None:
    site.lists["attachments"] = [attachment(11, pageId="1"), attachment(12, pageId=odd)]
    narrow = run_sync(make_setup(space_keys=["S1"]), [entry("attachments")])

    wide = run_sync(
        make_setup(),
        [entry("attachments")],
        {"attachments": narrow.whole_states("attachments")[-1]},
    )

    assert ids(narrow.records("attachments")) == ["11"]
    assert (narrow.error, wide.error) == (None, None)
