"""Streams declare and never change: what discover prints, and what a sync leaves untouched."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NoReturn

import pytest
from airbyte_cdk.models import AirbyteMessage, AirbyteMessageSerializer, SyncMode, Type
from requests_mock import Mocker

from source_confluence.airbyte.check import notes_on
from source_confluence.airbyte.source import SourceConfluence
from source_confluence.streams import LISTS, STREAMS
from source_confluence.streams.stream import ConfluenceStream
from source_confluence.streams.sync.run import Retriever
from unit_tests.fake_site import FakeSite
from unit_tests.fakes import RAW_CONFIG, make_setup
from unit_tests.golden.compare import compare
from unit_tests.run_sync import LOGGER, Outcome, entry, run_sync, sync_of
from unit_tests.streams.full_site import WHEN, fill

NAMES = [stream.name for stream in STREAMS]
STATES: dict[str, dict[str, Any]] = {
    stream.name: {stream.incremental_by.name: stream.incremental_by.comparable(old)}
    for stream in STREAMS
    if stream.incremental_by is not None
    for old in [1 if stream.name == "audit" else "2025-05-01T00:00:00.000Z"]
}


@pytest.fixture
def site(site: FakeSite) -> FakeSite:
    return fill(site)


def test_discover_prints_the_golden_catalog_without_a_request(requests_mock: Mocker) -> None:
    catalog = SourceConfluence().discover(LOGGER, RAW_CONFIG)

    message = AirbyteMessageSerializer.dump(AirbyteMessage(type=Type.CATALOG, catalog=catalog))

    compare("discover.json", as_lines(message["catalog"]["streams"], depth=4) + "\n")
    assert not requests_mock.called


def as_lines(value: Any, depth: int, indent: str = "") -> str:
    """Return a value as JSON, with one line for everything at `depth`."""
    if depth == 0 or not value or not isinstance(value, (dict, list)):
        return json.dumps(value, sort_keys=True, ensure_ascii=False)
    inner = f"{indent} "
    if isinstance(value, list):
        parts = [as_lines(one, depth - 1, inner) for one in value]
        left, right = "[", "]"
    else:
        parts = [f'"{key}": {as_lines(value[key], depth - 1, inner)}' for key in sorted(value)]
        left, right = "{", "}"
    return f"{left}\n{inner}" + f",\n{inner}".join(parts) + f"\n{indent}{right}"


@pytest.mark.parametrize("stream", STREAMS, ids=NAMES)
def test_a_stream_has_at_most_three_of_our_classes(stream: type[ConfluenceStream]) -> None:
    ours = [one for one in stream.__mro__ if is_ours(one)]

    assert len(ours) <= 3


@pytest.mark.parametrize("stream", STREAMS, ids=NAMES)
def test_the_cursor_field_is_in_the_schema(stream: type[ConfluenceStream]) -> None:
    properties = stream(sync_of(make_setup()).runs[stream.name]).get_json_schema()["properties"]

    assert stream.incremental_by is None or stream.incremental_by.name in properties


@pytest.fixture
def unchanged(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail if anything is assigned to a stream after its constructor, or to a retriever at all.

    Also compares the attributes of all classes of streams and of their retrievers, however nested.
    """
    constructed: dict[int, object] = {}
    retrievers = list(declared_retrievers())
    construct = ConfluenceStream.__init__

    def construct_and_seal(self: ConfluenceStream, *args: Any) -> None:
        construct(self, *args)
        constructed[id(self)] = self

    def assign(self: object, name: str, value: object) -> None:
        if id(self) in constructed:
            reject(self, name)
        object.__setattr__(self, name, value)

    constructed.update((id(one), one) for one in retrievers)
    before = [snapshot(one) for one in (*STREAMS, *retrievers)]
    monkeypatch.setattr(ConfluenceStream, "__init__", construct_and_seal)
    for changing in (ConfluenceStream, Retriever):
        monkeypatch.setattr(changing, "__setattr__", assign)
        monkeypatch.setattr(changing, "__delattr__", reject)
    yield
    monkeypatch.undo()
    assert [snapshot(one) for one in (*STREAMS, *retrievers)] == before


def reject(changed: object, name: str, *_: object) -> NoReturn:
    raise AssertionError(f"{type(changed).__name__}.{name} was changed")


def declared_retrievers() -> Iterator[Retriever]:
    declared = [stream.declaration() for stream in STREAMS]
    for declaration in (*declared, *LISTS):
        yield declaration.retriever


def is_ours(one: type) -> bool:
    return one.__module__.startswith("source_confluence")


def snapshot(value: Any) -> Any:
    """Return all that a value consists of, to be compared by equality."""
    if isinstance(value, type):
        return [(one, dict(vars(one))) for one in value.__mro__ if is_ours(one)]
    if isinstance(value, dict):
        return {key: snapshot(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [snapshot(one) for one in value]
    if is_ours(type(value)) and hasattr(value, "__dict__"):
        return (id(value), snapshot(vars(value)), snapshot(type(value)))
    return value


CONFIGS: list[dict[str, Any]] = [
    {},
    {"excluded_space_keys": ["S9"], "content_statuses": ["current", "archived", "trashed"]},
    {"cql": "x = 1", "start_date": "2025-05-01T00:00:00Z"},
]


def read(site: FakeSite, mode: SyncMode, config: dict[str, Any]) -> Outcome:
    for kind, content_id in (("page", "1"), ("page", "2"), ("blogpost", "3")):
        site.found.setdefault(f"type={kind} and (x = 1)", []).append({"id": content_id})
    states = STATES if mode is SyncMode.incremental else None
    return run_sync(make_setup(**config), [entry(name, mode) for name in NAMES], states)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("mode", SyncMode)
@pytest.mark.parametrize("config", CONFIGS, ids=["no filter", "spaces", "cql"])
def test_a_sync_of_all_streams_changes_no_stream_and_no_retriever(
    site: FakeSite, mode: SyncMode, config: dict[str, Any]
) -> None:
    outcome = read(site, mode, config)

    assert outcome.error is None
    assert [name for name in NAMES if not outcome.records(name)] == []
    if mode is SyncMode.incremental:
        assert outcome.states("page_versions")[-1] == {"lastModifiedAt": WHEN}


@pytest.mark.usefixtures("site", "unchanged")
def test_a_check_changes_no_stream_and_no_retriever() -> None:
    assert notes_on(sync_of(make_setup())) == []


@pytest.mark.usefixtures("unchanged")
def test_the_test_itself_notices_an_assignment() -> None:
    stream = STREAMS[0](sync_of(make_setup()).runs[NAMES[0]])

    for changed in (stream, stream.cloud):
        with pytest.raises(AssertionError, match="was changed"):
            changed.url_base = "changed"  # type: ignore[union-attr]
