"""What becomes of freed memory. Only the C library of Linux lets a program choose; elsewhere nothing is done."""

from __future__ import annotations

import ctypes
from functools import lru_cache

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""The parameters of mallopt(3)."""
_USUAL_TRIM, _USUAL_MMAP = 64 << 20, 32 << 20
"""Bytes: the highest values that the C library itself comes to while a program frees larger and larger blocks."""
_KEPT = 1 << 30
"""Bytes that are kept while a net trains."""


def use_one_arena() -> None:
    """Give threads that start from now on the memory of the first one.

    The C library has 64 MB at a time for each further thread, and gives them back whenever they are free.
    """
    _set(_ARENA_MAX, 1)


def keep_freed_memory() -> None:
    """Keep what is freed for the next allocation, up to 1 GiB.

    A training step needs again what the step before has freed. Where the system gets it back each time, it must fill
    the pages with zeros each time: with maps of 8 MB that takes up to an eighth of the step.
    """
    use_one_arena()
    _set(_TRIM_THRESHOLD, _KEPT)
    _set(_MMAP_THRESHOLD, _KEPT) or _set(_MMAP_THRESHOLD, _USUAL_MMAP)  # the most that glibc before 2.35 takes


def return_freed_memory() -> None:
    """Give what was freed back to the system, and keep no more than usual: some 40 ms for 400 MB."""
    _set(_TRIM_THRESHOLD, _USUAL_TRIM)
    _set(_MMAP_THRESHOLD, _USUAL_MMAP)
    trim = _c_function("malloc_trim")
    if trim is not None:
        trim(0)


def _set(parameter: int, value: int) -> bool:
    mallopt = _c_function("mallopt") if _c_function("gnu_get_libc_version") is not None else None
    return mallopt is not None and bool(mallopt(parameter, value))


@lru_cache
def _c_function(name: str) -> ctypes._NamedFuncPointer | None:
    try:
        found: ctypes._NamedFuncPointer = getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):  # musl, macOS, Windows
        return None
    return found
