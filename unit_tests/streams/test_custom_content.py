"""Types of custom content: which there are, which are refused, and the format of their bodies."""

from __future__ import annotations

from typing import Any

import pytest
from airbyte_cdk.models import SyncMode

from source_confluence.confluence.errors import RequestRefused
from unit_tests.fake_site import BROKEN, NOT_FOUND, FakeSite, Json, Params, always, ids, page
from unit_tests.fakes import make_setup
from unit_tests.run_sync import Outcome, entry, run_sync, streams_of

DIAGRAM, BOARD = "ac:com.example.app:diagram", "forge:1a2b-3c:4d_5e:board.v2"
WHEN = "2025-06-01T00:00:00.000Z"
REFUSED = (400, {"message": "No such type in v2"})


def custom(number: int, kind: str = DIAGRAM, **more: Any) -> Json:
    return page(number, WHEN, type=kind, pageId="1", **more)


@pytest.fixture
def site(site: FakeSite) -> FakeSite:
    """Custom content of two types."""
    site.pages = [page(1)]
    site.custom_types = [BOARD, DIAGRAM]
    site.lists["custom-content"] = [custom(5), custom(6, BOARD), custom(7, BOARD)]
    return site


def read(*names: str, **config: Any) -> Outcome:
    entries = [entry(name, SyncMode.full_refresh) for name in names or ("custom_content",)]
    return run_sync(make_setup(**config), entries)


def bodies(outcome: Outcome) -> dict[str, Any]:
    return {one["id"]: one.get("body") for one in outcome.records("custom_content")}


def requests(site: FakeSite) -> list[tuple[str, str | None]]:
    """Return the type and the body format of each request, sorted."""
    sent = [(p["type"], p.get("body-format")) for p in site.requests_to("custom-content")]
    return sorted(sent, key=str)


@pytest.mark.parametrize(
    "odd",
    [
        "com.atlassian.confluence.extra.team-calendars:calendar-content-type",
        "ac:com.mxgraph.confluence.plugins.diagramly:drawio-diagram",
        "ac:app with spaces:thing",
        "ac:émoji ✓:thing/1",
        'forge:"quoted"\\slash:x',
        "ac:with[brackets]:x",
    ],
)
def test_types_may_hold_any_character(site: FakeSite, odd: str) -> None:
    site.custom_types = [odd, BOARD]
    site.lists["custom-content"].append(custom(8, odd))

    assert sorted(ids(read().records("custom_content"))) == ["6", "7", "8"]
    assert {params["type"] for params in site.requests_to("custom-content")} == {odd, BOARD}


NOT_A_LIST: list[tuple[int, Json]] = [
    (200, {"results": []}),
    (400, {"message": "Could not parse cql : type"}),
    (400, {"message": f"Could not parse cql. Allowed: page, blogpost, attachment, {BOARD}"}),
    (400, {"message": f"expected one of : [page, blogpost, {BOARD}]"}),
    (400, {"message": None, "statusCode": 400}),
    (400, {"errors": [{"title": "No"}]}),
    (405, {"message": "Method not allowed"}),
]


@pytest.mark.parametrize("answer", NOT_A_LIST, ids=str)
def test_an_answer_that_lists_no_types_fails_the_stream_and_names_the_field(
    site: FakeSite, answer: tuple[int, Json]
) -> None:
    site.faults["content/search"] = always(answer)

    outcome = read("custom_content", "pages")

    assert outcome.statuses("custom_content")[-1] == "INCOMPLETE"
    assert outcome.statuses("pages")[-1] == "COMPLETE"
    assert ids(outcome.records("pages")) == ["1"]
    assert "custom_content_types" in outcome.errors("custom_content")[0]
    assert site.requests_to("custom-content") == []


def test_the_probe_of_check_needs_the_types_too(site: FakeSite) -> None:
    site.faults["content/search"] = always(NOT_A_LIST[0])
    run = streams_of(make_setup())["custom_content"].run

    with pytest.raises(RequestRefused, match="custom_content_types"):
        run.retriever.probe(run)


@pytest.mark.parametrize("status", [400, 403, 404, 405, 501])
@pytest.mark.parametrize("body_format", ["storage", "none"])
def test_a_type_that_is_refused_is_named_and_the_others_are_read(
    site: FakeSite, status: int, body_format: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = (status, {"message": "Not this type"})
    site.faults["custom-content"] = lambda params: answer if params["type"] == BOARD else None

    outcome = read("custom_content", "custom_content_labels", body_format=body_format)

    assert ids(outcome.records("custom_content")) == ["5"]
    assert outcome.statuses("custom_content")[-1] == "COMPLETE"
    assert outcome.statuses("custom_content_labels")[-1] == "COMPLETE"
    warnings = [one.getMessage() for one in caplog.records if one.levelname == "WARNING"]
    assert sum(BOARD in line for line in warnings) == 1


def test_a_type_whose_server_fails_is_named_and_the_others_are_read(site: FakeSite) -> None:
    site.faults["custom-content"] = lambda params: BROKEN if params["type"] == DIAGRAM else None
    site.lists["custom-content/6/labels"] = [{"id": "1", "name": "kept"}]

    outcome = read("custom_content", "custom_content_labels", "custom_content_content_properties")

    assert sorted(ids(outcome.records("custom_content"))) == ["6", "7"]
    assert [r["customContentId"] for r in outcome.records("custom_content_labels")] == ["6"]
    for name in ("custom_content", "custom_content_labels"):
        assert outcome.statuses(name)[-1] == "INCOMPLETE"
        assert any(DIAGRAM in error for error in outcome.errors(name))


@pytest.mark.parametrize("answer", [REFUSED, NOT_FOUND], ids=["400", "404"])
def test_a_site_whose_only_type_is_refused_is_denied_the_stream(
    site: FakeSite, answer: tuple[int, Json]
) -> None:
    site.custom_types = [BOARD]
    site.faults["custom-content"] = always(answer)

    outcome = read("custom_content", "pages")

    assert outcome.statuses("custom_content")[-1] == "COMPLETE"
    assert outcome.records("custom_content") == []


def refuse_storage(params: Params) -> tuple[int, Json] | None:
    is_refused = params["type"] == BOARD and params.get("body-format") == "storage"
    return REFUSED if is_refused else None


@pytest.mark.parametrize("is_refused", [False, True])
def test_a_raw_type_is_read_in_the_raw_format(site: FakeSite, *, is_refused: bool) -> None:
    site.raw_types = {BOARD}
    if is_refused:
        site.faults["custom-content"] = refuse_storage

    outcome = read()

    raw = {"raw": {"value": "text"}}
    assert bodies(outcome) == {"5": {"storage": {"value": "text"}}, "6": raw, "7": raw}
    assert requests(site) == [(DIAGRAM, "storage"), (BOARD, "raw"), (BOARD, "storage")]
    by_id = [params.get("id") for params in site.requests_to("custom-content")]
    assert ("6,7" in by_id) is not is_refused
    assert outcome.statuses("custom_content")[-1] == "COMPLETE"


@pytest.mark.parametrize("body_format", ["storage", "atlas_doc_format"])
def test_a_long_list_of_a_raw_type_costs_one_more_request(site: FakeSite, body_format: str) -> None:
    site.custom_types = [BOARD]
    site.raw_types = {BOARD}
    site.lists["custom-content"] = [custom(number, BOARD) for number in range(1, 701)]

    outcome = read(body_format=body_format)

    found = bodies(outcome)
    assert len(outcome.records("custom_content")) == len(found) == 700
    assert all(body == {"raw": {"value": "text"}} for body in found.values())
    formats = [form for _, form in requests(site)]
    assert formats == sorted([body_format, "raw", "raw", "raw"])


def test_without_bodies_no_raw_ones_are_requested(site: FakeSite) -> None:
    site.raw_types = {BOARD}

    read(body_format="none")

    assert requests(site) == [(DIAGRAM, None), (BOARD, None)]


@pytest.mark.parametrize("count", [3, 300])
@pytest.mark.parametrize("raw_is_refused", [False, True])
def test_a_type_that_has_no_bodies_at_all_is_read_as_configured(
    site: FakeSite, count: int, *, raw_is_refused: bool
) -> None:
    site.custom_types = [BOARD]
    empty = {"storage": {"value": ""}}
    site.lists["custom-content"] = [
        custom(number, BOARD, body=empty) for number in range(1, count + 1)
    ]
    if raw_is_refused:
        site.faults["custom-content"] = lambda params: (
            REFUSED if params.get("body-format") == "raw" else None
        )

    outcome = read()

    assert len(outcome.records("custom_content")) == count
    assert all(body == empty for body in bodies(outcome).values())
    assert len(requests(site)) == (2 if count == 3 else 4)


def test_an_empty_text_among_others_is_a_body(site: FakeSite) -> None:
    site.lists["custom-content"][1]["body"] = {"storage": {"value": ""}}

    assert bodies(read())["6"] == {"storage": {"value": ""}}
    assert len(requests(site)) == 2


@pytest.mark.parametrize("odd", [None, {}, {"storage": None}, "text", [], {"storage": "x"}])
def test_a_record_that_has_no_body_among_others_is_requested_again_by_its_id(
    site: FakeSite, odd: object
) -> None:
    site.lists["custom-content"][1]["body"] = odd

    def raw(params: Params) -> tuple[int, Json] | None:
        if params.get("body-format") != "raw":
            return None
        assert params["id"] == "6"
        return 200, {"results": [custom(6, BOARD, body={"raw": {"value": "{}"}})], "_links": {}}

    site.faults["custom-content"] = raw

    found = bodies(read())

    assert found["6"] == {"raw": {"value": "{}"}}
    assert found["7"] == {"storage": {"value": "text"}}
    assert len(requests(site)) == 3
