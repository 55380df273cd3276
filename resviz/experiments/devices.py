"""The machine that trains: its devices and threads."""

from __future__ import annotations

import os

import torch

from resviz.base.errors import UsageError
from resviz.training.distributed import local_rank, local_world


def find_device(name: str) -> torch.device:
    """Raises UsageError where it is not there."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name.startswith("cuda") and local_world() > 1:  # each process has a GPU of its own
        name = f"cuda:{local_rank()}"
    try:
        device = torch.device(name)
        if device.type not in ("cpu", "cuda"):
            raise RuntimeError(f"{device.type} trains nothing")
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError):
        raise UsageError(f"device {name!r} is not there; cpu will do, and cuda where there is a GPU") from None
    return device


def default_threads() -> int:
    """Return how many threads torch may take.

    One core is left to the window, because two OpenMP threads on a shared core are several times slower than one.
    Processes that train together on a machine share its cores.
    """
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, (usable - 1) // local_world())
