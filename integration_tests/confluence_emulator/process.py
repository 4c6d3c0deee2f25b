"""The emulator as a process of its own."""

import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from types import TracebackType

import orjson
import requests

from integration_tests.confluence_emulator.control import PREFIX
from integration_tests.confluence_emulator.controls import Controls
from integration_tests.confluence_emulator.journal import Journal
from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.spec import SiteSpec

_REPOSITORY = Path(__file__).resolve().parents[2]
_PATIENCE = 60.0


class EmulatorProcess(Controls):
    """A Confluence on loopback in another process, which lives while the context is open."""

    def __init__(self, spec: SiteSpec | None = None, *options: str) -> None:
        """Take the site's spec and further command line options (see `--help`)."""
        spec = spec or SiteSpec()
        self._command = [sys.executable, "-m", "integration_tests.confluence_emulator"]
        self._command += ["--end-with-stdin", *_spec_options(spec), *options]

    def __enter__(self) -> "EmulatorProcess":
        """Start the process and wait until it serves; raises RuntimeError if it does not."""
        self._process = subprocess.Popen(
            self._command, cwd=_REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._end()
            raise RuntimeError(f"The emulator ended with {self._process.returncode} before serving")
        ready = orjson.loads(line)
        self.url, self.email, self.token = ready["url"], ready["email"], ready["token"]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the process."""
        self._process.terminate()
        self._end()

    def _end(self) -> None:
        try:
            self._process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()

    @property
    def pid(self) -> int:
        """Return the id of the process."""
        return self._process.pid

    @property
    def requests(self) -> Journal:
        """Return the record of requests so far."""
        return Journal.from_json(self.perform("requests", {}))

    def perform(self, operation: str, arguments: Json) -> Json:
        """Perform an operation of control.Control; raises ValueError where it is refused."""
        body = orjson.dumps(arguments)
        answer = requests.post(self.url + PREFIX + operation, data=body, timeout=_PATIENCE)
        content: Json = orjson.loads(answer.content)
        if answer.status_code != requests.codes.ok:
            raise ValueError(content["error"])
        return content


def _spec_options(spec: SiteSpec) -> list[str]:
    options = []
    for field in fields(SiteSpec):
        name, value = "--" + field.name.replace("_", "-"), getattr(spec, field.name)
        if value is True:
            options.append(name)
        elif value is not False:
            options.append(f"{name}={value}")
    return options
