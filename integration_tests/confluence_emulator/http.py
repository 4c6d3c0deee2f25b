"""Just enough of HTTP/1.1 for the emulator, with full power over how an answer breaks."""

import socket
import struct
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

_LONGEST_LINE = 65_536
LONGEST_TARGET = 8_192


@dataclass(frozen=True)
class Request:
    """A request; header names are in lower case."""

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
        """Return the part behind the question mark, still encoded."""
        return urlsplit(self.target).query


@dataclass
class Reply:
    """An answer on its way out, and how its connection breaks, if it does."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    breaks: str | None = None
    """None, `reset` (RST without an answer), `hang up` (closed without an answer) or
    `truncate` (closed in the middle of the body)."""
    held: float = 0.0
    """Seconds to hold the reply back after it went on record."""


def read_request(stream: BinaryIO) -> Request | None:
    """Return the next request, or None at the connection's end; raises ValueError."""
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


def send(connection: socket.socket, reply: Reply) -> bool:
    """Send the reply and tell whether the connection can take another request."""
    if reply.breaks == "reset":
        # Closed at once and without lingering: a shutdown first would send a FIN, no RST.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        socket.close(connection.detach())
    if reply.breaks in ("reset", "hang up"):
        return False
    head = [f"HTTP/1.1 {reply.status} {_reason(reply.status)}"]
    head += [f"{name}: {value}" for name, value in reply.headers.items()]
    head.append(f"Content-Length: {len(reply.body)}\r\n\r\n")
    body = reply.body[: len(reply.body) // 2] if reply.breaks == "truncate" else reply.body
    connection.sendall("\r\n".join(head).encode("latin-1") + body)
    return reply.breaks is None


def _reason(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Unknown"


def basic(email: str, token: str) -> str:
    """Return the Authorization header of an API token."""
    return f"Basic {b64encode(f'{email}:{token}'.encode()).decode()}"
