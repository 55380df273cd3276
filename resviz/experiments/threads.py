"""The threads of the machine that trains. No torch: the window and a sweep ask before they start a worker."""

from __future__ import annotations

import os

from resviz.training.process_environment import local_world


def default_threads() -> int:
    """Return how many threads torch may take.

    One core is left to the window, because two OpenMP threads on a shared core are several times slower than one.
    Processes that train together on a machine share its cores.
    """
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, (usable - 1) // local_world())
