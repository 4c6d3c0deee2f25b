"""Replies made from answers and errors, and a cache of them."""

import json
from collections.abc import Hashable

import orjson

from integration_tests.confluence_emulator.endpoint import Answer
from integration_tests.confluence_emulator.errors import ErrorBody
from integration_tests.confluence_emulator.http import Reply


def success(answer: Answer) -> Reply:
    """Return an answer as a 200."""
    return Reply(200, _encoded(answer.body), answer.headers)


def _encoded(body: object) -> bytes:
    """Return JSON; orjson writes 254 levels only."""
    try:
        return orjson.dumps(body)
    except orjson.JSONEncodeError:
        return json.dumps(body).encode()


def failure(error: ErrorBody, headers: dict[str, str] | None = None) -> Reply:
    """Return an error as a reply."""
    return Reply(error.status, orjson.dumps(error.body), headers or {})


class ReplyCache:
    """Replies by request, valid until the site changes; bounded in bytes."""

    _MAX_BYTES = 256 * 1024 * 1024

    def __init__(self) -> None:
        """Start empty."""
        self._revision = 0
        self._bytes = 0
        self._replies: dict[Hashable, Reply] = {}

    def get(self, key: Hashable, revision: int) -> Reply | None:
        """Return the cached reply for this revision of the site, or None."""
        if revision != self._revision:
            self._replies.clear()
            self._revision, self._bytes = revision, 0
        return self._replies.get(key)

    def put(self, key: Hashable, reply: Reply) -> None:
        """Cache a reply if there is room."""
        if self._bytes + len(reply.body) <= self._MAX_BYTES:
            self._replies[key] = reply
            self._bytes += len(reply.body)
