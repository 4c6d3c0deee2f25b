"""Reads the body of a response, and stops where it would take too much memory.

A broken or hostile server may send 500 MB, or a few KB that decompress to gigabytes. All 40 workers
may read at once, and the process should stay under 600 MB, of which it takes 130 at its start. So a
response gets little room, unless its list has reserved more in the page budget.

The decoded JSON takes more memory than the body: `{}` is 2 bytes of JSON and 64 of memory, and one
emoji makes a string of Python four times as wide. Both are bounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from mmap import mmap

import requests

MEGABYTE = 1 << 20
LARGEST_PIECE = 256 * 1024
"""Bytes to read at once. requests reads 10 KB at a time, and yields to other threads at each; but
each worker needs memory for two or three pieces while it reads."""
LONGEST_ERROR = 128 * 1024
"""What is read of an error's body; the rest is dropped with the connection. It is decoded, too, and
may be kept until the sync ends, so it is short. The longest one that is needed lists all types of
custom content of a site, in 60 bytes each."""
ALWAYS_FITS = 256 * 1024
"""40 bodies of this size fit into the memory, whatever they hold: looking is not worth it."""
OF_A_VALUE = 100
"""Bytes that an element of a list or a field may take in memory, besides its text."""
OF_AN_OBJECT = 240
"""Bytes that a JSON object may take in memory, besides its fields."""
WIDEST = 4
"""Bytes per character of a string, if one of its characters needs them."""
DENSE = 3
"""With more bytes of values than this times its size, a body is looked at again."""

_FOUR_BYTES = re.compile(rb"[\xf0-\xf7]")
"""Where a character begins that makes its string four bytes per character wide."""
_BRACKETS = re.compile(rb"[][{}]")
DEPTH_OF_RECORDS = 2
"""How many brackets are open around the fields of a record: of the response and of `results`."""


@dataclass(frozen=True)
class Room:
    """How large a response may be, in bytes."""

    decoded: int
    """Its body, after decompression."""
    memory: int
    """Its decoded JSON, as estimated from the body."""
    reserve: Callable[[int], bool] = lambda _size: True
    """Returns whether the body and its decoded JSON may take that much together; called while it
    is read."""


SMALL = Room(6 * MEGABYTE, 8 * MEGABYTE)
"""What a response may take that reserves nothing in the page budget. 250 records without bodies
have 0.5 MB, and 2 MB in memory."""
LARGEST = Room(32 * MEGABYTE, 96 * MEGABYTE)
"""What one may take that does: a body of 32 MB, or of 24 MB with an emoji in it."""


class TooLarge(requests.RequestException):
    """A response is larger than its room."""

    def __init__(self, most: int, complete: int = 0) -> None:
        """`most` is the limit that it exceeds, in bytes; `complete` records came before that."""
        super().__init__(f"more than {most} bytes")
        self.most = most
        self.complete = complete


class NoMemory(TooLarge):
    """A response fits into its room, but the process cannot get that much memory."""


@dataclass(frozen=True)
class Body:
    """What was read of a response."""

    content: bytes | memoryview
    """After decompression."""
    cost: int
    """The bytes that it and its decoded JSON take in memory, as estimated."""


def read_body(raw: requests.Response, room: Room) -> Body:
    """Return the decompressed body of a response to a request sent with `stream=True`.

    That of an error is cut off at LONGEST_ERROR. Raises TooLarge, with the connection closed, if it
    does not fit; another requests.RequestException if the body breaks off, cannot be decompressed
    or takes too long.
    """
    if raw.status_code >= HTTPStatus.MULTIPLE_CHOICES:
        return _error_in(raw)
    content = _Content(room.decoded)
    for piece in raw.iter_content(LARGEST_PIECE):
        has_room = room.reserve(2 * (content.size + len(piece)))
        if not (has_room and content.add(piece)):
            raw.close()
            raise TooLarge(room.decoded if has_room else content.size, _records_in(content))
    if content.size <= ALWAYS_FITS:
        return Body(content.all(), 2 * content.size)
    memory = _memory_of(content, room.memory)
    if memory > room.memory or not room.reserve(content.size + memory):
        raise TooLarge(min(memory, room.memory), _records_in(content))
    return Body(content.all(), content.size + memory)


def _error_in(raw: requests.Response) -> Body:
    content = _Content(LONGEST_ERROR)
    for piece in raw.iter_content(LARGEST_PIECE):
        if not content.add(piece):
            raw.close()
            break
    return Body(content.all(), content.size)


class _Content:
    """What was read so far.

    More than one piece goes to memory of its own, which the system gets back at once. What Python
    allocates would stay with the threads' heaps: 40 of them can keep a gigabyte.
    """

    def __init__(self, most: int) -> None:
        self.size = 0
        self._most = most
        self._first = b""
        self._rest: mmap | None = None

    def add(self, piece: bytes) -> bool:
        """Keep a piece; return whether it still fits."""
        if self.size + len(piece) > self._most:
            return False
        if self.size == 0:
            self._first = piece
        else:
            if self._rest is None:
                self._rest = _allocated(self._most)
                self._rest.write(self._first)
                self._first = b""
            self._rest.write(piece)
        self.size += len(piece)
        return True

    def all(self) -> bytes | memoryview:
        """Return everything."""
        return self._first if self._rest is None else memoryview(self._rest)[: self.size]

    def pieces(self) -> Iterator[bytes]:
        """Yield everything in pieces."""
        everything = self.all()
        for start in range(0, self.size, LARGEST_PIECE):
            yield bytes(everything[start : start + LARGEST_PIECE])


def require_memory(size: int) -> None:
    """Raise NoMemory if the process cannot get `size` bytes; none are written."""
    _allocated(size).close()


def _allocated(size: int) -> mmap:
    try:
        return mmap(-1, size)  # the system provides only what is written
    except OSError as error:
        raise NoMemory(size) from error


def _memory_of(content: _Content, most: int) -> int:
    """Return how much memory the decoded JSON takes, at most.

    Punctuation in texts counts as well, because to remove them takes time; unless it counts for
    much, or for more than `most`.
    """
    width, values = 1, 0
    for piece in content.pieces():
        width = max(width, _width_of(piece)) if width < WIDEST else width
        values += _of_values(piece)
    if values > DENSE * content.size or values > most - width * content.size >= 0:
        values = sum(map(_of_values, _structure(content.pieces())))
    return width * content.size + values


def memory_of_texts(json: bytes) -> int:
    """Return how much memory the texts of JSON take, at most."""
    return _width_of(json) * len(json)


def _width_of(text: bytes) -> int:
    if text.isascii():
        return 1
    return WIDEST if _FOUR_BYTES.search(text) else 2


def _of_values(json: bytes) -> int:
    values = json.count(b",") + json.count(b"[")
    return OF_A_VALUE * values + OF_AN_OBJECT * json.count(b"{")


def _records_in(content: _Content) -> int:
    """Return how many records a part of a page of results has, without one that is cut off."""
    depth = complete = 0
    for piece in _structure(content.pieces()):
        for found in _BRACKETS.finditer(piece):
            if found[0] in b"[{":
                depth += 1
            else:
                depth -= 1
                complete += depth == DEPTH_OF_RECORDS and found[0] == b"}"
    return complete


def _structure(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield JSON without its strings, in linear time for any bytes."""
    escape, in_string = b"", 0
    for piece in pieces:
        json = (escape + piece).replace(b"\\\\", b"")
        escape = b"\\" if json.endswith(b"\\") else b""
        parts = json.removesuffix(escape).replace(b'\\"', b"").split(b'"')
        yield b"".join(parts[in_string::2])
        in_string = (in_string + len(parts) - 1) % 2
