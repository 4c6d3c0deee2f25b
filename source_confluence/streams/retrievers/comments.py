"""Comments with their replies: one list of the site for all streams of a kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from typing_extensions import override

from source_confluence.confluence.errors import UNAVAILABLE, NotFound
from source_confluence.confluence.records import Record
from source_confluence.confluence.responses import is_entity
from source_confluence.streams.cursor_field import CursorField
from source_confluence.streams.kinds import ATTACHMENT, BLOG_POST, CUSTOM_CONTENT, PAGE, Kind
from source_confluence.streams.retrievers.contained import Contained
from source_confluence.streams.retrievers.endpoint import v2
from source_confluence.streams.retrievers.newest_first import add_time_of_version
from source_confluence.streams.retrievers.shrink_guard import SEARCH, count_of
from source_confluence.streams.sync.run import Retriever, Slice, StreamRun
from source_confluence.streams.sync.shared_list import ReplayableList

CONTAINERS = (PAGE, BLOG_POST, ATTACHMENT, CUSTOM_CONTENT)


class AllComments(Contained):
    """Reads the site's comments of one kind, replies included.

    Atlassian doesn't document that the list holds replies. If a whole list shows none although a
    search finds more comments, the replies are requested comment by comment.
    """

    reserves = False  # the list is shared, so at most one of its pages of results is in memory

    def __init__(
        self, kind: Kind, other_kind: Kind, also_changed: CursorField | None = None
    ) -> None:
        """`also_changed` is a field with the time of a change that makes no version.

        The list is not sorted by it, so it is read to its end even where only changes are wanted.
        """
        super().__init__(v2(kind.path, has_bodies=True), *CONTAINERS)
        self.kind = kind
        self._also_changed = also_changed
        self._other_kind = other_kind
        self._one = v2(f"{kind.path}/{{id}}", has_bodies=True)
        self._replies = v2(f"{kind.path}/{{id}}/children", has_bodies=True)
        self.endpoints = (str(self.endpoint), str(self._replies), str(SEARCH))

    @override
    def filtered(self, run: StreamRun, page: list[Record], part: Slice) -> list[Record]:
        """Return the selected comments in the statuses that the config names.

        Comments are trashed together with their container.
        """
        page = super().filtered(run, page, part)
        if "trashed" in run.config.content_statuses:
            return page
        return [comment for comment in page if comment.get("status") != "trashed"]

    @override
    def is_older(self, record: Record, since: str) -> bool:
        changed_at = self._also_changed.value(record) if self._also_changed else None
        return super().is_older(record, since) and (changed_at is None or changed_at < since)

    @override
    def pages(self, run: StreamRun, part: Slice, *, light: bool = False) -> Iterator[list[Record]]:
        """Yield the pages of results that can hold comments of a slice, replies included."""
        places: dict[str, Record] = {}
        elsewhere = 0
        for page in self._pages(run, part, light=light):
            for comment in page:
                if _only_place(comment).keys() == {"id"} and comment.get("parentCommentId"):
                    # A reply need not say what it is on: then its comment does.
                    comment.update(self._place_of(run, comment["parentCommentId"], places))
                is_root = not comment.get("parentCommentId")
                elsewhere += is_root and _only_place(comment).keys() <= {"id"}
            yield page
        if elsewhere and not light:
            run.logger.warning(
                f"{elsewhere} of the {run.name.replace('_', ' ')} are in no stream: they are on "
                "something other than a page, a blog post, an attachment or custom content."
            )

    @override
    def pages_of_arrived(self, run: StreamRun, part: Slice) -> Iterator[list[Record]]:
        """Yield the comments in some spaces, with their bodies."""
        content = run.sync.content_of(frozenset(part["arrivedIn"]))
        if content.is_old(*CONTAINERS):
            for page in self.pages(run, {}):
                yield [one for one in page if content.contains(one, *CONTAINERS)]

    def _pages(self, run: StreamRun, part: Slice, *, light: bool) -> Iterator[list[Record]]:
        roots: list[Record] | None = []
        count = 0
        is_bounded = light or self._also_changed is None
        end = self.end_of(run, part if is_bounded else {})
        for page in self.pages_until(end, run, part, light=light):
            yield page
            count += len(page)
            if roots is not None and any(comment.get("parentCommentId") for comment in page):
                roots = None
            if roots is not None:
                roots += [_only_place(comment) for comment in filter(_has_id, page)]
        # Versions of comments follow changed comments only: not worth a search for replies.
        is_whole = end is None or not end.was_reached
        is_wanted = is_whole and not (light and "modifiedSince" in part)
        if is_wanted and roots and self._has_more_than(run, count):
            for root in roots:
                yield from self._replies_to(run, root, light=light)

    def _replies_to(
        self, run: StreamRun, comment: Record, *, light: bool
    ) -> Iterator[list[Record]]:
        """Yield the replies to a comment, and theirs; a comment that was deleted is skipped."""
        endpoint = self._replies.at(id=comment["id"])
        given = {**comment, "id": None}
        params = self.all_params(run, {})
        try:
            for page in endpoint.listing(run, params, light=light, reserves=self.reserves).pages():
                replies = [{**given, **reply, "parentCommentId": comment["id"]} for reply in page]
                add_time_of_version(replies)
                yield replies
                for reply in filter(_has_id, replies):
                    yield from self._replies_to(run, _only_place(reply), light=light)
        except NotFound as error:
            run.sync.skipped.denied(run.name, comment["id"], error)

    def _has_more_than(self, run: StreamRun, count: int) -> bool:
        """Compare a search's count of all comments with those that were listed."""
        try:
            found = count_of(run, "type=comment")
            other = run.sync.runs[self._other_kind.name]
            listing = v2(self._other_kind.path).listing(other, self.all_params(run, {}), light=True)
            others = sum(len(page) for page in listing.pages())
        except UNAVAILABLE as denial:
            run.logger.info(f"It is unknown whether {run.name} lists replies: {denial.message}")
            return False
        return found > count + others

    def _place_of(self, run: StreamRun, comment_id: str, places: dict[str, Record]) -> Record:
        if comment_id not in places:
            places[comment_id] = {}  # an odd reply may name itself
            try:
                comment: Record = self._one.at(id=comment_id).get(run, shape=is_entity).body
            except NotFound as error:
                run.sync.skipped.denied(run.name, comment_id, error)
                comment = {"id": comment_id}
            place = _only_place(comment)
            if place.keys() == {"id"} and comment.get("parentCommentId"):
                place = self._place_of(run, comment["parentCommentId"], places)
            places[comment_id] = {name: v for name, v in place.items() if name != "id"}
        return places[comment_id]


class CommentsOn(Retriever):
    """Reads the comments of one kind that are on one kind of container.

    They come from the list with bodies that all streams of that kind of comment share.
    """

    follows_spaces = True

    def __init__(self, container: Kind, comments: AllComments) -> None:
        self.kind = comments.kind
        self.endpoints = comments.endpoints
        self._container = container
        self._comments = comments

    @override
    def slices(self, run: StreamRun) -> Iterable[Slice]:
        return self._comments.slices(run)

    @override
    def read(self, run: StreamRun, part: Slice) -> Iterator[Record]:
        recent = run.recent_keys()
        has_arrived = "arrivedIn" in part
        wanted = self._comments.pages_of_arrived if has_arrived else self._comments.pages
        arrived = {"arrivedIn": part["arrivedIn"]} if has_arrived else None
        shared_part = arrived or self._wanted_by_all(run)
        owner = run.sync.runs[self.kind.name]
        charged = run.sync.connection.meter.to_first
        shared = run.sync.memo.once(
            (self.kind.name, "with bodies", str(shared_part)),
            lambda: ReplayableList(partial(charged, wanted, owner, shared_part)),
        )
        field = self._container.id_field
        budget = run.sync.connection.page_budget
        for number in shared.numbers():
            with budget.records_of(run.name, shared.memory_of(number)):
                mine = [comment for comment in shared.page(number) if comment.get(field)]
                yield from recent.fresh(self._comments.select(run, mine, part))
                del mine  # or it would be kept while the next one is awaited

    @override
    def probe(self, run: StreamRun) -> None:
        self._comments.probe(run)

    def _wanted_by_all(self, run: StreamRun) -> Slice:
        """Return the slice that holds the changes which any selected stream of the kind wants."""
        readers = [
            other.since
            for other in run.sync.selected_runs
            if isinstance(other.retriever, CommentsOn) and other.retriever.kind is self.kind
        ]
        moments = [since for since in readers if since is not None]
        is_bounded = moments and len(moments) == len(readers)
        return {"modifiedSince": min(moments)} if is_bounded else {}


def _has_id(comment: Record) -> bool:
    return bool(comment.get("id"))


def _only_place(comment: Record) -> Record:
    """Return what says where a comment is, and nothing else."""
    fields = ("id", *(container.id_field for container in CONTAINERS))
    return {name: comment[name] for name in fields if comment.get(name)}
