"""How far a stream has come, as its slices report it."""

from __future__ import annotations

import pytest

from source_confluence.streams.sync.stream_progress import StreamProgress
from unit_tests.fakes import FakeClock


@pytest.fixture
def stream(clock: FakeClock) -> StreamProgress:
    return StreamProgress(clock)


def find(stream: StreamProgress, *sizes: int) -> None:
    for size in sizes:
        stream.found({"parent": "pages", "pageId": [str(number) for number in range(size)]})


def read(stream: StreamProgress, size: int) -> None:
    with stream.reading({"pageId": [str(number) for number in range(size)]}):
        pass


def state_of(stream: StreamProgress) -> str:
    assert not (stream.is_running and stream.has_ended)
    return "running" if stream.is_running else "done" if stream.has_ended else "waiting"


def test_it_runs_while_it_is_listed_and_once_a_worker_reads_it(stream: StreamProgress) -> None:
    states = [state_of(stream)]
    with stream.listing():
        states.append(state_of(stream))
        find(stream, 25, 25)
    states.append(state_of(stream))
    for _ in range(2):
        read(stream, 25)
        states.append(state_of(stream))

    assert states == ["waiting", "running", "waiting", "running", "done"]


def test_the_share_counts_ids_once_all_slices_are_listed(stream: StreamProgress) -> None:
    with stream.listing():
        find(stream, 25, 25, 25)
        read(stream, 25)
        assert stream.share(0) is None
        find(stream, 5)

    assert stream.share(0) == pytest.approx(25 / 80)
    read(stream, 5)
    assert stream.share(0) == pytest.approx(30 / 80)


def test_the_share_follows_what_is_expected_before_all_slices_are_listed(
    stream: StreamProgress,
) -> None:
    with stream.listing():
        find(stream, 25, 25, 25, 25)
        read(stream, 25)
        stream.expects(1000)
        assert stream.share(0) == pytest.approx(25 / 1000)
        stream.expects(50)
        assert stream.share(0) == pytest.approx(25 / 100), "more was listed than expected"


def test_nothing_is_known_while_more_is_being_read_than_is_done(stream: StreamProgress) -> None:
    with stream.listing():
        find(stream, 25, 25, 25, 1)
    assert stream.share(0) is None
    with stream.reading({"pageId": ["1"] * 25}), stream.reading({"pageId": ["1"] * 25}):
        read(stream, 1)
        assert stream.share(0) is None

    assert stream.share(0) == pytest.approx(51 / 76)
    with stream.reading({"pageId": ["1"] * 25}):
        assert stream.share(0) == pytest.approx(51 / 76)


def test_a_slice_that_has_failed_is_not_being_read_any_more(stream: StreamProgress) -> None:
    with stream.listing():
        find(stream, 25, 25, 25, 1)
    with pytest.raises(ValueError, match="broken"), stream.reading({"pageId": ["1"] * 25}):
        raise ValueError("broken")
    read(stream, 1)

    assert stream.share(0) == pytest.approx(1 / 76)


def test_few_slices_have_no_share(stream: StreamProgress) -> None:
    with stream.listing():
        find(stream, 25, 25, 25)
    read(stream, 25)

    assert stream.share(0) is None


def test_one_slice_has_the_share_of_the_records_that_confluence_states(
    stream: StreamProgress,
) -> None:
    with stream.listing():
        stream.found({})
    stream.expects_records(400)

    assert stream.share(100) == 0.25
    assert stream.share(400) is None, "the server may state the rows of a page of results"
    stream.expects_records(0)
    assert stream.share(100) is None


def test_records_that_are_stated_for_one_of_several_slices_say_nothing(
    stream: StreamProgress,
) -> None:
    with stream.listing():
        stream.found({})
        stream.found({})
    stream.expects_records(400)

    assert stream.share(100) is None


def test_the_time_from_the_beginning_to_the_end(stream: StreamProgress, clock: FakeClock) -> None:
    clock.advance(10)
    with stream.listing():
        stream.found({})
        clock.advance(1)
    with stream.reading({}):
        clock.advance(5)
    clock.advance(100)

    assert stream.seconds == 6.0
    assert StreamProgress(clock).seconds is None
    assert stream.reading_since == 11.0


def test_an_error_makes_it_incomplete_after_its_other_slices(stream: StreamProgress) -> None:
    with stream.listing():
        find(stream, 25, 25)
    with pytest.raises(ValueError, match="broken"), stream.reading({}):
        raise ValueError("broken")
    assert state_of(stream) == "running"
    read(stream, 25)

    assert state_of(stream) == "done"
    assert stream.status == "incomplete"
