"""The machine that trains: its devices and threads, and what goes wrong on it, as people are told."""

from __future__ import annotations

import errno
import os

import torch

from resviz.training.distributed import local_rank, local_world


class SessionError(ValueError):
    """A sitting that can't begin: what, and what would do; one line."""


def find_device(name: str) -> torch.device:
    """Raises SessionError where it is not there."""
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
        raise SessionError(f"device {name!r} is not there; cpu will do, and cuda where there is a GPU") from None
    return device


def default_threads() -> int:
    """One core is left to the window: two OpenMP threads on a shared core are several times slower than one. Processes
    that train together on a machine share its cores."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, (usable - 1) // local_world())


def user_message(error: BaseException) -> str:
    """An error in a line, as people are shown it: what happened, and what would do."""
    text = f"{type(error).__name__}: {' '.join(str(error).split())}"
    if type(error).__module__.startswith("resviz."):
        return str(error)
    if isinstance(error, MemoryError | torch.OutOfMemoryError) or "can't allocate memory" in text:
        return f"out of memory: a smaller batch or net will do ({text[:200]})"
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return f"the disk is full ({error.filename or 'run folder'}): make room, or record elsewhere with RESVIZ_RUNS"
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    if "CUDA error" in text or "device-side assert" in text or isinstance(error, torch.AcceleratorError):
        return f"the GPU has failed; the program can use it again after a new start, the CPU at once ({text[:200]})"
    return text
