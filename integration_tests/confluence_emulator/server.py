"""The TCP server: one thread per connection, any number of requests per connection."""

import socket
import socketserver
from contextlib import suppress
from typing import BinaryIO, cast

from integration_tests.confluence_emulator.application import Application
from integration_tests.confluence_emulator.control import PREFIX, Control
from integration_tests.confluence_emulator.http import read_request, send


class Server(socketserver.ThreadingTCPServer):
    """Serves an application on loopback."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int, application: Application) -> None:
        """Listen on the port; 0 picks a free port."""
        self.application = application
        self.control = Control(application)
        self.connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), Connection)

    def close_connections(self) -> None:
        """Close the server's side of every open connection."""
        for connection in list(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class Connection(socketserver.StreamRequestHandler):
    """One keep-alive connection."""

    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Answer requests until either side closes the connection."""
        server = cast("Server", self.server)
        connection = cast("socket.socket", self.request)
        settings = server.application.settings
        server.connections.add(connection)
        served = 0
        try:
            while not settings.requests_per_connection or served < settings.requests_per_connection:
                connection.settimeout(settings.idle_seconds or None)
                if (request := read_request(cast("BinaryIO", self.rfile))) is None:
                    return
                connection.settimeout(None)
                served += 1
                bandwidth = 0
                if request.path.startswith(PREFIX):
                    reply = server.control.reply(request)
                else:
                    reply = server.application.handle(request)
                    bandwidth = settings.bandwidth
                is_open = send(connection, reply, bandwidth)
                if not is_open or request.headers.get("connection") == "close":
                    return
        except (ConnectionError, TimeoutError, ValueError):
            return  # the client disconnected, is idle, or doesn't speak HTTP
        finally:
            server.connections.discard(connection)
