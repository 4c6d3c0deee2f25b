"""Fixtures of the tests that need a site."""

from unit_tests.sync.conftest import site

__all__ = ["site"]
