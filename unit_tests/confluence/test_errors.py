"""The errors that reach a user: one plain sentence, no stack trace, no secret."""

from __future__ import annotations

import logging
import sys
from copy import copy

import pytest
from airbyte_cdk.models import FailureType, StreamDescriptor, TraceType
from airbyte_cdk.utils.airbyte_secrets_utils import update_secrets

from source_confluence.confluence.errors import (
    ConfigError,
    ConfluenceError,
    PlainSentences,
    TransientError,
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
    ],
)
def test_tells_the_platform_who_can_mend_it(
    kind: type[ConfluenceError], failure: FailureType
) -> None:
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
    assert error.sentence == "It is broken."


def log_record(error: Exception | None, text: str, *args: object) -> logging.LogRecord:
    """The record of a line that was logged while `error` was handled, if there was one."""
    record = logging.LogRecord("airbyte", logging.ERROR, __file__, 1, text, args, None)
    if error is not None:
        try:
            raise error
        except type(error):
            record.exc_info = sys.exc_info()
    return record


def test_a_log_line_about_an_error_that_explains_itself_has_no_stack_trace() -> None:
    record = log_record(ConfigError("100% broken: %s."), "Stream %s failed", "pages")

    assert PlainSentences().filter(record)

    assert logging.Formatter().format(record) == "Stream pages failed: 100% broken: %s."


@pytest.mark.parametrize("error", [None, KeyError("a defect")])
def test_other_log_lines_stay_as_they_are(error: Exception | None) -> None:
    record = log_record(error, "Stream %s failed", "pages")
    formatted = logging.Formatter().format(copy(record))

    assert PlainSentences().filter(record)

    assert logging.Formatter().format(record) == formatted
    assert ("Traceback" in formatted) == (error is not None)
