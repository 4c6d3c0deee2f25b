"""What a log line shows of an error that explains itself."""

from __future__ import annotations

import logging

from typing_extensions import override

from source_confluence.confluence.errors import ConfluenceError


class OneLineErrors(logging.Filter):
    """Replaces the stack trace of a ConfluenceError by its message."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        """Return True: the filter changes log lines, but drops none."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, ConfluenceError):
            record.msg = f"{record.getMessage()}: {error.message}"
            record.args = None
            record.exc_info = None
        return True
