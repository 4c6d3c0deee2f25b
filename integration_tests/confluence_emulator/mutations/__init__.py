"""Changes that users make to a site, for example in the middle of a read."""

from integration_tests.confluence_emulator.mutations.content import ContentMutations
from integration_tests.confluence_emulator.mutations.details import DetailMutations
from integration_tests.confluence_emulator.mutations.importing import ImportMutations
from integration_tests.confluence_emulator.mutations.organization import OrganizationMutations
from integration_tests.confluence_emulator.mutations.visibility import VisibilityMutations


class Mutations(
    ContentMutations,
    DetailMutations,
    OrganizationMutations,
    ImportMutations,
    VisibilityMutations,
):
    """Methods that return the object they changed, as the API serves it.

    They raise KeyError if the object does not exist.
    """
