"""The emulator in a separate process."""

import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import orjson
import requests

from integration_tests.confluence_emulator.control import PREFIX
from integration_tests.confluence_emulator.controls import Controls
from integration_tests.confluence_emulator.jsontypes import Json
from integration_tests.confluence_emulator.request_log import RequestLog
from integration_tests.confluence_emulator.spec import SiteSpec

_REPOSITORY = Path(__file__).resolve().parents[2]
_TIMEOUT_SECONDS = 60.0


class EmulatorProcess(Controls):
    """An emulated Confluence in another process, which runs while the context is open."""

    def __init__(self, spec: SiteSpec | None = None, *options: str) -> None:
        """Prepare a site with further command-line options (see `--help`)."""
        spec = spec or SiteSpec()
        self._command = [sys.executable, "-m", "integration_tests.confluence_emulator"]
        self._command += ["--end-with-stdin", *_spec_options(spec), *options]

    def __enter__(self) -> "EmulatorProcess":
        """Start the process and wait until it serves; raises RuntimeError if it fails to."""
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

    def __exit__(self, *_: object) -> None:
        """Stop the process."""
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
    def requests(self) -> RequestLog:
        """Return a copy of the log of requests so far."""
        return RequestLog.from_json(self.perform("requests", {}))

    def perform(self, operation: str, arguments: Json) -> Json:
        """Perform an operation of control.Control; raises ValueError if it fails."""
        body = orjson.dumps(arguments)
        answer = requests.post(self.url + PREFIX + operation, data=body, timeout=_TIMEOUT_SECONDS)
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
