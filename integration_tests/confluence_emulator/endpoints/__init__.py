"""The endpoints that the emulator serves, one module per family."""

from integration_tests.confluence_emulator.endpoint import Endpoint
from integration_tests.confluence_emulator.endpoints.administration import ADMINISTRATION
from integration_tests.confluence_emulator.endpoints.content import CONTENT
from integration_tests.confluence_emulator.endpoints.search import SEARCH
from integration_tests.confluence_emulator.endpoints.spaces import SPACES


def all_endpoints() -> tuple[Endpoint, ...]:
    """Return every endpoint, a fixed path before a template that would match it."""
    return (*SPACES, *CONTENT, *ADMINISTRATION, *SEARCH)
