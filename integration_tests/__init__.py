"""Tests of the connector as a process, against an emulated Confluence."""

import pytest

pytest.register_assert_rewrite("integration_tests.truth")
