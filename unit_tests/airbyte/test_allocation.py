"""What the C library is told, where it listens."""

from __future__ import annotations

import ctypes
from types import SimpleNamespace

import pytest

from source_confluence.airbyte.allocation import return_freed_memory


def test_glibc_is_told_to_give_large_blocks_back(monkeypatch: pytest.MonkeyPatch) -> None:
    told: dict[int, int] = {}
    glibc = SimpleNamespace(mallopt=told.__setitem__)
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: glibc)

    return_freed_memory()

    assert told == {-3: 128 * 1024, -8: 2}


class WithoutMallopt:
    """A C library that has no mallopt; remembers every function that it is asked for."""

    def __init__(self) -> None:
        self.asked_for: list[str] = []

    def __getattr__(self, name: str) -> None:
        self.asked_for.append(name)
        raise AttributeError(name)


def test_other_libraries_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str | None] = []
    library = WithoutMallopt()

    def opening(name: str | None) -> WithoutMallopt:
        opened.append(name)
        return library

    monkeypatch.setattr(ctypes, "CDLL", opening)

    return_freed_memory()

    assert opened == [None]
    assert library.asked_for == ["mallopt"]
