"""Whether a stream can be read, as its partitions and elements find out."""

from __future__ import annotations

import pytest

from source_confluence.confluence.circuit_breaker import CircuitBreaker
from source_confluence.confluence.errors import ConfigError, NotFound, NotPermitted, ServerError
from source_confluence.streams.sync.health import DENIALS_BEFORE_ANY_SUCCESS, StreamHealth
from unit_tests.fakes import FakeClock
from unit_tests.run_sync import LOGGER

DENIAL = NotPermitted("The account may not read /wiki/rest/api/audit: not an administrator")
DELETED = NotFound("There is no such page.")


def health(partitions: int = 0, *, replaces: bool = False) -> StreamHealth:
    """The health of a stream with that number of open partitions."""
    breaker = CircuitBreaker(FakeClock(), threshold=2)
    stream = StreamHealth("audit", LOGGER, breaker, replaces=replaces)
    for _ in range(partitions):
        stream.open_partition()
    return stream


def test_a_denied_stream_is_over_with_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    stream = health()
    assert stream.open_partition()

    for _ in range(3):
        stream.denied(DENIAL)

    (warning,) = caplog.records
    assert warning.levelname == "WARNING"
    assert "audit" in warning.getMessage()
    assert DENIAL.message in warning.getMessage()
    assert stream.is_over
    assert not stream.open_partition()


def test_a_denied_stream_that_replaces_its_table_fails(caplog: pytest.LogCaptureFixture) -> None:
    stream = health(replaces=True)

    with pytest.raises(ConfigError) as caught:
        stream.denied(DENIAL)

    assert "audit" in caught.value.message
    assert DENIAL.message in caught.value.message
    assert caplog.records == []
    assert stream.is_over


@pytest.mark.parametrize("replaces", [False, True])
def test_a_denial_after_records_is_an_error(replaces: bool) -> None:
    stream = health(replaces=replaces)
    stream.has_records()

    with pytest.raises(ConfigError) as caught:
        stream.denied(DENIAL)

    assert "audit" in caught.value.message
    assert not stream.is_over


def test_records_after_a_denial_are_an_error_every_time() -> None:
    stream = health()
    stream.denied(DENIAL)

    for _ in range(2):
        with pytest.raises(ConfigError) as caught:
            stream.has_records()
        assert DENIAL.message in caught.value.message


def test_a_readable_partition_without_records_after_a_denial_is_an_error() -> None:
    stream = health(1)
    stream.denied(DENIAL)

    with pytest.raises(ConfigError):
        stream.closed(succeeded=True)


def test_a_denial_after_a_readable_partition_without_records_is_an_error() -> None:
    stream = health(2)
    stream.closed(succeeded=True)

    with pytest.raises(ConfigError):
        stream.denied(DENIAL)


def test_a_stopped_stream_is_over() -> None:
    stream = health()

    stream.stop()

    assert stream.is_over
    assert not stream.open_partition()


def test_a_stream_all_of_whose_elements_were_denied_is_denied_at_its_very_end() -> None:
    stream = health(2)
    stream.element_denied(DENIAL)
    stream.closed()
    stream.closed()

    with pytest.raises(NotPermitted) as caught:
        stream.closed()

    assert caught.value is DENIAL


@pytest.mark.parametrize(
    ("before", "after"),
    [(DENIALS_BEFORE_ANY_SUCCESS - 1, DENIALS_BEFORE_ANY_SUCCESS), (0, DENIALS_BEFORE_ANY_SUCCESS)],
)
def test_denied_elements_are_skipped_if_another_succeeded(before: int, after: int) -> None:
    stream = health(1)
    for _ in range(before):
        stream.element_denied(DENIAL)
    stream.element_succeeded()
    for _ in range(after):
        stream.element_denied(DENIAL)

    stream.closed()
    stream.closed()

    assert not stream.is_over


def test_partitions_without_elements_do_not_deny_the_stream() -> None:
    stream = health(1)

    stream.closed()
    stream.closed()

    assert not stream.is_over


def test_the_last_of_too_many_denials_is_raised_at_once() -> None:
    stream = health(1)
    for _ in range(DENIALS_BEFORE_ANY_SUCCESS - 1):
        stream.element_denied(DENIAL)

    with pytest.raises(NotPermitted):
        stream.element_denied(DENIAL)


@pytest.mark.parametrize(
    ("count", "is_denied"),
    [(DENIALS_BEFORE_ANY_SUCCESS - 1, False), (DENIALS_BEFORE_ANY_SUCCESS, True)],
)
def test_a_few_deleted_elements_are_normal_and_many_are_a_denial(
    count: int, is_denied: bool
) -> None:
    stream = health(1)
    for _ in range(count):
        stream.element_denied(DELETED)
    stream.closed()

    if is_denied:
        with pytest.raises(NotFound):
            stream.closed()
    else:
        stream.closed()


def test_a_success_resets_the_circuit_breaker() -> None:
    stream = health()
    failure = ServerError("Confluence answered 500.")

    stream.breaker.failed(failure)
    stream.element_succeeded()
    stream.breaker.failed(failure)

    assert stream.breaker.error is None


def test_denied_places_are_remembered_once() -> None:
    stream = health()

    assert stream.place_denied("a:b")
    assert not stream.place_denied("a:b")
    assert stream.place_denied("a:c")

    assert stream.denied_places == {"a:b", "a:c"}
    assert not stream.is_over
