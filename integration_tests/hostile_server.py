"""A server on raw sockets, for responses that no HTTP library would send."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import TracebackType

Reply = Callable[[str], Iterable[bytes]]
"""Returns what to send for a path with its query, piece by piece; the connection then closes."""

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


class HostileServer:
    """Answers each connection with the pieces of a reply, one thread per connection."""

    def __init__(self, reply: Reply) -> None:
        """Listen on a free port of this machine."""
        self._reply = reply
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._connections: list[socket.socket] = []
        self.paths: list[str] = []
        """The paths that were requested, in order."""
        self.stopping = threading.Event()
        """Set at the end; replies wait on it instead of sleeping."""

    @property
    def url(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> HostileServer:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stopping.set()
        for one in (self._listener, *self._connections):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def drip(self, content: bytes, seconds: float = 0.05) -> Iterable[bytes]:
        """Yield bytes one by one, and the last one again and again, until the server stops."""
        while not self.stopping.wait(seconds):
            yield content[:1]
            content = content[1:] or content

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._connections.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError, IndexError), connection:
            request = b""
            while b"\r\n\r\n" not in request:
                received = connection.recv(65_536)
                if not received:
                    return
                request += received
            path = request.split(b" ", 2)[1].decode()
            self.paths.append(path)
            for piece in self._reply(path):
                connection.sendall(piece)
