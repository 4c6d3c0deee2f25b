"""Random values of generated objects: times, titles, versions, ids."""

from datetime import datetime, timezone
from random import Random
from uuid import UUID

from integration_tests.confluence_emulator.model import Versioned, is_minor, message_of
from integration_tests.confluence_emulator.spec import SiteSpec
from integration_tests.confluence_emulator.tables import NumberSource
from integration_tests.confluence_emulator.timestamps import milliseconds

EARLIEST_TIME = milliseconds(datetime(2021, 1, 1, tzinfo=timezone.utc))
LATEST_TIME = milliseconds(datetime(2025, 6, 30, tzinfo=timezone.utc))
"""Every generated time is between these two, so an edit made now is the newest."""

SUBJECTS = ("Roadmap", "Runbook", "Übersicht", "設計", "Retro", "Café menu", "Q&A", "Отчёт", "🚀")
_QUALIFIERS = ("2024", "draft <3>", "“final”", "v2", "of the team", "how-to", 'with "quotes"')


MANY = 60
"""More records than a GET by id embeds (50)."""


def random_source(spec: SiteSpec, purpose: str) -> Random:
    """Return the random source for one purpose; a new purpose leaves the others unchanged."""
    return Random(f"{spec.seed}/{purpose}")


def id_source(spec: SiteSpec, purpose: str, start: int, remainder: int) -> NumberSource:
    """Return the source of ids of one kind."""
    return NumberSource(random_source(spec, f"ids of {purpose}"), start, remainder)


def in_share(index: int, share: float) -> bool:
    """Return whether the item at this index belongs to the share, which is spread evenly."""
    return int((index + 1) * share) > int(index * share)


def random_index(random: Random, length: int) -> int:
    """Return a random index below `length`; faster than randrange."""
    return int(random.random() * length)


def random_uuid(random: Random) -> str:
    """Return a version 4 UUID."""
    return str(UUID(int=random.getrandbits(128), version=4))


def event_time(random: Random, index: int, total: int) -> int:
    """Return the time of event `index` of `total`, in order."""
    start = EARLIEST_TIME + (LATEST_TIME - EARLIEST_TIME) * index // max(1, total)
    return start + random_index(random, 100_000)


def random_title(random: Random, index: int) -> str:
    """Return a title; `index` makes it unique."""
    subject = SUBJECTS[random_index(random, len(SUBJECTS))]
    return f"{subject} {_QUALIFIERS[random_index(random, len(_QUALIFIERS))]} {index}"


def random_indices(random: Random, total: int, share: float) -> set[int]:
    """Return a random set of indices below `total`, of exactly this share."""
    return set(random.sample(range(total), int(total * share)))


def random_version(random: Random, index: int, created: int, previous: int) -> tuple[int, int]:
    """Return version and modification time of an edited object.

    Some times equal `previous`, some are whole seconds.
    """
    if index % 25 >= 22:
        return 2, previous
    modified = min(LATEST_TIME, created + 1 + int((LATEST_TIME - created) * random.random()))
    return 2 + random_index(random, 39), modified - modified % (1_000 if index % 40 == 0 else 1)


def give_many_versions(item: Versioned, number: int) -> None:
    """Set an item's version, usually to more than fit in a page of results."""
    item.version = number
    item.version_message = message_of(number)
    item.minor_edit = is_minor(number)
    item.version_author = item.version_author or item.author
    item.modified = max(item.modified, item.created + number)
