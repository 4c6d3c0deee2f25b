"""Labels, properties, likes, restrictions and watches of what there is."""

from collections.abc import Iterable, Mapping, Sequence
from random import Random

from integration_tests.confluence_emulator.generating.chance import (
    FIRST_MOMENT,
    falls,
    numbers,
    pick,
    random_source,
)
from integration_tests.confluence_emulator.model import Label, Property, Restriction, Versioned
from integration_tests.confluence_emulator.organization import Group, Person, Space
from integration_tests.confluence_emulator.spec import SiteSpec
from integration_tests.confluence_emulator.tables import NumberSource, Table

MANY = 60
"""More than a by-id answer embeds."""
_POPULAR = 300
_MANY_USERS = 130
_MANY_WATCHERS = 210
_PREFIXES = ("global", "global", "global", "my", "team")
_VALUES = ("text ü", 7, 2.5, True, None, ["a", 1], {"nested": {"list": [1, None]}}, "")

Owners = Iterable[tuple[int, bool]]
"""Ids of those that can have something, and whether one is to have many."""


def labels(spec: SiteSpec) -> Table[Label]:
    """Return the catalogue of labels."""
    table: Table[Label] = Table(numbers(spec, "labels", start=95_000, remainder=11))
    for index in range(spec.labels):
        name = f"label-{index}" if index % 7 else f"étiquette-{index}"
        table.add(Label(table.numbers.next(), name, _PREFIXES[index % len(_PREFIXES)]))
    return table


def label_links(
    spec: SiteSpec,
    catalogue: Sequence[Label],
    kinds: Mapping[str, Sequence[Versioned]],
    spaces: Sequence[Space],
) -> dict[int, list[int]]:
    """Return label ids by what they label; the catalogue's first label is on many pages."""
    random = random_source(spec, "label links")
    numbers_of_labels = [label.id for label in catalogue]
    found: dict[int, list[int]] = {}
    for kind, items in kinds.items():
        _link(random, found, owners_of(items), numbers_of_labels, spec.labelled_share)
        if kind == "page" and numbers_of_labels:
            popular = numbers_of_labels[0]
            for page in items[:_POPULAR]:
                own = found.setdefault(page.id, [])
                if popular not in own:
                    own.append(popular)
    home_owners = [(space.id, index == 0) for index, space in enumerate(spaces)]
    _link(random, found, home_owners, numbers_of_labels, spec.labelled_share)
    return found


def _link(
    random: Random,
    found: dict[int, list[int]],
    owners: Owners,
    catalogue: Sequence[int],
    share: float,
) -> None:
    for index, (number, has_many) in enumerate(owners):
        if has_many:
            found[number] = list(catalogue[:MANY])
        elif catalogue and falls(index, share):
            first = pick(random, len(catalogue))
            found[number] = list(dict.fromkeys(catalogue[first :: 1 + pick(random, 90)][:3]))


def owners_of(items: Iterable[Versioned]) -> list[tuple[int, bool]]:
    """Return the items' ids; the first that is current is to have many."""
    rows, chosen = [], False
    for item in items:
        many = not chosen and item.status == "current"
        chosen = chosen or many
        rows.append((item.id, many))
    return rows


def properties(
    spec: SiteSpec,
    kinds: Mapping[str, Sequence[Versioned]],
    spaces: Sequence[Space],
    authors: Sequence[Person],
    source: NumberSource,
) -> dict[int, list[Property]]:
    """Return properties by what has them."""
    random = random_source(spec, "properties")
    found: dict[int, list[Property]] = {}
    rows = [owners_of(items) for items in kinds.values()]
    rows.append([(space.id, index == 0) for index, space in enumerate(spaces)])
    for owners in rows:
        for index, (number, has_many) in enumerate(owners):
            if not has_many and not falls(index, spec.property_share):
                continue
            count = MANY if has_many else 1 + index % 2
            found[number] = [_property(random, nth, authors, source) for nth in range(count)]
    return found


def _property(
    random: Random, nth: int, authors: Sequence[Person], source: NumberSource
) -> Property:
    number = source.next()
    version = 1 + pick(random, 4)
    return Property(
        id=number,
        key=f"key-{nth:02}",
        value=_VALUES[pick(random, len(_VALUES))],
        author=authors[pick(random, len(authors))].account_id,
        created=FIRST_MOMENT + number * 10,
        modified=FIRST_MOMENT + number * 10 + (version - 1) * 7_777,
        version=version,
    )


def likes(
    spec: SiteSpec, kinds: Mapping[str, Sequence[Versioned]], people: Sequence[Person]
) -> dict[int, list[str]]:
    """Return the account ids of those who like something, by what they like."""
    return _accounts(spec, "likes", kinds.values(), people, share=spec.liked_share, many=MANY)


def page_watchers(
    spec: SiteSpec, pages: Sequence[Versioned], people: Sequence[Person]
) -> dict[int, list[str]]:
    """Return account ids by page."""
    return _accounts(
        spec, "page watchers", [pages], people, share=spec.watched_share, many=_MANY_WATCHERS
    )


def _accounts(
    spec: SiteSpec,
    purpose: str,
    kinds: Iterable[Sequence[Versioned]],
    people: Sequence[Person],
    *,
    share: float,
    many: int,
) -> dict[int, list[str]]:
    random = random_source(spec, purpose)
    ids = [person.account_id for person in people]
    found: dict[int, list[str]] = {}
    for items in kinds:
        for index, (number, has_many) in enumerate(owners_of(items)):
            if has_many:
                found[number] = ids[:many]
            elif falls(index, share):
                found[number] = random.sample(ids, min(len(ids), 1 + index % 4))
    return found


def space_watchers(
    spec: SiteSpec, spaces: Sequence[Space], people: Sequence[Person]
) -> dict[int, list[str]]:
    """Return account ids by space; more than a page of results for the first."""
    random = random_source(spec, "space watchers")
    ids = [person.account_id for person in people]
    return {
        space.id: ids[:_MANY_WATCHERS]
        if index == 0
        else random.sample(ids, min(len(ids), index % 4))
        for index, space in enumerate(spaces)
    }


def restrictions(
    spec: SiteSpec,
    kinds: Sequence[Sequence[Versioned]],
    people: Sequence[Person],
    groups: Sequence[Group],
) -> dict[int, dict[str, Restriction]]:
    """Return by content who may read and update it; one page names more than 100 users."""
    random = random_source(spec, "restrictions")
    ids = [person.account_id for person in people]
    group_ids = [group.id for group in groups]
    found: dict[int, dict[str, Restriction]] = {}
    for items in kinds:
        for index, (number, has_many) in enumerate(owners_of(items)):
            if has_many:
                read = Restriction(ids[:_MANY_USERS], group_ids[-1:])
                found[number] = {"read": read, "update": Restriction(ids[:2])}
            elif falls(index, spec.restricted_share):
                users = random.sample(ids, min(len(ids), 1 + index % 3))
                update = Restriction(users, random.sample(group_ids, min(len(group_ids), 1)))
                read = Restriction(users[:1]) if index % 2 else Restriction()
                found[number] = {"read": read, "update": update}
    return found
