"""The errors that reach a user: a class and one plain sentence, without a stack trace."""

from __future__ import annotations

import logging

from airbyte_cdk.models import AirbyteMessage, FailureType, StreamDescriptor
from airbyte_cdk.utils.airbyte_secrets_utils import filter_secrets
from airbyte_cdk.utils.traced_exception import AirbyteTracedException


class ConfluenceError(AirbyteTracedException):
    """An error that the connector understands and explains in one sentence."""

    failure = FailureType.system_error

    def __init__(self, sentence: str) -> None:
        super().__init__(message=sentence, internal_message=sentence, failure_type=self.failure)
        self.sentence = sentence

    def __repr__(self) -> str:
        """Return the sentence: the CDK quotes the repr in its summary of failed streams."""
        return self.sentence

    def as_airbyte_message(
        self, stream_descriptor: StreamDescriptor | None = None
    ) -> AirbyteMessage:
        """Return the TRACE message of this error, secrets masked and without a stack trace."""
        message = super().as_airbyte_message(stream_descriptor)
        if message.trace is not None and message.trace.error is not None:
            message.trace.error.message = filter_secrets(self.sentence)
            message.trace.error.internal_message = None
            message.trace.error.stack_trace = None
        return message


class ConfigError(ConfluenceError):
    """The user can mend this: config, catalog, state or credentials."""

    failure = FailureType.config_error


class TransientError(ConfluenceError):
    """Confluence or the network could not do it now; a later attempt may."""

    failure = FailureType.transient_error


class PlainSentences(logging.Filter):
    """Takes the stack trace off log lines about errors that explain themselves."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return True, having put the error's sentence in the place of its stack trace."""
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, ConfluenceError):
            record.msg = f"{record.getMessage()}: {error.sentence}"
            record.args = None
            record.exc_info = None
        return True
