"""What a sync works out once. The locks guard the results, one lock each."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar, cast

T = TypeVar("T")


class Memo:
    """Results by key, each made once however many workers want it; thread-safe.

    A result may be made of others, and making it may send requests: it blocks only the workers that
    want the same one.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._results: dict[object, _Result] = {}

    def once(self, key: object, make: Callable[[], T]) -> T:
        """Return the result for `key`, made by `make` if it is not there yet.

        Raises what `make` raised, each time.
        """
        with self._lock:
            result = self._results.setdefault(key, _Result())
        return cast("T", result.get(make))


class _Result:
    def __init__(self) -> None:
        # Reentrant, so that a result that needs itself fails with a RecursionError, not by waiting.
        self._lock = threading.RLock()
        self._is_made = False
        self._value: Any = None
        self._failure: Exception | None = None

    def get(self, make: Callable[[], Any]) -> Any:
        if not self._is_made:
            with self._lock:
                if not self._is_made:
                    self._make(make)
        if self._failure is not None:
            raise self._failure
        return self._value

    def _make(self, make: Callable[[], Any]) -> None:
        try:
            self._value = make()
        except Exception as failure:  # noqa: BLE001  # raised by `get`, each time
            self._failure = failure
        self._is_made = True
