"""spec.yaml, as Airbyte and our own validation read it."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import yaml
from airbyte_cdk.models import ConnectorSpecification, ConnectorSpecificationSerializer


def load_spec() -> ConnectorSpecification:
    """Return spec.yaml, the connector's specification as Airbyte publishes it."""
    text = files("source_confluence.config").joinpath("spec.yaml").read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.safe_load(text)
    specification: ConnectorSpecification = ConnectorSpecificationSerializer.load(document)
    return specification
