"""The parts of a stream: what one yields, and what is told of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from airbyte_cdk.sources.types import Record

from source_confluence.airbyte.partitions import Partitions, StreamPartition
from source_confluence.confluence.errors import ConfigError, ConfluenceError
from source_confluence.confluence.responses import (
    CredentialsRejected,
    NotPermitted,
    ServerTrouble,
    Throttled,
)
from source_confluence.connection import Connection
from source_confluence.streams.availability import Availability
from source_confluence.streams.base import ConfluenceStream, Slice
from source_confluence.streams.elements import GivenUp
from source_confluence.streams.people import Groups
from unit_tests.run_sync import LOGGER, catalogue_of

REFUSAL = NotPermitted("The account may not read it.")
Said = list[Any]


class Scripted(Groups):
    """A stream that yields what it is told to, and raises what is among that."""

    def __init__(self, connection: Connection, *script: dict[str, Any] | Exception) -> None:
        super().__init__(connection, catalogue_of(connection).shared)
        self._script = script
        self.slices_read: list[Slice | None] = []

    def read_records(self, *_: Any, stream_slice: Slice | None = None) -> Iterator[dict[str, Any]]:
        self.slices_read.append(stream_slice)
        yield from played(self._script)


def played(script: Iterable[Any]) -> Iterator[Any]:
    for item in script:
        if isinstance(item, Exception):
            raise item
        yield item


def availability(replaces: bool = False) -> Availability:
    return Availability("group", LOGGER, replaces=replaces)


def partition(
    stream: ConfluenceStream, stream_slice: Slice | None = None, replaces: bool = False
) -> StreamPartition:
    return StreamPartition(
        stream, stream_slice or {}, availability(replaces), lambda data: data.get("changed")
    )


def test_a_partition_yields_the_records_of_its_slice(connection: Connection) -> None:
    stream = Scripted(connection, {"id": "1"}, {"id": "2"})
    part = partition(stream, {"spaceIds": ["7"]})

    assert list(part.read()) == [Record({"id": "1"}, "group"), Record({"id": "2"}, "group")]
    assert stream.slices_read == [{"spaceIds": ["7"]}]


def test_a_partition_says_what_it_is(connection: Connection) -> None:
    stream = Scripted(connection)
    part = partition(stream, {"spaceIds": ["7", "8"], "modifiedSince": "2025"})

    assert part.stream_name() == "group"
    assert part.to_slice() == {"spaceIds": ["7", "8"], "modifiedSince": "2025"}
    assert part.space_ids == ["7", "8"]
    assert partition(stream).space_ids == []


def test_partitions_of_equal_slices_are_different_ones(connection: Connection) -> None:
    stream = Scripted(connection)

    assert len({partition(stream), partition(stream)}) == 2


def test_a_partition_knows_its_newest_record(connection: Connection) -> None:
    changes = [None, 2, 5, None, 3]
    part = partition(Scripted(connection, *({"id": "1", "changed": at} for at in changes)))
    assert part.newest is None

    assert len(list(part.read())) == len(changes)

    assert part.newest == 5


def test_a_full_refresh_asks_for_nothing_newest(connection: Connection) -> None:
    part = StreamPartition(Scripted(connection, {"changed": 1}), {}, availability())

    list(part.read())

    assert part.newest is None


def test_a_refused_partition_has_no_records(connection: Connection) -> None:
    part = partition(Scripted(connection, REFUSAL))

    assert list(part.read()) == []
    assert part.was_refused


def test_a_refused_partition_fails_where_a_table_would_be_wiped(connection: Connection) -> None:
    part = partition(Scripted(connection, REFUSAL), replaces=True)

    with pytest.raises(ConfigError, match="left incomplete"):
        list(part.read())

    assert part.was_refused


def test_a_partition_refused_half_way_is_an_error(connection: Connection) -> None:
    part = partition(Scripted(connection, {"id": "1"}, REFUSAL))
    records = iter(part.read())

    assert next(records) == Record({"id": "1"}, "group")
    with pytest.raises(ConfigError, match="only a part of stream group"):
        next(records)


def test_behind_a_refused_partition_no_other_is_asked_for(connection: Connection) -> None:
    shared = availability()
    list(StreamPartition(Scripted(connection, REFUSAL), {}, shared).read())
    stream = Scripted(connection, {"id": "1"})
    following = StreamPartition(stream, {}, shared)

    assert list(following.read()) == []

    assert following.was_refused
    assert stream.slices_read == []


@pytest.mark.parametrize("error", [GivenUp, Throttled, CredentialsRejected])
def test_behind_a_partition_that_gave_the_stream_up_no_other_is_read(
    connection: Connection, error: type[ConfluenceError]
) -> None:
    shared = availability()
    with pytest.raises(error):
        list(StreamPartition(Scripted(connection, error("Down.")), {}, shared).read())
    stream = Scripted(connection, {"id": "1"})
    following = StreamPartition(stream, {}, shared)
    making = Partitions(lambda: [{}], lambda one: StreamPartition(stream, one, shared), shared)

    assert list(following.read()) == []
    assert list(making.generate()) == []

    assert following.was_refused
    assert stream.slices_read == []


@pytest.mark.parametrize("is_slow", [False, True])
def test_a_stream_of_which_all_was_passed_over_is_refused_at_its_end(
    connection: Connection, caplog: pytest.LogCaptureFixture, is_slow: bool
) -> None:
    """By the last partition, or, if that is done sooner, by the making of them."""
    said: Said = []
    shared = availability()
    stream = Scripted(connection)
    stream.was_let_in = False
    stream.last_refusal = REFUSAL
    making = Partitions(
        lambda: [{}, {}],
        lambda one: StreamPartition(stream, one, shared),
        shared,
        Observer(said),
    )

    parts = making.generate()
    read = [list(part.read()) for part in (list(parts) if is_slow else parts)]

    assert read == [[], []]
    assert ("all announced" in said) == is_slow
    assert f"Stream group has no records: {REFUSAL.sentence}" in caplog.messages


class RefusedMeanwhile(Scripted):
    """While its first page of results is under way, another partition is refused."""

    def __init__(
        self, connection: Connection, shared: Availability, *script: dict[str, Any]
    ) -> None:
        super().__init__(connection, *script)
        self._availability = shared

    def read_records(self, *_: Any, stream_slice: Slice | None = None) -> Iterator[dict[str, Any]]:
        self._availability.refused(REFUSAL)
        yield from super().read_records(stream_slice=stream_slice)


@pytest.mark.parametrize("script", [[{"id": "1"}], []], ids=["records", "none"])
def test_a_granted_partition_beside_a_refused_one_is_an_error(
    connection: Connection, script: list[dict[str, Any]]
) -> None:
    shared = availability()
    granted = StreamPartition(RefusedMeanwhile(connection, shared, *script), {}, shared)
    yielded: list[Record] = []

    with pytest.raises(ConfigError, match="only a part of stream group"):
        yielded.extend(granted.read())

    assert yielded == []


def test_other_errors_pass_through(connection: Connection) -> None:
    trouble = ServerTrouble("Confluence answered 500.")
    part = partition(Scripted(connection, {"id": "1"}, trouble))

    with pytest.raises(ServerTrouble):
        list(part.read())

    assert not part.was_refused


class Observer:
    """Writes down what it is told, in order."""

    def __init__(self, said: Said) -> None:
        self._said = said

    def announce(self, partition: StreamPartition) -> None:
        self._said.append(("announced", partition.to_slice()))

    def all_announced(self) -> None:
        self._said.append("all announced")


def partitions(
    connection: Connection, said: Said, *script: Slice | Exception, replaces: bool = False
) -> Partitions:
    stream = Scripted(connection)
    return Partitions(
        lambda: played(script),
        lambda stream_slice: partition(stream, stream_slice),
        availability(replaces),
        Observer(said),
    )


def test_every_partition_is_announced_before_it_can_be_read(connection: Connection) -> None:
    said: Said = []

    for part in partitions(connection, said, {"spaceIds": ["1"]}, {"spaceIds": ["2"]}).generate():
        said.append(("yielded", part.to_slice()))

    assert said == [
        ("announced", {"spaceIds": ["1"]}),
        ("yielded", {"spaceIds": ["1"]}),
        ("announced", {"spaceIds": ["2"]}),
        ("yielded", {"spaceIds": ["2"]}),
        "all announced",
    ]


def test_without_slices_all_are_announced(connection: Connection) -> None:
    said: Said = []

    assert list(partitions(connection, said).generate()) == []
    assert said == ["all announced"]


def test_refused_slices_end_the_partitions_but_not_the_announcing(connection: Connection) -> None:
    said: Said = []

    parts = list(partitions(connection, said, {}, REFUSAL).generate())

    assert len(parts) == 1
    assert said == [("announced", {})]


def test_refused_slices_fail_where_a_table_would_be_wiped(connection: Connection) -> None:
    said: Said = []

    with pytest.raises(ConfigError, match="left incomplete"):
        list(partitions(connection, said, REFUSAL, replaces=True).generate())

    assert said == []


def test_broken_slices_are_an_error(connection: Connection) -> None:
    said: Said = []

    with pytest.raises(ServerTrouble):
        list(partitions(connection, said, {}, ServerTrouble("broken")).generate())

    assert said == [("announced", {})]


def test_a_stream_refused_meanwhile_has_no_more_partitions(connection: Connection) -> None:
    """Slicing on would list parents for children that nobody may read."""
    said: Said = []
    asked: list[int] = []
    shared = availability()

    def slices() -> Iterator[Slice]:
        for number in range(5):
            asked.append(number)
            yield {"number": number}

    parts = Partitions(
        slices,
        lambda one: StreamPartition(Scripted(connection), one, shared),
        shared,
        Observer(said),
    ).generate()
    iterator = iter(parts)
    assert next(iterator).to_slice() == {"number": 0}

    shared.refused(REFUSAL)

    assert list(iterator) == []
    assert asked == [0, 1]
    assert said == [("announced", {"number": 0})]


@pytest.mark.parametrize("script", [[{}], [REFUSAL]], ids=["granted", "refused"])
def test_a_full_refresh_has_nobody_to_tell(
    connection: Connection, script: list[Slice | Exception]
) -> None:
    stream = Scripted(connection)
    parts = Partitions(
        lambda: played(script),
        lambda stream_slice: partition(stream, stream_slice),
        availability(),
    )

    assert len(list(parts.generate())) == sum(item is not REFUSAL for item in script)
