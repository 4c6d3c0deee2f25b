"""Changes that people make to a site while it is being read."""

from integration_tests.confluence_emulator.mutating.content import ContentChanges
from integration_tests.confluence_emulator.mutating.details import DetailChanges
from integration_tests.confluence_emulator.mutating.organization import OrganizationChanges


class Mutations(ContentChanges, DetailChanges, OrganizationChanges):
    """Each returns what it changed as the API would serve it; raises KeyError for nothing."""
