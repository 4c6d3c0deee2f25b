"""Fixtures of the tests that need a site."""

from unit_tests.airbyte.conftest import site

__all__ = ["site"]
