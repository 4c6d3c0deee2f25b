"""The errors that reach a user: one plain sentence, no stack trace, no secret."""

from __future__ import annotations

import pytest
from airbyte_cdk.models import FailureType, StreamDescriptor, TraceType
from airbyte_cdk.utils.airbyte_secrets_utils import update_secrets

from source_confluence.confluence.errors import (
    ConfigError,
    ConfluenceError,
    CredentialsRejected,
    NotConfluence,
    NotFound,
    NotPermitted,
    PagingLoop,
    RequestRefused,
    ServerError,
    Throttled,
    TransientError,
    UnknownPaging,
    Unreachable,
    UnreadableRecords,
)


def raised(error: Exception) -> Exception:
    """The error with a traceback and a cause, as it reaches those who report it."""
    try:
        try:
            raise KeyError("the cause")
        except KeyError as cause:
            raise error from cause
    except type(error) as caught:
        return caught


@pytest.mark.parametrize(
    ("kind", "failure"),
    [
        (ConfigError, FailureType.config_error),
        (TransientError, FailureType.transient_error),
        (ConfluenceError, FailureType.system_error),
        (CredentialsRejected, FailureType.config_error),
        (NotConfluence, FailureType.config_error),
        (NotPermitted, FailureType.config_error),
        (NotFound, FailureType.system_error),
        (RequestRefused, FailureType.system_error),
        (PagingLoop, FailureType.system_error),
        (UnknownPaging, FailureType.system_error),
        (ServerError, FailureType.transient_error),
        (Throttled, FailureType.transient_error),
        (Unreachable, FailureType.transient_error),
        (UnreadableRecords, FailureType.transient_error),
    ],
)
def test_the_class_says_who_can_fix_it(kind: type[ConfluenceError], failure: FailureType) -> None:
    trace = kind("It is broken.").as_airbyte_message().trace

    assert trace is not None
    assert trace.error is not None
    assert trace.error.failure_type is failure


def test_the_trace_message_is_the_sentence_alone() -> None:
    error = raised(ConfigError("It is broken."))
    assert isinstance(error, ConfigError)

    message = error.as_airbyte_message(StreamDescriptor(name="pages"))

    assert message.trace is not None
    assert message.trace.type is TraceType.ERROR
    assert message.trace.error is not None
    assert message.trace.error.message == "It is broken."
    assert message.trace.error.internal_message is None
    assert message.trace.error.stack_trace is None
    assert message.trace.error.stream_descriptor == StreamDescriptor(name="pages")


def test_secrets_are_masked_in_the_trace_message() -> None:
    update_secrets(["hunter2"])

    message = ConfigError("It is hunter2 that is broken.").as_airbyte_message()

    assert message.trace is not None
    assert message.trace.error is not None
    assert message.trace.error.message == "It is **** that is broken."


def test_reads_as_its_sentence() -> None:
    error = TransientError("It is broken.")

    assert repr(error) == "It is broken."
    assert str(error) == "It is broken."
    assert error.message == "It is broken."
