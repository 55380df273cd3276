"""When Python looks for garbage: between what a person does, not in the middle of it."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

if TYPE_CHECKING:
    from PySide6.QtCore import QObject

INTERVAL = 30_000
"""Milliseconds between two full collections."""
_NEVER = 1 << 30


def collect_between_actions(parent: QObject) -> QTimer:
    """Collect garbage from now on, but never look through what the start has made.

    A full collection looks at every object: with nets of thousands of layers open it takes a tenth of a second, and
    Python would begin it while such a net is being made. Here a timer begins it. Nets are freed without it, since
    nothing in them refers to itself.
    """
    gc.freeze()
    young, middle, _old = gc.get_threshold()
    gc.set_threshold(young, middle, _NEVER)
    gc.enable()
    timer = QTimer(parent)
    timer.timeout.connect(_collect)
    timer.start(INTERVAL)
    return timer


def _collect() -> None:
    if gc.isenabled():  # it is not while a worker makes a net's modules, of which there are very many
        gc.collect()
