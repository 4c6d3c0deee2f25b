"""Templates and blueprints, of the site and of every space."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from typing_extensions import override

from source_confluence.confluence.errors import UNAVAILABLE
from source_confluence.confluence.records import Record
from source_confluence.streams.kinds import SPACE
from source_confluence.streams.retrievers.endpoint import SHORTEST_TO_FOLLOW_UP, key_of, v1
from source_confluence.streams.sync.run import Retriever, Slice, StreamRun


class Templates(Retriever):
    """Reads templates and blueprints.

    Spaces repeat the site's blueprints: each is read once. A space that was deleted meanwhile, or
    that is denied, is skipped; the site's own lists decide whether the stream can be read.
    """

    def __init__(self) -> None:
        self._lists = [
            v1(f"template/{name}", page_size=100, follow_up=SHORTEST_TO_FOLLOW_UP)
            for name in ("page", "blueprint")
        ]
        self.endpoints = tuple(str(one) for one in self._lists)
        self.shared_lists = (SPACE.name,)

    @override
    def slices(self, run: StreamRun) -> Iterable[Slice]:
        """Yield one slice: what was read before is not read again."""
        return ({},)

    @override
    def read(self, run: StreamRun, part: Slice) -> Iterator[Record]:
        seen: set[str] = set()
        spaces = [space for page in run.sync.list_of(SPACE).selected_pages() for space in page]
        yield from self._of_space(run, None, seen)
        for space in spaces:
            yield from self._unless_denied(run, space, seen)

    @override
    def probe(self, run: StreamRun) -> None:
        self._lists[0].first_record(run, {"expand": "body"})

    def _unless_denied(self, run: StreamRun, space: Record, seen: set[str]) -> Iterator[Record]:
        try:
            yield from self._of_space(run, key_of(space), seen)
        except UNAVAILABLE as denial:
            run.sync.skipped.denied(SPACE.name, str(space.get("id")), denial)

    def _of_space(self, run: StreamRun, key: str | None, seen: set[str]) -> Iterator[Record]:
        """Yield the templates of a space, or of the site for None, that were not seen before."""
        params = {"expand": "body", **({"spaceKey": key} if key else {})}
        for endpoint in self._lists:
            for page in endpoint.listing(run, params).pages():
                for template in page:
                    template_id = template.get("templateId")
                    if template_id is not None and str(template_id) in seen:
                        continue
                    seen.add(str(template_id))
                    yield {"spaceKey": key, **template}
