"""What the environment says of this process among those that torchrun started. No torch."""

from __future__ import annotations

import os


def world() -> int:
    """Return the number of processes that torchrun's environment names, or 1 without torchrun."""
    count = os.environ.get("WORLD_SIZE", "")
    known = count.isdigit() and len(count) < 7 and "RANK" in os.environ and "MASTER_ADDR" in os.environ
    return int(count) if known else 1


def is_first() -> bool:
    """Return whether this process is the first of all, which records, or the only one."""
    return world() == 1 or os.environ.get("RANK") == "0"


def local_rank() -> int:
    """Return the number of this process on its machine. The process takes the GPU of this number."""
    return int(os.environ.get("LOCAL_RANK", "0"))


def local_world() -> int:
    """Return how many of the processes share this machine."""
    return max(1, int(os.environ.get("LOCAL_WORLD_SIZE", "1")))
