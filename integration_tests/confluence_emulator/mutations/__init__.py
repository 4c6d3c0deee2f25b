"""Changes that users make to a site, for example in the middle of a read."""

from integration_tests.confluence_emulator.mutations.content import ContentMutations
from integration_tests.confluence_emulator.mutations.details import DetailMutations
from integration_tests.confluence_emulator.mutations.organization import OrganizationMutations


class Mutations(ContentMutations, DetailMutations, OrganizationMutations):
    """Methods that return the object they changed, as the API serves it.

    They raise KeyError if the object does not exist.
    """
