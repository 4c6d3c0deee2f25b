"""Prints how a record travels through the code: `python -m tools.record_path [--verbose]`.

It runs the console entry in this process against canned responses. A profiler records each call of
a function of the connector, until the record's line is handed to stdout, for

- the first record of `pages`, from the function that sends the request for it;
- the first record of `page_likes`, which comes from a GET by id shared with
  `page_content_properties`, from the start of the stream's slices.

Resuming a generator counts as a call. A call in another file than the call before it is a module
change. Workers and the main thread take turns, so every run prints the same numbers. The path of a
record leaves its worker when the worker puts it on the queue. What the worker does next, until its
batch is sent, is counted apart.
"""

from __future__ import annotations

import argparse
import inspect
import json
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from types import CodeType, FrameType
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

from airbyte_cdk.sources.types import Record
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse

import source_confluence
from source_confluence.run import run
from tools.turns import Turns

PACKAGE = f"{Path(source_confluence.__file__).parent}/"
# One worker: with more of them, which one reads a record is up to chance.
CONFIG = {"domain_name": "site.atlassian.net", "email": "a@b.c", "api_token": "t", "num_workers": 1}

SPACE = {"id": "1", "key": "DOCS", "name": "Docs", "type": "global", "status": "current"}
VERSION = {"number": 1, "createdAt": "2024-01-01T00:00:00.000Z", "authorId": "1"}
BODY = {"storage": {"value": "<p/>", "representation": "storage"}}
PAGE = {"id": "1", "spaceId": "1", "title": "Page", "status": "current", "version": VERSION}
INCLUDED = {
    "likes": {"results": [{"accountId": "1"}], "meta": {"hasMore": False}},
    "properties": {"results": [{"id": "1", "key": "a", "value": 1}], "meta": {"hasMore": False}},
}
SITE: dict[str, Any] = {
    "spaces": {"results": [SPACE]},
    "pages": {"results": [{**PAGE, "body": BODY}]},
    "pages/1": {**PAGE, **INCLUDED},
}
"""The JSON of each endpoint of REST v2. All others answer with an empty list."""


@dataclass(frozen=True)
class Call:
    """A call of a function of the connector."""

    thread: str
    module: str
    function: str
    is_behind: bool = False
    """Whether the worker had put the record on the queue before."""


@dataclass(frozen=True)
class RecordPath:
    """The calls on the way of a record, in order."""

    name: str
    calls: Sequence[Call]

    def __str__(self) -> str:
        own = [call for call in self.calls if not call.is_behind]
        return (
            f"{self.name}: {_module_changes(own)} module changes, {len(own)} calls, "
            f"{len({call.module for call in own})} modules; with what the worker does after it has "
            f"put the record on the queue: {_module_changes(self.calls)} module changes"
        )


class Recorder:
    """Records the calls until the first record of a stream is written."""

    def __init__(self, stream: str) -> None:
        self.stream = stream
        self.calls: list[Call] = []
        self.start = 0
        """The index of the call from which on the path counts."""
        self._is_complete = False
        self._put_by: str | None = None
        """The thread that has put the record on the queue."""
        self._codes: list[CodeType] = []
        self._line_start = f'{{"type":"RECORD","record":{{"stream":"{stream}"'.encode()
        self._writer: FrameType | None = None

    def profile(self, frame: FrameType, event: str, _: object) -> None:
        """Handle an event of the interpreter; for sys.setprofile."""
        code = frame.f_code
        if not code.co_filename.startswith(PACKAGE):
            return
        if event == "call":
            name = getattr(code, "co_qualname", code.co_name)  # Python 3.10 has no co_qualname
            thread = threading.current_thread().name
            is_behind = thread == self._put_by
            module = code.co_filename.removeprefix(PACKAGE)
            self.calls.append(Call(thread, module, name, is_behind))
            self._codes.append(code)
            if code.co_name == "write_line" and self._has_line(frame):
                self._writer = frame
            if code.co_name == "put" and self._has_record(frame):
                self._put_by = thread
        elif event == "return" and frame is self._writer:
            self._is_complete = True

    def is_complete(self) -> bool:
        """Return whether the line of the record was written."""
        return self._is_complete

    def start_here(self) -> None:
        """Let the path start with the next call."""
        self.start = len(self.calls)

    def start_at_caller(self) -> None:
        """Let the path start with the innermost function of the connector that is running."""
        frame = inspect.currentframe()
        while frame is not None and frame.f_code not in self._codes:
            frame = frame.f_back
        if frame is not None and not self._is_complete:
            self.start = len(self._codes) - 1 - self._codes[::-1].index(frame.f_code)

    def _has_record(self, frame: FrameType) -> bool:
        return any(
            isinstance(value, Record) and value.stream_name == self.stream
            for value in frame.f_locals.values()
        )

    def _has_line(self, frame: FrameType) -> bool:
        return any(
            isinstance(value, bytes) and value.startswith(self._line_start)
            for value in frame.f_locals.values()
        )


def _module_changes(calls: Sequence[Call]) -> int:
    """Return how often a call is in another module than the call before."""
    return sum(one.module != other.module for one, other in pairwise(calls))


def page_path() -> RecordPath:
    """Return the path of a record of `pages`."""
    recorder = Recorder("pages")
    with answered(recorder.start_at_caller), recorded(recorder):
        read(["pages"])
    return path_of(recorder)


def batched_path() -> RecordPath:
    """Return the path of a record of `page_likes` that comes with a GET of the page by its id."""
    recorder = Recorder("page_likes")
    with answered(), recorded(recorder, on_slices=recorder.start_here):
        read(["page_likes", "page_content_properties"])
    return path_of(recorder)


def path_of(recorder: Recorder) -> RecordPath:
    """Return what was recorded. Raises ValueError if the sync wrote no such record."""
    if not recorder.is_complete():
        raise ValueError(f"the sync wrote no record of {recorder.stream}")
    return RecordPath(recorder.stream, recorder.calls[recorder.start :])


@contextmanager
def answered(on_pages: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Answer requests from SITE. Calls `on_pages` when one for pages is sent."""

    def send(adapter: HTTPAdapter, request: PreparedRequest, **_: Any) -> Response:
        endpoint = urlsplit(str(request.url)).path.partition("/api/v2/")[2]
        if endpoint.startswith("pages"):
            on_pages()
        body = json.dumps(SITE.get(endpoint, {"results": []})).encode()
        headers = {"Content-Type": "application/json", "Date": "Mon, 01 Jan 2024 00:00:00 GMT"}
        return adapter.build_response(
            request,
            HTTPResponse(BytesIO(body), headers, status=HTTPStatus.OK, preload_content=False),
        )

    with mock.patch.object(HTTPAdapter, "send", send):
        yield


@contextmanager
def recorded(recorder: Recorder, on_slices: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Record calls. Calls `on_slices` before the recorded stream generates its slices."""
    turns = Turns(on_stream=lambda name: on_slices() if name == recorder.stream else None)

    def profile(frame: FrameType, event: str, argument: object) -> None:
        if not recorder.is_complete():
            recorder.profile(frame, event, argument)
            if recorder.is_complete():
                turns.end()

    with turns.taken():
        threading.setprofile(profile)
        sys.setprofile(profile)
        try:
            yield
        finally:
            sys.setprofile(None)
            threading.setprofile(None)


def read(streams: Sequence[str]) -> None:
    """Run `source-confluence read`. Raises SystemExit if it fails."""
    configured = [
        {
            "stream": {"name": name, "json_schema": {}, "supported_sync_modes": [mode]},
            "sync_mode": mode,
            "destination_sync_mode": "append",
        }
        for name in streams
        for mode in ("incremental" if name == "pages" else "full_refresh",)
    ]
    with tempfile.TemporaryDirectory() as folder:
        config, catalog = Path(folder, "config.json"), Path(folder, "catalog.json")
        config.write_text(json.dumps(CONFIG))
        catalog.write_text(json.dumps({"streams": configured}))
        with Path(folder, "stdout").open("w") as stdout, mock.patch.object(sys, "stdout", stdout):
            run(["read", "--config", str(config), "--catalog", str(catalog)])


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the counts, and with `--verbose` the calls."""
    parser = argparse.ArgumentParser(prog="record_path", description="Count a record's stops.")
    parser.add_argument("--verbose", action="store_true", help="also print every call")
    is_verbose = parser.parse_args(arguments).verbose
    for path in (page_path(), batched_path()):
        lines = [str(path)]
        if is_verbose:
            lines += (f"  {call.thread:<14} {call.module}: {call.function}" for call in path.calls)
        sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
