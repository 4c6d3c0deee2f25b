"""The errors that reach a user: a class, and one plain sentence without a stack trace.

The class says who can fix it: the user (ConfigError), time (TransientError), or a developer.
"""

from __future__ import annotations

from airbyte_cdk.models import AirbyteMessage, FailureType, StreamDescriptor
from airbyte_cdk.utils.airbyte_secrets_utils import filter_secrets
from airbyte_cdk.utils.traced_exception import AirbyteTracedException
from typing_extensions import override


class ConfluenceError(AirbyteTracedException):
    """An error that the connector understands and explains in one sentence."""

    failure = FailureType.system_error
    message: str

    def __init__(self, message: str) -> None:
        super().__init__(message=message, internal_message=message, failure_type=self.failure)

    def __repr__(self) -> str:
        """Return the message: the CDK quotes the repr in its summary of failed streams."""
        return self.message

    @override
    def as_airbyte_message(
        self, stream_descriptor: StreamDescriptor | None = None
    ) -> AirbyteMessage:
        """Return the TRACE message of this error, secrets masked and without a stack trace."""
        message = super().as_airbyte_message(stream_descriptor)
        if message.trace is not None and message.trace.error is not None:
            message.trace.error.message = filter_secrets(self.message)
            message.trace.error.internal_message = None
            message.trace.error.stack_trace = None
        return message


class ConfigError(ConfluenceError):
    """The user can fix this: config, catalog, state or credentials."""

    failure = FailureType.config_error


class TransientError(ConfluenceError):
    """Confluence or the network failed; a later sync may succeed."""

    failure = FailureType.transient_error


class CredentialsRejected(ConfigError):
    """Confluence does not know the account, or the account may not use Confluence."""


class NotPermitted(ConfigError):
    """The account may not read this, or no account can any longer; it may read the rest."""


class NotConfluence(ConfigError):
    """The address does not lead to a Confluence site."""


class NotFound(ConfluenceError):
    """The entity does not exist, or the account may not see it."""


class RequestRefused(ConfluenceError):
    """Confluence considers the request invalid: the connector is wrong, or the API changed."""

    def __init__(self, message: str, said: str = "", details: str = "") -> None:
        """`said` is Confluence's explanation in one line; `details` is the whole body."""
        super().__init__(message)
        self.said = said
        self.details = details


class Unreachable(TransientError):
    """No connection could be made."""


class ServerError(TransientError):
    """Confluence sent no usable response, even after retries."""


class ResponseTooLarge(ServerError):
    """Confluence's response is larger than what the connector keeps in memory."""

    def __init__(self, message: str, complete: int = 0) -> None:
        """`complete` says how many records came before it was too large."""
        super().__init__(message)
        self.complete = complete


class Throttled(TransientError):
    """Confluence wants a longer wait than the connector accepts."""


class UnreadableRecords(TransientError):
    """Some records of a list could not be read; the rest of the list was."""


class PagingLoop(ConfluenceError):
    """The pages of results of a list lead in a circle."""


class UnknownPaging(ConfluenceError):
    """Confluence announced another page of results in a form that the connector does not know."""


UNAVAILABLE = (NotPermitted, NotFound)
"""What a list raises that the account, or the site's plan, does not have."""
