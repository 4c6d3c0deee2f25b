"""Replies made of answers and errors, and a store of those that are ready to be sent."""

from collections.abc import Hashable

import orjson

from integration_tests.confluence_emulator.endpoint import Answer
from integration_tests.confluence_emulator.errors import ErrorBody
from integration_tests.confluence_emulator.http import Reply


def success(answer: Answer) -> Reply:
    """Return the 200 of an answer."""
    return Reply(200, orjson.dumps(answer.body), answer.headers)


def failure(error: ErrorBody, headers: dict[str, str] | None = None) -> Reply:
    """Return an error as a reply."""
    return Reply(error.status, orjson.dumps(error.body), headers or {})


class ReadyReplies:
    """Replies by request, as long as the site does not change; a bounded number of bytes."""

    _MOST_BYTES = 256 * 1024 * 1024

    def __init__(self) -> None:
        """Begin empty."""
        self._revision = 0
        self._bytes = 0
        self._replies: dict[Hashable, Reply] = {}

    def get(self, key: Hashable, revision: int) -> Reply | None:
        """Return the reply that was kept for this revision of the site."""
        if revision != self._revision:
            self._replies.clear()
            self._revision, self._bytes = revision, 0
        return self._replies.get(key)

    def keep(self, key: Hashable, reply: Reply) -> None:
        """Keep a reply while there is room."""
        if self._bytes + len(reply.body) <= self._MOST_BYTES:
            self._replies[key] = reply
            self._bytes += len(reply.body)
