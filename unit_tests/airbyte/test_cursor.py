"""When the state of an incremental stream advances, and how far."""

from __future__ import annotations

from itertools import pairwise
from threading import Thread
from typing import Any

import pytest
from airbyte_cdk.models import AirbyteStateType, Level, SyncMode
from airbyte_cdk.sources.message import InMemoryMessageRepository
from airbyte_cdk.sources.streams.concurrent.partitions.partition import Partition
from airbyte_cdk.sources.types import Record

from source_confluence.airbyte.cursor import IncrementalCursor
from source_confluence.airbyte.messages import OrderedMessageRepository, RecordQueue
from source_confluence.airbyte.partitions import StreamPartition
from source_confluence.streams.state import FirstSync, StreamState
from unit_tests.fakes import make_setup
from unit_tests.run_sync import state_of, stream_of, streams_of

JANUARY, FEBRUARY, MARCH, APRIL, MAY = (f"2025-0{month}-01T00:00:00.000Z" for month in range(1, 6))
START = APRIL
"""When the sync begins, by the server's clock."""
NEVER_READ = StreamState()
READ_TO_FEBRUARY = StreamState(FEBRUARY)


class Scene:
    """A cursor whose sync begins at START, and what it emits."""

    def __init__(self, incoming: StreamState) -> None:
        self._stream = streams_of(make_setup())["pages"]
        self._messages = InMemoryMessageRepository()
        self.now = START
        self.spaces: frozenset[str] | None = None
        self.cursor = IncrementalCursor(
            "pages", "lastModifiedAt", incoming, self, self._messages, flush=lambda: None
        )

    def started_at(self) -> str:
        return self.now

    def covered_spaces(self) -> frozenset[str] | None:
        return self.spaces

    def announced(self, up_to: str = "", *, from_on: str = "") -> StreamPartition:
        """A partition of a list in the order of ids, or of any other, that is announced."""
        reach = {"upTo": up_to, "fromOn": from_on}
        stream_slice = {name: value for name, value in reach.items() if value}
        partition = StreamPartition(self._stream, stream_slice, SyncMode.incremental)
        self.cursor.announce(partition)
        return partition

    def read(self, partition: StreamPartition, newest: str | None) -> None:
        """Close a partition whose newest record is that of `newest`."""
        partition.newest = newest
        self.cursor.close_partition(partition)

    def ended(self) -> list[dict[str, Any]]:
        """The states that were emitted once the CDK has called for the last."""
        self.cursor.ensure_at_least_one_state_emitted()
        return self.emitted()

    def emitted(self) -> list[dict[str, Any]]:
        """The states that were emitted since the last look."""
        return [state_of(message) for message in self._messages.consume_queue()]


@pytest.fixture
def first() -> Scene:
    """A stream that was never read."""
    return Scene(NEVER_READ)


@pytest.fixture
def later() -> Scene:
    """A stream that was read up to February."""
    return Scene(READ_TO_FEBRUARY)


def begun(newest: str | None, start: str) -> StreamState:
    """A first sync that has read up to id 1."""
    return StreamState(newest, FirstSync(start, "1"))


def unfinished(newest: str | None, start: str = START, **done: str) -> dict[str, Any]:
    state = {} if newest is None else {"lastModifiedAt": newest}
    return {**state, "firstSync": {"startedAt": start, **done}}


@pytest.mark.parametrize(
    ("incoming", "partitions", "reached"),
    [
        pytest.param(NEVER_READ, [("1", FEBRUARY), ("2", JANUARY)], FEBRUARY, id="first: newest"),
        pytest.param(NEVER_READ, [("1", MAY), ("2", JANUARY)], START, id="first: not past start"),
        pytest.param(NEVER_READ, [("", MAY)], START, id="first, one list: not past start"),
        pytest.param(NEVER_READ, [("1", None)], START, id="first: no records"),
        pytest.param(NEVER_READ, [("", None)], START, id="first, one list: no records"),
        pytest.param(NEVER_READ, [], START, id="first: no partitions"),
        pytest.param(
            begun(JANUARY, FEBRUARY), [("2", MARCH)], FEBRUARY, id="resumed: not past first start"
        ),
        pytest.param(
            begun(FEBRUARY, START), [("2", JANUARY)], FEBRUARY, id="resumed: not before first part"
        ),
        pytest.param(begun(JANUARY, FEBRUARY), [], JANUARY, id="resumed: only the end was missing"),
        pytest.param(begun(None, FEBRUARY), [("2", None)], FEBRUARY, id="resumed: no records"),
        pytest.param(READ_TO_FEBRUARY, [("1", MARCH), ("2", JANUARY)], MARCH, id="later: newest"),
        pytest.param(READ_TO_FEBRUARY, [("", MAY)], START, id="later: not past start"),
        pytest.param(READ_TO_FEBRUARY, [("", JANUARY)], FEBRUARY, id="later: never back"),
        pytest.param(READ_TO_FEBRUARY, [("", None)], FEBRUARY, id="later: no records"),
        pytest.param(StreamState(MAY), [("", MAY)], START, id="ahead of the server"),
        pytest.param(StreamState(MAY), [("", JANUARY)], START, id="ahead, older records"),
        pytest.param(StreamState(MAY), [("", None)], START, id="ahead, no records"),
    ],
)
def test_a_finished_sync_reaches_the_newest_record_but_not_past_its_start(
    incoming: StreamState, partitions: list[tuple[str, str | None]], reached: str
) -> None:
    """Each partition reaches an id, or is the whole list, and has a newest record."""
    scene = Scene(incoming)
    announced = [(scene.announced(up_to), newest) for up_to, newest in partitions]
    scene.cursor.all_announced()

    for partition, newest in announced:
        scene.read(partition, newest)

    states = scene.ended()
    assert states[-1] == {"lastModifiedAt": reached}
    assert all(state.get("lastModifiedAt", "") <= START for state in states)


def read_all(scene: Scene, *partitions: StreamPartition, newest: str = JANUARY) -> None:
    for partition in partitions:
        scene.read(partition, newest)


def test_a_first_sync_emits_what_is_done_after_every_second_partition(first: Scene) -> None:
    partitions = [first.announced(str(number)) for number in range(1, 5)]
    first.cursor.all_announced()

    read_all(first, partitions[0])
    assert first.emitted() == []

    read_all(first, partitions[1])
    assert first.emitted() == [unfinished(JANUARY, upTo="2")]

    read_all(first, *partitions[2:], newest=FEBRUARY)
    assert first.emitted() == [unfinished(FEBRUARY, upTo="4")]
    assert first.ended() == [{"lastModifiedAt": FEBRUARY}]


def test_what_is_done_ends_at_the_first_open_partition(first: Scene) -> None:
    one, _open, three = (first.announced(number) for number in ("1", "2", "3"))

    read_all(first, three, one)

    assert first.ended() == [unfinished(JANUARY, upTo="1")]


def test_what_is_done_grows_from_both_ends(first: Scene) -> None:
    ahead = [first.announced(number) for number in ("10", "20")]
    behind = [first.announced(from_on=number) for number in ("90", "80")]

    read_all(first, behind[0], ahead[1], ahead[0])

    assert first.ended() == [unfinished(JANUARY, upTo="20", fromOn="90")]


def test_partitions_that_reach_no_id_are_never_counted_as_done(first: Scene) -> None:
    one, other = first.announced("1"), first.announced()

    read_all(first, one, other)

    assert first.ended() == [unfinished(JANUARY, upTo="1")]


def test_the_start_is_the_time_of_the_first_announcement(first: Scene) -> None:
    one = first.announced("1")
    first.now = MAY
    two = first.announced("2")
    first.cursor.all_announced()

    first.read(one, MAY)
    first.read(two, None)

    assert first.ended()[-1] == {"lastModifiedAt": START}


def test_a_resumed_first_sync_keeps_the_start_of_the_first_attempt() -> None:
    resumed = Scene(begun(JANUARY, FEBRUARY))

    resumed.read(resumed.announced("2"), MARCH)

    assert resumed.ended() == [unfinished(FEBRUARY, FEBRUARY, upTo="2")]


def test_a_resumed_first_sync_never_goes_back() -> None:
    """It lists everything again, from the start."""
    resumed = Scene(StreamState(JANUARY, FirstSync(START, "300", "700")))
    again, behind = resumed.announced("100"), resumed.announced(from_on="900")

    read_all(resumed, again, behind)

    assert resumed.ended() == [unfinished(JANUARY, upTo="300", fromOn="700")]


def test_a_first_sync_that_fails_keeps_what_is_done(first: Scene) -> None:
    one, _failed = first.announced("1"), first.announced("2")
    first.cursor.all_announced()

    first.read(one, JANUARY)

    assert first.ended() == [unfinished(JANUARY, upTo="1")]
    assert first.cursor.state == unfinished(JANUARY, upTo="1")


def test_a_first_sync_that_reads_nothing_before_it_fails_keeps_its_start(first: Scene) -> None:
    first.announced("1")

    assert first.ended() == [unfinished(None)]


def test_a_first_sync_is_unfinished_until_all_partitions_are_announced(first: Scene) -> None:
    first.read(first.announced("1"), JANUARY)

    assert first.ended() == [unfinished(JANUARY, upTo="1")]


@pytest.mark.parametrize("incoming", [NEVER_READ, READ_TO_FEBRUARY], ids=["first", "later"])
def test_a_state_covers_the_spaces_at_the_start(incoming: StreamState) -> None:
    """What is granted while a sync runs may be missing in what it had listed before."""
    scene = Scene(incoming)
    scene.spaces = frozenset({"1", "2"})
    scene.cursor.begin()
    scene.spaces = frozenset({"1", "2", "3"})
    only = scene.announced()
    scene.cursor.all_announced()

    scene.read(only, FEBRUARY)

    (state,) = scene.ended()
    assert StreamState.parse("pages", "lastModifiedAt", str, state).spaces == frozenset({"1", "2"})


def test_an_unfinished_first_sync_covers_the_spaces_at_its_first_start() -> None:
    """Those that came while it was interrupted lie partly in what is done."""
    scene = Scene(StreamState(JANUARY, FirstSync(START, "1"), frozenset({"1"})))
    scene.spaces = frozenset({"1", "2"})
    scene.cursor.begin()

    scene.read(scene.announced("2"), FEBRUARY)

    (state,) = scene.ended()
    assert StreamState.parse("pages", "lastModifiedAt", str, state).spaces == frozenset({"1"})


def test_a_later_sync_emits_nothing_before_its_end(later: Scene) -> None:
    one = later.announced("1")
    later.cursor.all_announced()

    later.read(one, MARCH)

    assert later.emitted() == []
    assert later.ended() == [{"lastModifiedAt": MARCH}]


def test_a_later_sync_that_fails_does_not_advance(later: Scene) -> None:
    one, _failed = later.announced("1"), later.announced("2")
    later.cursor.all_announced()

    later.read(one, MARCH)

    assert later.ended() == [{"lastModifiedAt": FEBRUARY}]


def test_a_later_sync_does_not_advance_until_all_partitions_are_announced(later: Scene) -> None:
    later.read(later.announced("1"), MARCH)

    assert later.ended() == [{"lastModifiedAt": FEBRUARY}]


def test_a_denied_partition_holds_the_state_back(later: Scene) -> None:
    readable, denied = later.announced("1"), later.announced("2")
    later.cursor.all_announced()
    denied.was_denied = True

    later.read(denied, MARCH)
    later.read(readable, MARCH)

    assert later.ended() == [{"lastModifiedAt": FEBRUARY}]


def test_a_denied_partition_of_a_first_sync_is_not_done(first: Scene) -> None:
    denied = first.announced("1")
    first.cursor.all_announced()
    denied.was_denied = True

    first.read(denied, None)

    assert first.ended() == [unfinished(None)]


def test_what_is_done_grows_while_many_partitions_end_together(first: Scene) -> None:
    partitions = [first.announced(str(number)) for number in range(100, 132)]
    first.cursor.all_announced()
    workers = [Thread(target=first.read, args=(one, JANUARY)) for one in partitions]

    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    done = [state["firstSync"].get("upTo", "") for state in first.emitted()]
    assert done
    assert all(before < after for before, after in pairwise(done))
    assert first.ended() == [{"lastModifiedAt": JANUARY}]


def test_a_state_is_a_message_of_its_stream() -> None:
    messages = InMemoryMessageRepository()
    cursor = IncrementalCursor(
        "pages", "lastModifiedAt", NEVER_READ, Scene(NEVER_READ), messages, flush=lambda: None
    )
    cursor.all_announced()

    cursor.ensure_at_least_one_state_emitted()

    (message,) = messages.consume_queue()
    assert stream_of(message) == "pages"
    assert message.state is not None
    assert message.state.type is AirbyteStateType.STREAM


def test_single_records_change_nothing(later: Scene) -> None:
    record = Record({"lastModifiedAt": MARCH}, "pages")

    later.cursor.observe(record)

    assert later.cursor.should_be_synced(record)
    assert later.cursor.state == {"lastModifiedAt": FEBRUARY}
    assert later.emitted() == []


def test_only_partitions_of_this_connector_can_be_closed(later: Scene) -> None:
    class Foreign(Partition):
        def read(self) -> list[Record]:
            return []

        def to_slice(self) -> None:
            return None

        def stream_name(self) -> str:
            return "pages"

        def __hash__(self) -> int:
            return 1

    with pytest.raises(TypeError):
        later.cursor.close_partition(Foreign())


def test_records_are_sent_before_their_partition_counts_as_read(first: Scene) -> None:
    """Another worker may emit the state that covers them at any moment from then on."""
    queue = RecordQueue(1000)
    states = OrderedMessageRepository(queue, Level.INFO)
    cursor = IncrementalCursor(
        "pages", "lastModifiedAt", NEVER_READ, first, states, flush=queue.flush
    )
    partitions = [first.announced(str(number)) for number in range(1, 5)]
    for one in partitions:
        cursor.announce(one)

    def read(*some: StreamPartition) -> None:
        for one in some:
            queue.put(Record({"id": one.reach["up_to"]}, "pages"))
            cursor.close_partition(one)

    for some in (partitions[:1], partitions[1:]):
        worker = Thread(target=read, args=some)
        worker.start()
        worker.join()

    items = [queue.get() for _ in range(6)]
    assert [isinstance(one, Record) for one in items] == [True, True, False, True, True, False]


def test_a_first_sync_of_release_0_1_0_covers_the_spaces_at_its_next_attempt() -> None:
    scene = Scene(StreamState(JANUARY, FirstSync(START)))
    scene.spaces = frozenset({"1"})
    scene.cursor.begin()

    scene.read(scene.announced("2"), FEBRUARY)

    (state,) = scene.ended()
    assert StreamState.parse("pages", "lastModifiedAt", str, state).spaces == frozenset({"1"})
