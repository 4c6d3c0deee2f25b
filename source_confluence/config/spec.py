"""Loads spec.yaml."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import yaml
from airbyte_cdk.models import ConnectorSpecification, ConnectorSpecificationSerializer


def load_spec() -> ConnectorSpecification:
    """Return the connector's specification: for Airbyte, and as the schema of `Config.parse`."""
    text = files("source_confluence.config").joinpath("spec.yaml").read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.safe_load(text)
    specification: ConnectorSpecification = ConnectorSpecificationSerializer.load(document)
    return specification
