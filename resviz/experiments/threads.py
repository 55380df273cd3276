"""The threads of the machine that trains. No torch: the window and a sweep ask before they start a worker."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from resviz.training.process_environment import local_world

if TYPE_CHECKING:
    from collections.abc import Sequence

_SCALING = 0.45
"""A step on n threads is taken to be n to the power of this as fast: 1.36 times on two, as measured for nets of 20
layers (`tests/benchmarks/lock_step.py`). Small maps leave the threads little to share."""


class CoreShare(NamedTuple):
    """How nets share the cores: so many make their step at the same time, each on so many threads of its own."""

    at_once: int
    threads: int


def usable_cores() -> int:
    """Return how many cores training may take.

    One is left to the window, because two OpenMP threads on a shared core are several times slower than one. Processes
    that train together on a machine share its cores.
    """
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, (usable - 1) // local_world())


def share_cores(costs: Sequence[int], threads: int | None = None) -> CoreShare:
    """Return how nets in lock-step share the cores. `costs` are the operations of a step of each.

    With `threads` each net gets so many, which decides the last digits of its numbers. Otherwise the nets train at
    once where that is faster: not where one of them takes most of the time, and all threads should help it.
    """
    cores = usable_cores()
    if threads is not None:
        return CoreShare(max(1, min(len(costs), cores // threads)), threads)
    at_once = min(len(costs), cores)
    each = cores // at_once
    in_turn = sum(costs) / cores**_SCALING
    together = max(max(costs), sum(costs) / at_once) / each**_SCALING
    return CoreShare(at_once, each) if together < in_turn else CoreShare(1, cores)
