"""Random numbers of a run: each purpose draws from a generator of its own, seeded by the run's seed."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import torch

from resviz.nets.ops import Dropout

if TYPE_CHECKING:
    from resviz.nets.graph import Graph


def derived_seed(seed: int, purpose: str) -> int:
    """Return a 63-bit seed for one purpose of a run. Unlike Python's hash it is the same in every process."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{purpose}".encode()).digest()[:8]) >> 1


def generator(seed: int, purpose: str) -> torch.Generator:
    """Return a generator on the CPU for one purpose of a run, so that draws are the same on every device."""
    return torch.Generator().manual_seed(derived_seed(seed, purpose))


def has_dropout(graph: Graph) -> bool:
    """Return whether a net draws from torch's own random state, which all threads share: only dropout does."""
    return any(isinstance(layer.op, Dropout) for layer in graph.layers)
