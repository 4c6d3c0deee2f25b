"""Chance, time and words, as all generated objects draw them."""

from datetime import datetime, timezone
from random import Random

from integration_tests.confluence_emulator.model import Versioned, is_minor, message_of
from integration_tests.confluence_emulator.spec import SiteSpec
from integration_tests.confluence_emulator.tables import NumberSource
from integration_tests.confluence_emulator.timestamps import milliseconds

FIRST_MOMENT = milliseconds(datetime(2021, 1, 1, tzinfo=timezone.utc))
LAST_MOMENT = milliseconds(datetime(2025, 6, 30, tzinfo=timezone.utc))
"""Everything generated lies between these two, so that an edit made now is the newest."""

SUBJECTS = ("Roadmap", "Runbook", "Übersicht", "設計", "Retro", "Café menu", "Q&A", "Отчёт", "🚀")
_QUALIFIERS = ("2024", "draft <3>", "“final”", "v2", "of the team", "how-to", 'with "quotes"')


def random_source(spec: SiteSpec, purpose: str) -> Random:
    """Return the random source of one purpose, so that adding a kind changes no other."""
    return Random(f"{spec.seed}/{purpose}")


def numbers(spec: SiteSpec, purpose: str, start: int, remainder: int) -> NumberSource:
    """Return the ids of one kind."""
    return NumberSource(random_source(spec, f"ids of {purpose}"), start, remainder)


def falls(index: int, share: float) -> bool:
    """Tell whether the share's next whole is reached at this index."""
    return int((index + 1) * share) > int(index * share)


def pick(random: Random, length: int) -> int:
    """Return an index below `length`; faster than randrange."""
    return int(random.random() * length)


def moment(random: Random, index: int, total: int) -> int:
    """Return the time of the index-th of `total` events."""
    start = FIRST_MOMENT + (LAST_MOMENT - FIRST_MOMENT) * index // max(1, total)
    return start + pick(random, 100_000)


def title(random: Random, index: int) -> str:
    """Return a title that no other index has."""
    subject = SUBJECTS[pick(random, len(SUBJECTS))]
    return f"{subject} {_QUALIFIERS[pick(random, len(_QUALIFIERS))]} {index}"


def drawn(random: Random, total: int, share: float) -> set[int]:
    """Return exactly the share of the indices below `total`, in no pattern."""
    return set(random.sample(range(total), int(total * share)))


def history(random: Random, index: int, created: int, previous: int) -> tuple[int, int]:
    """Return version and time of modification of an edited one; some tied, some whole seconds."""
    if index % 25 >= 22:
        return 2, previous
    modified = min(LAST_MOMENT, created + 1 + int((LAST_MOMENT - created) * random.random()))
    return 2 + pick(random, 39), modified - modified % (1_000 if index % 40 == 0 else 1)


def give_many_versions(item: Versioned, number: int) -> None:
    """Put an item at a version beyond what one page of results holds."""
    item.version = number
    item.version_message = message_of(number)
    item.minor_edit = is_minor(number)
    item.version_author = item.version_author or item.author
    item.modified = max(item.modified, item.created + number)
