"""The measured programs and their command lines."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
_SCRIPTS = Path(sys.executable).parent
_OTHERS = _HERE.parents[1] / ".venv-bench" / "bin" / "python"


@dataclass(frozen=True)
class Contender:
    """A program that reads the pages of a site.

    `command` can contain {config}, {catalog} and {folder}, the paths of its inputs and outputs.
    The program prints Airbyte messages, unless it writes its records to files.
    """

    name: str
    command: tuple[str, ...]
    config: Mapping[str, Any] = field(default_factory=dict)
    """Config fields besides the site and the credentials."""
    environment: Mapping[str, str] = field(default_factory=dict)
    writes_files: bool = False

    def with_config(self, **config: Any) -> Contender:
        """Return the same program with another config."""
        return Contender(self.name, self.command, config, self.environment, self.writes_files)


_DLT_ENVIRONMENT = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "NORMALIZE__DATA_WRITER__DISABLE_COMPRESSION": "true",
}

BASELINE = Contender(
    "requests + orjson, in a loop", (sys.executable, str(_HERE / "baseline.py"), "{config}")
)
CONNECTOR = Contender(
    "source-confluence",
    (str(_SCRIPTS / "source-confluence"), "read", "--config", "{config}", "--catalog", "{catalog}"),
)
_MANIFEST = (
    *(str(_SCRIPTS / "source-declarative-manifest"), "read"),
    *("--config", "{config}", "--catalog", "{catalog}"),
    *("--manifest-path", str(_HERE / "manifest.yaml")),
)
MANIFEST_250 = Contender("declarative manifest, 250 per page", _MANIFEST, {"page_size": 250})
MANIFEST_25 = Contender("declarative manifest, 25 per page", _MANIFEST, {"page_size": 25})
DLT_SOURCE = Contender(
    "dlt rest_api, records printed",
    (str(_OTHERS), str(_HERE / "dlt_rest_api.py"), "{config}"),
    environment=_DLT_ENVIRONMENT,
)
DLT_PIPELINE = Contender(
    "dlt rest_api, pipeline to JSONL files",
    (str(_OTHERS), str(_HERE / "dlt_rest_api.py"), "{config}", "{folder}"),
    environment=_DLT_ENVIRONMENT,
    writes_files=True,
)

ALL = (BASELINE, CONNECTOR, MANIFEST_250, MANIFEST_25, DLT_SOURCE, DLT_PIPELINE)


def version_of_dlt() -> str:
    """Return the version of the measured dlt."""
    program = "from importlib.metadata import version; print(version('dlt'))"
    done = subprocess.run([_OTHERS, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.strip()
