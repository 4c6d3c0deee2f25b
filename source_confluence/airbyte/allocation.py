"""How the C library hands out memory."""

from __future__ import annotations

import ctypes

M_MMAP_THRESHOLD = -3
M_ARENA_MAX = -8
LARGE_BYTES = 128 * 1024
ARENAS = 2


def return_freed_memory() -> None:
    """Let glibc give the memory of long bodies back to the system as soon as they are gone.

    By default it keeps an arena for every thread, and takes ever larger blocks for small ones once
    it has seen large ones freed: pages of results of 25 MB made it hold twice what was in use.
    Other C libraries are left as they are. See mallopt(3).
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)
        mallopt(M_ARENA_MAX, ARENAS)
