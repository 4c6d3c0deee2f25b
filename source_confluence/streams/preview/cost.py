"""How many requests a sync takes: the facts of its streams, with what they share counted once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from source_confluence.streams.facts import NO_REQUEST, SIZE_OF, L
from source_confluence.streams.formula import Formula, Sizes
from source_confluence.streams.kinds import (
    ATTACHMENT,
    BLOG_POST,
    CUSTOM_CONTENT,
    FOOTER_COMMENT,
    INLINE_COMMENT,
    PAGE,
    SPACE,
    Kind,
)
from source_confluence.streams.retrievers.by_label import LabelsOf
from source_confluence.streams.retrievers.comments import CommentsOn
from source_confluence.streams.retrievers.contained import Contained
from source_confluence.streams.retrievers.custom_content import CustomContent
from source_confluence.streams.retrievers.per_parent import PerParent
from source_confluence.streams.retrievers.tasks import Tasks
from source_confluence.streams.sync.run import Declaration, StreamRun, Sync, search_of

SECONDS_IN_A_MINUTE, SECONDS_IN_AN_HOUR = 60, 3600
CONTAINED = (ATTACHMENT, FOOTER_COMMENT, INLINE_COMMENT)
"""What no list filters by space: it is compared with the lists of what may contain it."""


@dataclass(frozen=True)
class SiteSizes:
    """How many a site has of everything that costs depend on."""

    selected: Sizes
    """What the config's filters select."""
    listed: Sizes
    """What the lists have that are read for it: some cannot be filtered."""


@dataclass(frozen=True)
class Part:
    """What a sync requests for one stream, or once for several."""

    what: str
    """`own` for requests that no other stream shares by itself, `list` or `by id`."""
    name: str
    """The stream, the list, or the kind of the parents."""
    streams: tuple[str, ...]
    """The streams that need it, in reading order."""
    requests: int


@dataclass(frozen=True)
class Demand:
    """What one stream adds to a part. The largest demand decides what the part costs."""

    what: str
    name: str
    stream: str
    formula: Formula
    is_filtered: bool = False
    """Whether it counts what the filters select, not all that is listed."""


class Costs:
    """What a sync of some streams costs: the first one, or a later one in which nothing changed."""

    def __init__(self, sync: Sync, incremental: Collection[str], *, is_first: bool) -> None:
        """`incremental` names the selected streams that continue from a state."""
        self._sync = sync
        self._incremental = incremental
        self._is_first = is_first
        self._included = self._streams_included_in_gets_by_id()

    def sizes(self) -> frozenset[str]:
        """Return the names of the sizes that it depends on."""
        return frozenset(chain.from_iterable(one.formula.names for one in self._demands()))

    def parts(self, sizes: SiteSizes) -> list[Part]:
        """Return what is requested, each part once."""
        costs: dict[tuple[str, str], float] = {}
        streams: dict[tuple[str, str], list[str]] = {}
        for one in self._demands():
            key = one.what, one.name
            value = one.formula.at(sizes.selected if one.is_filtered else sizes.listed)
            costs[key] = max(costs.get(key, 0), value)
            streams.setdefault(key, []).append(one.stream)
        return [
            Part(*key, tuple(dict.fromkeys(streams[key])), round(cost))
            for key, cost in costs.items()
        ]

    def _demands(self) -> Iterator[Demand]:
        for run in self._sync.selected_runs:
            yield from self._own(run)
            for name in self._lists(run):
                cost = self._sync.runs[name].facts.list_cost or NO_REQUEST
                yield Demand("list", name, run.name, cost)
            if run.retriever.reads_after_others and not self._is_first:
                yield from self._lists_of_people(run)

    def _own(self, run: StreamRun) -> Iterator[Demand]:
        facts, retriever = run.facts, run.retriever
        formula = facts.later_cost if self._continues(run) else None
        if formula is None:
            has_bodies = run.config.body_format != "none"
            formula = facts.cost if has_bodies or not facts.is_for_bodies else NO_REQUEST
        included = [kind for kind, names in self._included.items() if run.name in names]
        if isinstance(retriever, PerParent) and included:
            for kind in included:
                yield Demand("by id", kind.name, run.name, SIZE_OF[kind], is_filtered=True)
            others = [SIZE_OF[kind] for kind in retriever.kinds if kind not in included]
            formula = others[0] if others else NO_REQUEST
        elif isinstance(retriever, PerParent):
            formula = self._beside_labels(run, retriever, formula)
        if facts.once_for:
            yield Demand("own", retriever.endpoints[0], run.name, formula)
        else:
            is_filtered = isinstance(retriever, PerParent) or facts.is_for_bodies
            yield Demand("own", run.name, run.name, formula, is_filtered)

    def _beside_labels(self, run: StreamRun, retriever: PerParent, formula: Formula) -> Formula:
        """Return what labels cost, or a stream that a GET by id can serve with them.

        If there are too many labels, or no current content, they are requested by parent.
        """
        kind, is_by_parent = retriever.kinds[0], "current" not in run.config.content_statuses
        if isinstance(retriever, LabelsOf):
            return SIZE_OF[kind] if is_by_parent else formula
        if not self._labels_are_included(run, retriever):
            return formula
        return NO_REQUEST if is_by_parent else formula.unless_more(L, SIZE_OF[kind], NO_REQUEST)

    def _labels_are_included(self, run: StreamRun, retriever: PerParent) -> bool:
        """Return whether a GET by id that serves a stream can also serve the labels."""
        others = (one.retriever for one in self._sync.selected_runs)
        return (
            not isinstance(retriever, LabelsOf)
            and not self._continues(run)
            and any(True for _ in retriever.members(run))
            and any(isinstance(one, LabelsOf) and one.kinds == retriever.kinds for one in others)
        )

    def _lists(self, run: StreamRun) -> Iterator[str]:
        """Yield the names of the lists that a stream needs, whichever stream requests them."""
        config, retriever = run.config, run.retriever
        lists = [] if self._continues(run) else list(lists_of(run))
        if config.cql is not None and run.name in (PAGE.name, BLOG_POST.name):
            lists = [search_of(PAGE if run.name == PAGE.name else BLOG_POST)]
        if run.name in self._incremental and retriever.follows_spaces:
            lists.append(SPACE.name)
        if config.space_keys or config.excluded_space_keys:
            lists.append(SPACE.name)
        lists += [kind.name for kind in self._containers(run)]
        if config.cql is not None:
            lists += [search_of(kind) for kind in (PAGE, BLOG_POST) if kind.name in lists]
        yield from dict.fromkeys(lists)

    def _containers(self, run: StreamRun) -> tuple[Kind, ...]:
        """Return the kinds whose lists say which records of a stream the filters select."""
        retriever, has_cql = run.retriever, run.config.cql is not None
        if not run.sync.content.is_active:
            return ()
        if isinstance(retriever, CustomContent | Tasks):
            return (PAGE, BLOG_POST) if has_cql else ()
        if isinstance(retriever, CommentsOn):
            return (PAGE, BLOG_POST, ATTACHMENT, CUSTOM_CONTENT)
        is_of_contained = isinstance(retriever, PerParent) and set(CONTAINED) & set(retriever.kinds)
        return (PAGE, BLOG_POST) if isinstance(retriever, Contained) or is_of_contained else ()

    def _lists_of_people(self, run: StreamRun) -> Iterator[Demand]:
        """Yield the lists that name people whom streams that continue do not name."""
        for other in filter(self._continues, self._sync.selected_runs):
            retriever = other.retriever
            name = retriever.kind.name if isinstance(retriever, CommentsOn) else other.name
            cost = self._sync.runs[name].facts.list_cost
            if isinstance(retriever, Tasks):
                cost = other.facts.cost
            if cost is not None:
                yield Demand("list", name, run.name, cost)

    def _continues(self, run: StreamRun) -> bool:
        return not self._is_first and run.name in self._incremental

    def _streams_included_in_gets_by_id(self) -> dict[Kind, list[str]]:
        """Return the streams that one GET of each parent serves, by the kind of the parent."""
        found: dict[Kind, list[str]] = {}
        for kind in SIZE_OF:
            members = [
                (member, run.retriever)
                for run in self._sync.selected_runs
                if isinstance(run.retriever, PerParent) and kind in run.retriever.kinds
                if not self._continues(run)
                for member in run.retriever.members(run)
            ]
            wants_all = any(
                member.wants is None and not isinstance(retriever, LabelsOf)
                for member, retriever in members
            )
            if wants_all and len(members) > 1:
                found[kind] = [member.stream for member, _ in members]
        return found


def lists_of(stream: Declaration | StreamRun) -> tuple[str, ...]:
    """Return the names of the lists that a full sync shares with other streams.

    A stream that sends no other requests shares its own list.
    """
    is_shared = stream.facts.cost is NO_REQUEST and stream.facts.list_cost is not None
    own = (stream.name,) if is_shared else ()
    return tuple(dict.fromkeys((*own, *stream.retriever.shared_lists)))


def total_of(parts: Iterable[Part]) -> int:
    """Return how many requests some parts take together."""
    return sum(part.requests for part in parts)


def duration(seconds: float) -> str:
    """Return a time as people say it: `40 s`, `17 min`, `2.8 h`."""
    if seconds < SECONDS_IN_A_MINUTE:
        return f"{seconds:.0f} s"
    if seconds < SECONDS_IN_AN_HOUR:
        return f"{seconds / SECONDS_IN_A_MINUTE:.0f} min"
    return f"{seconds / SECONDS_IN_AN_HOUR:,.1f} h"
