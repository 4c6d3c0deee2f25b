"""Reads the body of a response, and stops where it would take too much memory.

A broken or hostile server may send 500 MB, or a few KB that decompress to gigabytes. All 40 workers
may read at once, and the process should stay under 600 MB, of which it takes 130 at its start. So a
response gets little room, unless its list has reserved more in the page budget.

The decoded JSON takes more memory than the body: `{}` is 2 bytes of JSON and 64 of memory, and one
emoji makes a string of Python four times as wide. Both are bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from mmap import mmap

import requests

MEGABYTE = 1 << 20
LARGEST_PIECE = MEGABYTE
"""Bytes to read at once. requests reads 10 KB at a time, and yields to other threads at each."""
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

_FOUR_BYTES = re.compile(rb"[\xf0-\xf7]")
"""Where a character begins that makes its string four bytes per character wide."""


@dataclass(frozen=True)
class Room:
    """How large a response may be, in bytes."""

    decoded: int
    """Its body, after decompression."""
    memory: int
    """Its decoded JSON, as estimated from the body."""

    @classmethod
    def reserved(cls, held: int) -> Room:
        """Return the room of a list that holds `held` bytes of the page budget."""
        return cls(held, 5 * held) if held > SMALL.decoded else SMALL


SMALL = Room(6 * MEGABYTE, 8 * MEGABYTE)
"""What every response may take. 250 records without bodies have 0.5 MB, and 2 MB in memory."""
LARGEST = 32 * MEGABYTE
"""What a page of results may have, and must reserve: 250 bodies of 128 KB. Two such pages at once
may take 320 MB, in the worst case."""


class TooLarge(requests.RequestException):
    """A response is larger than its room."""

    def __init__(self, most: int) -> None:
        """`most` is the limit that it exceeds, in bytes."""
        super().__init__(f"more than {most} bytes")
        self.most = most


class NoMemory(TooLarge):
    """A response fits into its room, but the process cannot get that much memory."""


def read_body(raw: requests.Response, room: Room) -> bytes | memoryview:
    """Return the decompressed body of a response to a request sent with `stream=True`.

    That of an error is cut off at LONGEST_ERROR. Raises TooLarge, with the connection closed, if it
    does not fit; another requests.RequestException if the body breaks off, cannot be decompressed
    or takes too long.
    """
    if raw.status_code >= HTTPStatus.MULTIPLE_CHOICES:
        return _error_in(raw)
    content = _Content(room.decoded)
    for piece in raw.iter_content(LARGEST_PIECE):
        if not content.add(piece):
            raw.close()
            raise TooLarge(room.decoded)
    if content.size > ALWAYS_FITS and not _fits(content, room.memory):
        raise TooLarge(room.memory)
    return content.all()


def _error_in(raw: requests.Response) -> bytes | memoryview:
    content = _Content(LONGEST_ERROR)
    for piece in raw.iter_content(LARGEST_PIECE):
        if not content.add(piece):
            raw.close()
            break
    return content.all()


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


def _allocated(size: int) -> mmap:
    try:
        return mmap(-1, size)  # the system provides only what is written
    except OSError as error:
        raise NoMemory(size) from error


def _fits(content: _Content, memory: int) -> bool:
    """Punctuation in texts counts only if the text does not fit with it: removing it takes time."""
    width, values = 1, 0
    for piece in content.pieces():
        if width < WIDEST and not piece.isascii():
            width = WIDEST if _FOUR_BYTES.search(piece) else 2
        values += _of_values(piece)
    left = memory - width * content.size
    return left >= 0 and (
        values <= left or sum(map(_of_values, _structure(content.pieces()))) <= left
    )


def _of_values(json: bytes) -> int:
    values = json.count(b",") + json.count(b"[")
    return OF_A_VALUE * values + OF_AN_OBJECT * json.count(b"{")


def _structure(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield JSON without its strings, in linear time for any bytes."""
    escape, in_string = b"", 0
    for piece in pieces:
        json = (escape + piece).replace(b"\\\\", b"")
        escape = b"\\" if json.endswith(b"\\") else b""
        parts = json.removesuffix(escape).replace(b'\\"', b"").split(b'"')
        yield b"".join(parts[in_string::2])
        in_string = (in_string + len(parts) - 1) % 2
