"""When the state of an incremental stream advances, and how far."""

from __future__ import annotations

from itertools import pairwise
from threading import Thread
from typing import Any

import pytest
from airbyte_cdk.models import AirbyteStateType
from airbyte_cdk.sources.message import InMemoryMessageRepository
from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition
from airbyte_cdk.sources.types import Record

from source_confluence.airbyte.cursor import IncrementalCursor
from source_confluence.airbyte.partitions import StreamPartition
from source_confluence.connection import Connection
from source_confluence.streams.availability import Availability
from source_confluence.streams.state import FirstSync, StreamState
from unit_tests.run_sync import LOGGER, state_of, stream_of, streams_of

JANUARY, FEBRUARY, MARCH, APRIL = (f"2025-0{month}-01T00:00:00.000Z" for month in range(1, 5))
START = MARCH


class Scene:
    """A cursor whose sync begins at START by the server's clock, and what it emits."""

    def __init__(self, connection: Connection, incoming: StreamState) -> None:
        self._stream = streams_of(connection)["pages"]
        self._said = InMemoryMessageRepository()
        self.now = START
        self.cursor = IncrementalCursor(
            "pages", "lastModifiedAt", incoming, lambda: self.now, self._said
        )

    def announced(self, *space_ids: str) -> StreamPartition:
        """A partition of spaces, or of the whole list, that is announced."""
        stream_slice = {"spaceIds": list(space_ids)} if space_ids else {}
        partition = StreamPartition(
            self._stream, stream_slice, Availability("pages", LOGGER, replaces=False)
        )
        self.cursor.announce(partition)
        return partition

    def read(self, partition: StreamPartition, newest: str | None) -> None:
        """Close a partition whose newest record is that of `newest`."""
        partition.newest = newest
        self.cursor.close_partition(partition)

    def ended(self) -> list[dict[str, Any]]:
        """The states that have been emitted when the CDK has asked for the last."""
        self.cursor.ensure_at_least_one_state_emitted()
        return self.emitted()

    def emitted(self) -> list[dict[str, Any]]:
        """The states that have been emitted since the last look."""
        return [state_of(message) for message in self._said.consume_queue()]


@pytest.fixture
def first(connection: Connection) -> Scene:
    """A stream that has never been read."""
    return Scene(connection, StreamState())


@pytest.fixture
def later(connection: Connection) -> Scene:
    """A stream that has been read up to February."""
    return Scene(connection, StreamState(FEBRUARY))


def unfinished(newest: str | None, *done: str, start: str = START) -> dict[str, Any]:
    state = {} if newest is None else {"lastModifiedAt": newest}
    return {**state, "firstSync": {"startedAt": start, "doneSpaceIds": list(done)}}


def test_a_first_sync_tells_what_is_done_until_all_is(first: Scene) -> None:
    one, two = first.announced("1", "3"), first.announced("2")
    first.cursor.all_announced()

    first.read(one, JANUARY)
    assert first.emitted() == [unfinished(JANUARY, "1", "3")]

    first.read(two, FEBRUARY)
    assert first.emitted() == [unfinished(FEBRUARY, "1", "2", "3")]

    assert first.ended() == [{"lastModifiedAt": FEBRUARY}]


def test_an_older_partition_does_not_take_a_first_sync_back(first: Scene) -> None:
    one, two = first.announced("1"), first.announced("2")
    first.cursor.all_announced()

    first.read(one, FEBRUARY)
    first.read(two, JANUARY)

    assert first.ended()[-1] == {"lastModifiedAt": FEBRUARY}


def test_a_first_sync_never_passes_the_servers_time_at_its_start(first: Scene) -> None:
    one, two = first.announced("1"), first.announced("2")
    first.cursor.all_announced()

    first.read(one, APRIL)
    first.read(two, JANUARY)

    assert first.ended() == [
        unfinished(START, "1"),
        unfinished(START, "1", "2"),
        {"lastModifiedAt": START},
    ]


def test_a_first_sync_of_one_list_never_passes_the_servers_time_either(first: Scene) -> None:
    whole = first.announced()
    first.cursor.all_announced()

    first.read(whole, APRIL)

    assert first.ended() == [{"lastModifiedAt": START}]


def test_the_start_is_the_time_of_the_first_announcement(first: Scene) -> None:
    one = first.announced("1")
    first.now = APRIL
    two = first.announced("2")
    first.cursor.all_announced()

    first.read(one, APRIL)
    first.read(two, None)

    assert first.ended()[-1] == {"lastModifiedAt": START}


@pytest.mark.parametrize("space_ids", [(), ("1",)])
def test_where_nothing_was_found_the_next_sync_goes_on_from_the_start(
    first: Scene, space_ids: tuple[str, ...]
) -> None:
    partition = first.announced(*space_ids)
    first.cursor.all_announced()

    first.read(partition, None)

    assert first.ended()[-1] == {"lastModifiedAt": START}


def test_without_any_partition_the_next_sync_goes_on_from_the_start(first: Scene) -> None:
    first.cursor.all_announced()

    assert first.ended() == [{"lastModifiedAt": START}]


def test_a_first_sync_that_breaks_leaves_what_is_done(first: Scene) -> None:
    one, _broken = first.announced("1"), first.announced("2")
    first.cursor.all_announced()

    first.read(one, JANUARY)

    assert first.ended() == [unfinished(JANUARY, "1")]
    assert first.cursor.state == unfinished(JANUARY, "1")


def test_a_first_sync_whose_partitions_are_not_all_announced_is_not_finished(first: Scene) -> None:
    first.read(first.announced("1"), JANUARY)

    assert first.ended() == [unfinished(JANUARY, "1")]


def test_a_first_sync_that_reads_nothing_before_it_breaks_leaves_its_start(first: Scene) -> None:
    first.announced("1")

    assert first.ended() == [unfinished(None)]


def test_a_first_sync_is_resumed_with_the_start_of_the_first_attempt(
    connection: Connection,
) -> None:
    begun = StreamState(JANUARY, FirstSync(FEBRUARY, frozenset({"1"})))
    resumed = Scene(connection, begun)
    rest = resumed.announced("2")
    resumed.cursor.all_announced()

    resumed.read(rest, MARCH)

    assert resumed.ended() == [
        unfinished(FEBRUARY, "1", "2", start=FEBRUARY),
        {"lastModifiedAt": FEBRUARY},
    ]


def test_a_resumed_first_sync_goes_on_from_what_the_first_attempt_has_read(
    connection: Connection,
) -> None:
    resumed = Scene(connection, StreamState(FEBRUARY, FirstSync(START, frozenset({"1"}))))
    rest = resumed.announced("2")
    resumed.cursor.all_announced()

    resumed.read(rest, JANUARY)

    assert resumed.ended()[-1] == {"lastModifiedAt": FEBRUARY}


def test_a_first_sync_that_only_lacked_its_end_is_finished(connection: Connection) -> None:
    resumed = Scene(connection, StreamState(JANUARY, FirstSync(FEBRUARY, frozenset({"1"}))))
    resumed.cursor.all_announced()

    assert resumed.ended() == [{"lastModifiedAt": JANUARY}]


def test_a_resumed_first_sync_that_found_nothing_goes_on_from_the_first_start(
    connection: Connection,
) -> None:
    resumed = Scene(connection, StreamState(None, FirstSync(FEBRUARY, frozenset({"1"}))))
    rest = resumed.announced("2")
    resumed.cursor.all_announced()

    resumed.read(rest, None)

    assert resumed.ended()[-1] == {"lastModifiedAt": FEBRUARY}


def test_a_later_sync_advances_at_its_end_only(later: Scene) -> None:
    later.now = APRIL
    one, two = later.announced("1"), later.announced("2")
    later.cursor.all_announced()

    later.read(one, MARCH)
    later.read(two, JANUARY)

    assert later.emitted() == []
    assert later.ended() == [{"lastModifiedAt": MARCH}]


def test_a_later_sync_never_passes_the_servers_time_at_its_start(later: Scene) -> None:
    whole = later.announced()
    later.cursor.all_announced()

    later.read(whole, APRIL)

    assert later.ended() == [{"lastModifiedAt": START}]


@pytest.mark.parametrize("newest", [None, JANUARY, APRIL])
def test_a_state_that_is_ahead_of_the_server_is_brought_back(
    connection: Connection, newest: str | None
) -> None:
    ahead = Scene(connection, StreamState(APRIL))
    whole = ahead.announced()
    ahead.cursor.all_announced()

    ahead.read(whole, newest)

    assert ahead.ended() == [{"lastModifiedAt": START}]


@pytest.mark.parametrize("newest", [None, JANUARY])
def test_a_later_sync_never_goes_back(later: Scene, newest: str | None) -> None:
    whole = later.announced()
    later.cursor.all_announced()

    later.read(whole, newest)

    assert later.ended() == [{"lastModifiedAt": FEBRUARY}]


def test_a_later_sync_that_breaks_does_not_advance(later: Scene) -> None:
    one, _broken = later.announced("1"), later.announced("2")
    later.cursor.all_announced()

    later.read(one, APRIL)

    assert later.ended() == [{"lastModifiedAt": FEBRUARY}]


def test_a_later_sync_whose_partitions_are_not_all_announced_does_not_advance(
    later: Scene,
) -> None:
    later.read(later.announced("1"), APRIL)

    assert later.ended() == [{"lastModifiedAt": FEBRUARY}]


def test_a_refused_partition_holds_the_state_back(later: Scene) -> None:
    granted, refused = later.announced("1"), later.announced("2")
    later.cursor.all_announced()
    refused.was_refused = True

    later.read(refused, APRIL)
    later.read(granted, APRIL)

    assert later.ended() == [{"lastModifiedAt": FEBRUARY}]


def test_a_refused_partition_of_a_first_sync_is_not_done(first: Scene) -> None:
    refused = first.announced("1")
    first.cursor.all_announced()
    refused.was_refused = True

    first.read(refused, None)

    assert first.ended() == [unfinished(None)]


def test_the_done_list_only_grows_however_many_partitions_end_together(first: Scene) -> None:
    partitions = [first.announced(str(number)) for number in range(30)]
    first.cursor.all_announced()
    workers = [Thread(target=first.read, args=(one, JANUARY)) for one in partitions]

    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    done = [set(state["firstSync"]["doneSpaceIds"]) for state in first.emitted()]
    assert [len(spaces) for spaces in done] == list(range(1, 31))
    assert all(before < after for before, after in pairwise(done))
    assert first.ended() == [{"lastModifiedAt": JANUARY}]


def test_a_state_is_a_message_of_its_stream() -> None:
    said = InMemoryMessageRepository()
    cursor = IncrementalCursor("pages", "lastModifiedAt", StreamState(), lambda: START, said)
    cursor.all_announced()

    cursor.ensure_at_least_one_state_emitted()

    (message,) = said.consume_queue()
    assert stream_of(message) == "pages"
    assert message.state is not None
    assert message.state.type is AirbyteStateType.STREAM


def test_single_records_change_nothing(later: Scene) -> None:
    record = Record({"lastModifiedAt": APRIL}, "pages")

    later.cursor.observe(record)

    assert later.cursor.should_be_synced(record)
    assert later.cursor.state == {"lastModifiedAt": FEBRUARY}
    assert later.emitted() == []


def test_partitions_of_other_making_are_refused(later: Scene) -> None:
    class Foreign(Partition):
        def read(self) -> list[Record]:
            return []

        def to_slice(self) -> None:
            return None

        def stream_name(self) -> str:
            return "pages"

        def __hash__(self) -> int:
            return 1

    with pytest.raises(TypeError, match="not of this connector's making"):
        later.cursor.close_partition(Foreign())
