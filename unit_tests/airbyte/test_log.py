"""A log line about an error that explains itself has no stack trace."""

from __future__ import annotations

import logging
import sys
from copy import copy

import pytest

from source_confluence.airbyte.log import OneLineErrors
from source_confluence.confluence.errors import ConfigError


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

    assert OneLineErrors().filter(record)

    assert logging.Formatter().format(record) == "Stream pages failed: 100% broken: %s."


@pytest.mark.parametrize("error", [None, KeyError("a defect")])
def test_other_log_lines_stay_as_they_are(error: Exception | None) -> None:
    record = log_record(error, "Stream %s failed", "pages")
    formatted = logging.Formatter().format(copy(record))

    assert OneLineErrors().filter(record)

    assert logging.Formatter().format(record) == formatted
    assert ("Traceback" in formatted) == (error is not None)
