"""How large a site is: the sizes that costs depend on, from about one cheap request for each.

A short list is counted by its first page of results. Of a long one, a search states how many there
are, and the rows of its ends are a sample of the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from source_confluence.confluence.errors import UNAVAILABLE, RequestRefused, ServerError
from source_confluence.streams.kinds import (
    ATTACHMENT,
    BLOG_POST,
    CUSTOM_CONTENT,
    DATABASE,
    EMBED,
    FOLDER,
    FOOTER_COMMENT,
    GROUP,
    INLINE_COMMENT,
    LABEL,
    PAGE,
    SPACE,
    WHITEBOARD,
    Kind,
)
from source_confluence.streams.preview.cost import SiteSizes
from source_confluence.streams.preview.counting import (
    ROWS,
    Counting,
    Sample,
    length,
    length_by_offset,
    share_of,
)
from source_confluence.streams.retrievers.custom_content import CustomContent
from source_confluence.streams.retrievers.endpoint import Endpoint, v2
from source_confluence.streams.retrievers.shrink_guard import quoted
from source_confluence.streams.retrievers.whole_list import WholeList
from source_confluence.streams.sync.run import Slice, Sync

MOST_PAGES_OF_SPACES = 12
"""Many streams cost a request for each space. So spaces are listed up to here: 3,000."""
TREE = (WHITEBOARD, DATABASE, FOLDER, EMBED)
MOST_FOUND_USERS, MOST_GROUPS, MOST_AUDIT_RECORDS = 10_000, 100_000, 1_000_000
UNCOUNTED = (*UNAVAILABLE, RequestRefused, ServerError)
"""What is the matter with one list only."""


class SizeEstimate:
    """Counts what some costs depend on, and nothing else."""

    def __init__(self, sync: Sync, needed: Collection[str]) -> None:
        """`needed` names the sizes."""
        self._sync = sync
        self._needed = needed
        self._selected: dict[str, float] = dict.fromkeys(needed, 0)
        self._listed: dict[str, float] = {}
        self._counting = Counting(sync)
        self.notes = list(self._notes_on_filters())
        """What is assumed, and what could not be counted, in sentences."""

    def measure(self) -> SiteSizes:
        """Return the sizes. Raises ConfluenceError unless only some lists cannot be read."""
        steps: list[tuple[tuple[str, ...], str, Callable[[], None]]] = [
            (("S",), SPACE.name, self._spaces),
            (_letters("P", PAGE), PAGE.name, lambda: self._content("P", PAGE)),
            (_letters("B", BLOG_POST), BLOG_POST.name, lambda: self._content("B", BLOG_POST)),
            (_letters("A", ATTACHMENT), ATTACHMENT.name, self._attachments),
            (
                ("C", "I", f"V {FOOTER_COMMENT.name}", f"V {INLINE_COMMENT.name}"),
                "comments",
                self._comments,
            ),
            (("Y", *_letters("K", CUSTOM_CONTENT)), CUSTOM_CONTENT.name, self._custom_content),
            (tuple(f"W {kind.name}" for kind in TREE), "whiteboards and the like", self._tree),
            (("L",), LABEL.name, self._labels),
            (("G",), GROUP.name, self._groups),
            (("T",), "tasks", self._tasks),
            (("U",), "users", self._users),
            (("R",), "audit", self._audit_log),
        ]
        for names, what, count in steps:
            if set(names) & set(self._needed):
                try:
                    count()
                except UNCOUNTED as failure:
                    self.notes.append(
                        f"Not counted, so the numbers are too low: {what}. {failure.message}"
                    )
        return SiteSizes(self._selected, {**self._selected, **self._listed})

    def _notes_on_filters(self) -> Iterator[str]:
        """Yield what the filters of the config save, but this estimate does not know."""
        config = self._sync.config
        if self._counting.is_whole:
            yield "The config names too many spaces for a search: the whole site is counted."
        if config.cql is not None and {"A", "C", "I"} & set(self._needed):
            yield "cql: attachments and comments are counted whatever they are on."
        if config.start_date is not None:
            yield "start_date is not considered: incremental streams may cost less."

    def _spaces(self) -> None:
        if self._counting.spaces:
            self._selected["S"] = len(self._counting.spaces["spaceIds"])
            return
        count, is_all = length(self._sync.list_of(SPACE).selected_pages(), MOST_PAGES_OF_SPACES)
        if not is_all:
            count = max(count, self._counting.found("type=space", everywhere=True))
            self.notes.append(f"space: there may be more than {count:,}.")
        self._selected["S"] = count

    def _content(self, letter: str, kind: Kind) -> None:
        """Count pages or blog posts, and those that are edited, not current or in old spaces."""
        counting, config = self._counting, self._sync.config
        statuses = [one for one in config.content_statuses if one in kind.statuses]
        others = [one for one in statuses if one != "current"]
        if not statuses:
            return
        clause = f"type={kind.cql_type}" + (f" and ({config.cql})" if config.cql else "")
        sample = counting.sample(kind, counting.spaces)
        if not counting.lists_all and config.cql is None:
            self._put_at_least(letter, kind, sample)
        if not sample.has_more and not counting.lists_all and config.cql is None:
            count, not_current = len(sample.rows), sample.of_status(*others)
            edited = float(sample.edited())
        else:
            sample += counting.sample(kind, counting.spaces, sort="-id")
            current = counting.found(clause) if "current" in statuses else 0
            not_current = 0 if config.cql else self._not_current(kind, others, current, sample)
            count = current + not_current
            edited = count * sample.share(sample.edited())
            if counting.lists_all and config.cql is None:
                whole = counting.found(clause, everywhere=True)
                self._listed[letter] = max(count, whole + not_current)
        self._put(letter, kind, count, not_current, edited)
        if f"H {kind.name}" in self._needed and count:
            self._selected[f"H {kind.name}"] = counting.found_in_archived_spaces(
                clause, count - not_current
            )

    def _not_current(self, kind: Kind, others: list[str], current: int, sample: Sample) -> int:
        """Return how many archived or trashed ones there are, which no search counts."""
        if not others:
            return 0
        listed = self._counting.sample(kind, self._counting.spaces, status=",".join(others))
        if not listed.has_more:
            return len(listed.rows)
        share = sample.share(sample.of_status(*others))
        self.notes.append(
            f"{kind.name}: of those that are {' or '.join(others)}, there are more than "
            f"{len(listed.rows)}; their number follows from a sample of {len(sample.rows)}."
        )
        return max(len(listed.rows), round(current * share / max(0.1, 1 - share)))

    def _attachments(self) -> None:
        counting, kind = self._counting, ATTACHMENT
        sample = counting.sample(kind)
        whole = count = float(len(sample.rows))
        if not counting.is_filtered:
            self._put_at_least("A", kind, sample)
        if sample.has_more:
            found = counting.found("type=attachment", everywhere=True)
            whole = count = max(whole, sample.raised(found))
        if counting.is_filtered:
            count = min(whole, sample.raised(counting.found("type=attachment")))
        self._listed["A"] = whole
        not_current = sample.share(sample.of_status("archived", "trashed"))
        self._put("A", kind, count, count * not_current, count * sample.share(sample.edited()))

    def _comments(self) -> None:
        """Count comments of both kinds: a search does not know one from the other."""
        counting = self._counting
        inline, footer = counting.sample(INLINE_COMMENT), counting.sample(FOOTER_COMMENT)
        inlines, footers = float(len(inline.rows)), float(len(footer.rows))
        if not counting.is_filtered:
            self._put_at_least("I", INLINE_COMMENT, inline)
            self._put_at_least("C", FOOTER_COMMENT, footer)
        if inline.has_more or footer.has_more:
            both = inline + footer
            found = counting.found("type=comment", everywhere=True)
            every = max(len(both.rows), both.raised(found))
            if inline.has_more and footer.has_more:
                share = share_of(inline, footer)
                self.notes.append(
                    f"comments: {share:.0%} are taken for inline comments, as among the oldest."
                )
                inlines, footers = every * share, every * (1 - share)
            elif inline.has_more:
                inlines = max(inlines, every - footers)
            else:
                footers = max(footers, every - inlines)
        part = 1.0
        if counting.is_filtered:
            selected = (inline + footer).raised(counting.found("type=comment"))
            part = min(1.0, selected / max(1.0, inlines + footers))
        with_trash = "trashed" in self._sync.config.content_statuses
        lists = ((FOOTER_COMMENT, "C", footers, footer), (INLINE_COMMENT, "I", inlines, inline))
        for kind, letter, listed, sample in lists:
            self._listed[letter] = listed
            trashed = 0.0 if with_trash else sample.share(sample.of_status("trashed"))
            count = listed * part * (1 - trashed)
            self._put(letter, kind, count, 0, count * sample.share(sample.edited()))

    def _custom_content(self) -> None:
        run = self._sync.runs[CUSTOM_CONTENT.name]
        retriever = run.retriever
        types = (
            [part["type"] for part in retriever.light_slices(run)]
            if isinstance(retriever, CustomContent)
            else []
        )
        self._selected["Y"] = len(types)
        if types:
            count = self._counting.found(f"type in ({','.join(map(quoted, types))})")
            sample = Sample([], has_more=False)
            if f"V {CUSTOM_CONTENT.name}" in self._needed and count:
                sample = self._counting.sample(CUSTOM_CONTENT, {"type": types[0]})
            self._put("K", CUSTOM_CONTENT, count, 0, count * sample.share(sample.edited()))

    def _tree(self) -> None:
        kinds = {kind.cql_type: kind for kind in TREE if f"W {kind.name}" in self._needed}
        rows, total = self._counting.rows_of(f"type in ({','.join(kinds)})")
        contents = [row.get("content") for row in rows if isinstance(row, dict)]
        types = [one.get("type") for one in contents if isinstance(one, dict)]
        for cql_type, kind in kinds.items():
            share = types.count(cql_type) / max(1, len(types))
            self._selected[f"W {kind.name}"] = round(share * total)

    def _labels(self) -> None:
        count, is_all = length(self._sync.list_of(LABEL).pages())
        if not is_all:
            most = max((self._selected.get(letter, 0) for letter in "PBA"), default=0)
            self.notes.append(f"labels: there are more than {count}; taken as many as parents.")
            count = max(count, round(most))
        self._selected["L"] = count

    def _groups(self) -> None:
        count, is_all = length(self._sync.list_of(GROUP).pages())
        self._selected["G"] = count if is_all else self._by_offset("group", {}, count, MOST_GROUPS)

    def _tasks(self) -> None:
        spaces = self._counting.spaces
        params = {"space-id": ",".join(spaces["spaceIds"])} if spaces else {}
        listing = v2("tasks").listing(self._sync.runs["tasks"], params, light=True)
        rows, has_more = listing.first_page(ROWS)
        count = len(rows)
        if has_more:
            pages = self._selected.get("P") or self._counting.found(f"type={PAGE.cql_type}")
            self.notes.append("tasks: nothing counts them; taken as one for each page.")
            count = max(count, round(pages))
        self._selected["T"] = count

    def _users(self) -> None:
        endpoint = self._endpoint("users")
        run, most = self._sync.runs["users"], endpoint.page_size
        count: float = len(endpoint.get(run, {"start": 0, "limit": most}).results)
        if count >= most:
            count = self._by_offset("users", {}, most, MOST_FOUND_USERS)
        self._selected["U"] = count

    def _audit_log(self) -> None:
        endpoint, run = self._endpoint("audit"), self._sync.runs["audit"]
        window = next(iter(run.retriever.slices(run)))
        beyond = {**window, "start": endpoint.page_size, "limit": 1}
        count: float = endpoint.page_size
        if endpoint.get(run, beyond).results:
            count = self._by_offset("audit", window, endpoint.page_size, MOST_AUDIT_RECORDS)
        self._selected["R"] = count

    def _put_at_least(self, letter: str, kind: Kind, sample: Sample) -> None:
        """Set what is known if the search that counts the rest fails."""
        self._put(letter, kind, len(sample.rows), 0, sample.edited())

    def _put(
        self, letter: str, kind: Kind, count: float, not_current: float, edited: float
    ) -> None:
        """Set what costs depend on for one kind of content. Each is taken to have one label."""
        self._selected |= {
            letter: round(count),
            f"V {kind.name}": round(edited),
            f"X {kind.name}": round(count),
            f"Z {kind.name}": round(not_current),
        }

    def _by_offset(self, stream: str, params: Slice, shortest: int, longest: int) -> float:
        run = self._sync.runs[stream]
        return round(length_by_offset(run, self._endpoint(stream), params, shortest, longest))

    def _endpoint(self, stream: str) -> Endpoint:
        retriever = self._sync.runs[stream].retriever
        if not isinstance(retriever, WholeList):
            raise TypeError(f"{stream} is no list")
        return retriever.endpoint


def _letters(letter: str, kind: Kind) -> tuple[str, ...]:
    return (letter, *(f"{one} {kind.name}" for one in "VXZH"))
