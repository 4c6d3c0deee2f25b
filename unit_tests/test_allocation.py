"""What the C library is told, where it listens."""

from __future__ import annotations

import ctypes
from types import SimpleNamespace

import pytest

from source_confluence.allocation import return_freed_memory


def test_glibc_is_told_to_give_large_blocks_back(monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[int, int] = {}
    glibc = SimpleNamespace(mallopt=told.__setitem__)
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: glibc)

    return_freed_memory()

    assert told == {-3: 128 * 1024, -8: 2}


def test_other_libraries_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: SimpleNamespace())

    return_freed_memory()
