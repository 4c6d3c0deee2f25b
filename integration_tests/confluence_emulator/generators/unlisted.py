"""Accounts that a user search leaves out: guests by default, and deactivated ones always."""

from dataclasses import dataclass

from integration_tests.confluence_emulator.generators.random_values import (
    random_source,
    random_uuid,
)
from integration_tests.confluence_emulator.organization import Person
from integration_tests.confluence_emulator.spec import SiteSpec

_GUESTS = 3
NAMED_BY = ("attachment", "comment", "like", "member", "task", "watcher")
"""What names one deactivated account each, which nothing else names."""


@dataclass(frozen=True)
class Unlisted:
    """The accounts of a site that a search leaves out."""

    guests: list[Person]
    deactivated: list[Person]
    """One for each of NAMED_BY, in that order."""


def unlisted(spec: SiteSpec) -> Unlisted:
    """Return the accounts; the search finds guests if its filter says so."""
    if not spec.unlisted_users:
        return Unlisted([], [])
    random = random_source(spec, "unlisted")
    return Unlisted(
        [
            Person(f"712020:{random_uuid(random)}", f"Guest {number}", is_guest=True)
            for number in range(_GUESTS)
        ],
        [
            Person(f"712020:{random_uuid(random)}", f"Deactivated {name}", status="inactive")
            for name in NAMED_BY
        ],
    )
