"""Labels, properties, likes, restrictions and watchers of generated objects."""

from collections.abc import Iterable, Mapping, Sequence
from random import Random

from integration_tests.confluence_emulator.generators.random_values import (
    EARLIEST_TIME,
    MANY,
    id_source,
    in_share,
    random_index,
    random_source,
)
from integration_tests.confluence_emulator.model import Label, Property, Restriction, Versioned
from integration_tests.confluence_emulator.organization import Group, Person, Space
from integration_tests.confluence_emulator.spec import SiteSpec
from integration_tests.confluence_emulator.tables import NumberSource, Table

_POPULAR = 300
_MANY_USERS = 130
_MANY_WATCHERS = 210
_PREFIXES = ("global", "global", "global", "my", "team")
_VALUES = ("text ü", 7, 2.5, True, None, ["a", 1], {"nested": {"list": [1, None]}}, "")

Owners = Iterable[tuple[int, bool]]
"""Ids of objects, each with whether the object gets MANY records."""


def labels(spec: SiteSpec) -> Table[Label]:
    """Return the site's labels."""
    table: Table[Label] = Table(id_source(spec, "labels", start=95_000, remainder=11))
    for index in range(spec.labels):
        name = f"label-{index}" if index % 7 else f"étiquette-{index}"
        table.add(Label(table.numbers.next(), name, _PREFIXES[index % len(_PREFIXES)]))
    return table


def label_links(
    spec: SiteSpec,
    all_labels: Sequence[Label],
    kinds: Mapping[str, Sequence[Versioned]],
    spaces: Sequence[Space],
) -> dict[int, list[int]]:
    """Return label ids by object id; the first label is on many pages."""
    random = random_source(spec, "label links")
    numbers_of_labels = [label.id for label in all_labels]
    found: dict[int, list[int]] = {}
    for kind, items in kinds.items():
        _link(random, found, owners_of(items), numbers_of_labels, spec.labelled_share)
        if kind == "page" and numbers_of_labels:
            popular = numbers_of_labels[0]
            for page in items[:_POPULAR]:
                own = found.setdefault(page.id, [])
                if popular not in own:
                    own.append(popular)
    space_owners = [(space.id, index == 0) for index, space in enumerate(spaces)]
    _link(random, found, space_owners, numbers_of_labels, spec.labelled_share)
    return found


def _link(
    random: Random,
    found: dict[int, list[int]],
    owners: Owners,
    all_labels: Sequence[int],
    share: float,
) -> None:
    for index, (number, has_many) in enumerate(owners):
        if has_many:
            found[number] = list(all_labels[:MANY])
        elif all_labels and in_share(index, share):
            first = random_index(random, len(all_labels))
            found[number] = list(
                dict.fromkeys(all_labels[first :: 1 + random_index(random, 90)][:3])
            )


def owners_of(items: Iterable[Versioned]) -> list[tuple[int, bool]]:
    """Return the items' ids; the first current item gets MANY records."""
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
    """Return properties by object id."""
    random = random_source(spec, "properties")
    found: dict[int, list[Property]] = {}
    rows = [owners_of(items) for items in kinds.values()]
    rows.append([(space.id, index == 0) for index, space in enumerate(spaces)])
    for owners in rows:
        for index, (number, has_many) in enumerate(owners):
            if not has_many and not in_share(index, spec.property_share):
                continue
            count = MANY if has_many else 1 + index % 2
            found[number] = [_property(random, nth, authors, source) for nth in range(count)]
    return found


def _property(
    random: Random, nth: int, authors: Sequence[Person], source: NumberSource
) -> Property:
    number = source.next()
    version = 1 + random_index(random, 4)
    return Property(
        id=number,
        key=f"key-{nth:02}",
        value=_VALUES[random_index(random, len(_VALUES))],
        author=authors[random_index(random, len(authors))].account_id,
        created=EARLIEST_TIME + number * 10,
        modified=EARLIEST_TIME + number * 10 + (version - 1) * 7_777,
        version=version,
    )


def likes(
    spec: SiteSpec, kinds: Mapping[str, Sequence[Versioned]], people: Sequence[Person]
) -> dict[int, list[str]]:
    """Return the account ids of likes by object id."""
    return _accounts(spec, "likes", kinds.values(), people, share=spec.liked_share, many=MANY)


def page_watchers(
    spec: SiteSpec, pages: Sequence[Versioned], people: Sequence[Person]
) -> dict[int, list[str]]:
    """Return the account ids of watchers by page id."""
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
            elif in_share(index, share):
                found[number] = random.sample(ids, min(len(ids), 1 + index % 4))
    return found


def space_watchers(
    spec: SiteSpec, spaces: Sequence[Space], people: Sequence[Person]
) -> dict[int, list[str]]:
    """Return the account ids of watchers by space id; the first space has many."""
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
    """Return restrictions by content id and operation; one page's has more than 100 users."""
    random = random_source(spec, "restrictions")
    ids = [person.account_id for person in people]
    group_ids = [group.id for group in groups]
    found: dict[int, dict[str, Restriction]] = {}
    for items in kinds:
        for index, (number, has_many) in enumerate(owners_of(items)):
            if has_many:
                read = Restriction(ids[:_MANY_USERS], group_ids[-1:])
                found[number] = {"read": read, "update": Restriction(ids[:2])}
            elif in_share(index, spec.restricted_share):
                users = random.sample(ids, min(len(ids), 1 + index % 3))
                update = Restriction(users, random.sample(group_ids, min(len(group_ids), 1)))
                read = Restriction(users[:1]) if index % 2 else Restriction()
                found[number] = {"read": read, "update": update}
    return found
