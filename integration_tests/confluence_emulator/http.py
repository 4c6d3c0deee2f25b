"""A minimal HTTP/1.1 server side that can break a response at any point."""

import socket
import struct
import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

_LONGEST_LINE = 65_536
LONGEST_TARGET = 8_192
SECONDS_PER_PIECE = 0.05
"""With a limited bandwidth a reply is sent in pieces that take this long."""


@dataclass(frozen=True)
class Request:
    """A request; header names are lowercase."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        """Return the decoded path."""
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> str:
        """Return the encoded query string, without the question mark."""
        return urlsplit(self.target).query


@dataclass
class Reply:
    """An HTTP response, and how to break its connection, if at all."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    breaks: str | None = None
    """None, `reset` (RST without a response), `close` (closed without a response) or
    `truncate` (closed in the middle of the body)."""
    delay: float = 0.0
    """Seconds to wait between logging the request and sending the reply."""


def read_request(stream: BinaryIO) -> Request | None:
    """Return the next request, or None if the client closed the connection; raises ValueError."""
    line = stream.readline(_LONGEST_LINE)
    if not line.strip():
        return None
    method, target, _ = line.decode("latin-1").split(" ", 2)
    headers: dict[str, str] = {}
    while (header := stream.readline(_LONGEST_LINE).decode("latin-1").strip()) != "":
        name, _, value = header.partition(":")
        headers[name.lower()] = value.strip()
    length = int(headers.get("content-length", 0))
    return Request(method, target, headers, stream.read(length) if length else b"")


def send(connection: socket.socket, reply: Reply, bandwidth: int = 0) -> bool:
    """Send the reply and return whether the connection can take another request.

    `bandwidth` is in bytes per second; 0 for no limit.
    """
    if reply.breaks == "reset":
        # Close without lingering: a shutdown first would send a FIN instead of an RST.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        socket.close(connection.detach())
    if reply.breaks in ("reset", "close"):
        return False
    head = [f"HTTP/1.1 {reply.status} {_reason(reply.status)}"]
    head += [f"{name}: {value}" for name, value in reply.headers.items()]
    head.append(f"Content-Length: {len(reply.body)}\r\n\r\n")
    body = reply.body[: len(reply.body) // 2] if reply.breaks == "truncate" else reply.body
    content = "\r\n".join(head).encode("latin-1") + body
    if bandwidth:
        _send_slowly(connection, content, bandwidth)
    else:
        connection.sendall(content)
    return reply.breaks is None


def _send_slowly(connection: socket.socket, content: bytes, bandwidth: int) -> None:
    started = time.monotonic()
    size = max(1, int(bandwidth * SECONDS_PER_PIECE))
    for first in range(0, len(content), size):
        piece = content[first : first + size]
        due = started + (first + len(piece)) / bandwidth
        time.sleep(max(0.0, due - time.monotonic()))
        connection.sendall(piece)


def _reason(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Unknown"


def basic(email: str, token: str) -> str:
    """Return the Authorization header for an API token."""
    return f"Basic {b64encode(f'{email}:{token}'.encode()).decode()}"
