"""The endpoints that the emulator serves, one module per topic."""

from integration_tests.confluence_emulator.endpoint import Endpoint
from integration_tests.confluence_emulator.endpoints.administration import ADMINISTRATION
from integration_tests.confluence_emulator.endpoints.by_id import BY_ID
from integration_tests.confluence_emulator.endpoints.children import CHILDREN
from integration_tests.confluence_emulator.endpoints.comments import COMMENTS
from integration_tests.confluence_emulator.endpoints.content import CONTENT
from integration_tests.confluence_emulator.endpoints.content_v1 import CONTENT_V1
from integration_tests.confluence_emulator.endpoints.search import SEARCH
from integration_tests.confluence_emulator.endpoints.site_lists import POSTS, SITE_LISTS
from integration_tests.confluence_emulator.endpoints.spaces import SPACES

__all__ = ["POSTS", "all_endpoints"]


def all_endpoints() -> tuple[Endpoint, ...]:
    """Return every GET endpoint; a fixed path precedes a template that also matches it."""
    v2 = (*SPACES, *CONTENT, *SITE_LISTS, *COMMENTS, *CHILDREN, *BY_ID)
    return (*v2, *ADMINISTRATION, *CONTENT_V1, *SEARCH)
