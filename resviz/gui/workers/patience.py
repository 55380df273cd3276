"""How long closing the window waits for work that is under way: one time for all of it."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

CLOSE_SECONDS = 2.0

_deadlines: list[float] = []


@contextmanager
def closing() -> Iterator[None]:
    """Let everything that ends within the context share the time that closing may take."""
    _deadlines.append(time.monotonic() + CLOSE_SECONDS)
    try:
        yield
    finally:
        _deadlines.pop()


def seconds_left() -> float:
    """Return for how long one may wait for something to end: the whole time where nothing else ends with it."""
    return max(0.0, _deadlines[-1] - time.monotonic()) if _deadlines else CLOSE_SECONDS
