"""The endpoints that the emulator serves, one module per family."""

from integration_tests.confluence_emulator.endpoint import Endpoint
from integration_tests.confluence_emulator.endpoints.administration import ADMINISTRATION
from integration_tests.confluence_emulator.endpoints.by_id import BY_ID
from integration_tests.confluence_emulator.endpoints.catalogue import CATALOGUE, POSTS
from integration_tests.confluence_emulator.endpoints.comments import COMMENTS
from integration_tests.confluence_emulator.endpoints.content import CONTENT
from integration_tests.confluence_emulator.endpoints.content_v1 import CONTENT_V1
from integration_tests.confluence_emulator.endpoints.parts import PARTS
from integration_tests.confluence_emulator.endpoints.search import SEARCH
from integration_tests.confluence_emulator.endpoints.spaces import SPACES

__all__ = ["POSTS", "all_endpoints"]


def all_endpoints() -> tuple[Endpoint, ...]:
    """Return every GET endpoint, a fixed path before a template that would match it."""
    v2 = (*SPACES, *CONTENT, *CATALOGUE, *COMMENTS, *PARTS, *BY_ID)
    return (*v2, *ADMINISTRATION, *CONTENT_V1, *SEARCH)
