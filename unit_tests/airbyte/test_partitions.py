"""The parts of a stream: what one yields, and what is known of them at the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest
from airbyte_cdk.models import SyncMode
from airbyte_cdk.sources.types import Record
from typing_extensions import override

from source_confluence.airbyte.partitions import Partitions, StreamPartition
from source_confluence.confluence.errors import (
    ConfigError,
    ConfluenceError,
    CredentialsRejected,
    NotPermitted,
    ServerError,
    Throttled,
)
from source_confluence.streams.cursor_field import CREATED_IN_MILLISECONDS
from source_confluence.streams.facts import NO_REQUEST, Facts
from source_confluence.streams.retrievers.elements import StreamStopped
from source_confluence.streams.spaces import Spaces
from source_confluence.streams.stream import ConfluenceStream
from source_confluence.streams.sync.run import (
    Declaration,
    Registry,
    Retriever,
    Selected,
    Slice,
    StreamRun,
    Sync,
)
from unit_tests.fakes import make_setup
from unit_tests.run_sync import LOGGER

DENIAL = NotPermitted("The account may not read it.")
Script = Iterable[Any]


def played(script: Script) -> Iterator[Any]:
    """Yield what is in the script, raise the errors in it, and call the functions in it."""
    for item in script:
        if isinstance(item, Exception):
            raise item
        if callable(item):
            item()
        else:
            yield item


class Scripted(Retriever):
    """Yields scripted slices, and scripted records for every slice."""

    endpoints = ("v2 things",)

    def __init__(self, slices: Script = (), records: Script = ()) -> None:
        self._slices = slices
        self._records = records
        self.slices_read: list[Slice] = []

    @override
    def slices(self, run: StreamRun) -> Iterator[Slice]:
        return played(self._slices)

    @override
    def read(self, run: StreamRun, part: Slice) -> Iterator[dict[str, Any]]:
        self.slices_read.append(part)
        return played(self._records)

    @override
    def probe(self, run: StreamRun) -> None:
        pass


class ScriptedElements(Scripted):
    """Reports every slice as one element that was denied."""

    reads_elements = True

    @override
    def read(self, run: StreamRun, part: Slice) -> Iterator[dict[str, Any]]:
        run.health.element_denied(DENIAL)
        return super().read(run, part)


class Things(ConfluenceStream):
    name = "things"


def stream_of(retriever: Retriever, *, replaces: bool = False) -> ConfluenceStream:
    setup = make_setup()
    declaration = Declaration(
        "things", retriever, Facts(NO_REQUEST, ()), (), CREATED_IN_MILLISECONDS
    )
    selected = {"things": Selected(replaces=replaces)}
    registry = Registry([declaration], [Spaces.declaration()])
    sync = Sync(setup.config, setup.connection, LOGGER, registry, selected)
    return Things(sync.runs["things"])


def scripted(*records: Any, replaces: bool = False) -> ConfluenceStream:
    """A stream that has these records in every slice."""
    return stream_of(Scripted(records=records), replaces=replaces)


def partition(stream: ConfluenceStream, stream_slice: Slice | None = None) -> StreamPartition:
    return StreamPartition(stream, stream_slice or {}, SyncMode.incremental)


class Observer:
    """Remembers what it is told, in order."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def begin(self) -> None:
        assert self.events == [], "what was listed before may not be covered"

    def announce(self, partition: StreamPartition) -> None:
        self.events.append(("announced", partition.to_slice()))

    def all_announced(self) -> None:
        self.events.append("all announced")


def test_a_partition_yields_the_records_of_its_slice() -> None:
    retriever = Scripted(records=[{"id": "1"}, {"id": "2"}])
    part = partition(stream_of(retriever), {"spaceIds": ["7"]})

    assert list(part.read()) == [Record({"id": "1"}, "things"), Record({"id": "2"}, "things")]
    assert retriever.slices_read == [{"spaceIds": ["7"]}]
    assert not part.was_denied


def test_a_partition_describes_itself() -> None:
    stream = scripted()
    part = partition(stream, {"upTo": "7", "modifiedSince": "2025"})

    assert part.stream_name() == "things"
    assert part.to_slice() == {"upTo": "7", "modifiedSince": "2025"}
    assert part.reach == {"up_to": "7"}
    assert partition(stream, {"fromOn": "8"}).reach == {"from_on": "8"}
    assert partition(stream).reach == {}


def test_partitions_of_equal_slices_are_different_ones() -> None:
    stream = scripted()

    assert len({partition(stream), partition(stream)}) == 2


def test_a_partition_knows_its_newest_record() -> None:
    part = partition(scripted(*({"creationDate": value} for value in (None, 2, "?", 5, 3))))
    assert part.newest is None

    assert len(list(part.read())) == 5

    assert part.newest == 5


@pytest.mark.parametrize("script", [[], [{"id": "1"}]], ids=["at once", "halfway"])
def test_server_errors_pass_through(script: list[Any]) -> None:
    part = partition(scripted(*script, ServerError("Confluence answered 500.")))

    with pytest.raises(ServerError):
        list(part.read())

    assert not part.was_denied


def test_a_denied_partition_has_no_records(caplog: pytest.LogCaptureFixture) -> None:
    part = partition(scripted(DENIAL))

    assert list(part.read()) == []
    assert part.was_denied
    (warning,) = caplog.records
    assert warning.levelname == "WARNING"
    assert "things" in warning.getMessage()


def test_a_denied_partition_fails_where_the_table_would_be_replaced() -> None:
    part = partition(scripted(DENIAL, replaces=True))

    with pytest.raises(ConfigError):
        list(part.read())

    assert part.was_denied


def test_a_partition_denied_halfway_is_an_error() -> None:
    records = iter(partition(scripted({"id": "1"}, DENIAL)).read())

    assert next(records) == Record({"id": "1"}, "things")
    with pytest.raises(ConfigError):
        next(records)


@pytest.mark.parametrize("records", [[{"id": "1"}], []], ids=["records", "none"])
def test_a_readable_partition_next_to_a_denied_one_is_an_error(records: list[Any]) -> None:
    """Another worker's partition is denied while the first page of results is under way."""
    script: list[Any] = []
    stream = stream_of(Scripted(records=script))
    script += [lambda: stream.run.health.denied(DENIAL), *records]
    yielded: list[Record] = []

    with pytest.raises(ConfigError):
        yielded.extend(partition(stream).read())

    assert yielded == []


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (NotPermitted, nullcontext()),
        *((one, pytest.raises(one)) for one in (StreamStopped, Throttled, CredentialsRejected)),
    ],
)
def test_after_an_error_that_ends_the_stream_nothing_more_is_read(
    error: type[ConfluenceError], outcome: AbstractContextManager[Any]
) -> None:
    retriever = Scripted(slices=[{}], records=[error("Down.")])
    stream = stream_of(retriever)
    with outcome:
        list(partition(stream, {"number": 1}).read())
    following = partition(stream, {"number": 2})

    assert list(following.read()) == []
    assert list(Partitions(stream, SyncMode.incremental).generate()) == []

    assert following.was_denied
    assert retriever.slices_read == [{"number": 1}]


@pytest.mark.parametrize("is_slow", [False, True])
def test_a_stream_whose_elements_were_all_denied_counts_as_denied(
    caplog: pytest.LogCaptureFixture, is_slow: bool
) -> None:
    """By the last partition, or, if that is done sooner, by what makes the partitions."""
    observer = Observer()
    stream = stream_of(ScriptedElements(slices=[{}, {}]))

    parts = Partitions(stream, SyncMode.incremental, observer).generate()
    read = [list(part.read()) for part in (list(parts) if is_slow else parts)]

    assert read == [[], []]
    assert stream.run.health.is_over
    assert ("all announced" in observer.events) == is_slow
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_every_partition_is_announced_before_it_can_be_read() -> None:
    observer = Observer()
    stream = stream_of(Scripted(slices=[{"spaceIds": ["1"]}, {"spaceIds": ["2"]}]))

    for part in Partitions(stream, SyncMode.incremental, observer).generate():
        observer.events.append(("yielded", part.to_slice()))

    assert observer.events == [
        ("announced", {"spaceIds": ["1"]}),
        ("yielded", {"spaceIds": ["1"]}),
        ("announced", {"spaceIds": ["2"]}),
        ("yielded", {"spaceIds": ["2"]}),
        "all announced",
    ]


def test_without_slices_all_are_announced() -> None:
    observer = Observer()

    parts = Partitions(stream_of(Scripted()), SyncMode.incremental, observer).generate()

    assert list(parts) == []
    assert observer.events == ["all announced"]


@pytest.mark.parametrize(
    ("error", "replaces", "raised"),
    [
        pytest.param(DENIAL, False, None, id="denied"),
        pytest.param(DENIAL, True, ConfigError, id="denied, replaces"),
        pytest.param(ServerError("Down."), False, ServerError, id="failed"),
    ],
)
def test_slices_that_end_with_an_error_are_not_all_announced(
    error: ConfluenceError, replaces: bool, raised: type[ConfluenceError] | None
) -> None:
    observer = Observer()
    stream = stream_of(Scripted(slices=[{"number": 0}, error]), replaces=replaces)
    parts = iter(Partitions(stream, SyncMode.incremental, observer).generate())

    assert next(parts).to_slice() == {"number": 0}
    if raised is None:
        assert list(parts) == []
    else:
        with pytest.raises(raised):
            list(parts)

    assert observer.events == [("announced", {"number": 0})]


def test_a_stream_denied_meanwhile_has_no_more_partitions() -> None:
    """More slices would list parents of children that the account may not read."""
    observer = Observer()
    script: list[Any] = []
    stream = stream_of(Scripted(slices=script))
    requested: list[int] = []
    script += [{"number": 0}, lambda: requested.append(1), {}, lambda: requested.append(2), {}]
    parts = iter(Partitions(stream, SyncMode.incremental, observer).generate())
    assert next(parts).to_slice() == {"number": 0}

    stream.run.health.denied(DENIAL)

    assert list(parts) == []
    assert requested == [1]
    assert observer.events == [("announced", {"number": 0})]


@pytest.mark.parametrize(("slices", "count"), [([{}], 1), ([DENIAL], 0)])
def test_a_full_refresh_needs_no_observer(slices: list[Any], count: int) -> None:
    parts = Partitions(stream_of(Scripted(slices=slices)), SyncMode.full_refresh)

    assert len(list(parts.generate())) == count
