"""Nets that make a step together: one after another, or at once, each in a thread of its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import torch

from resviz.analysis.counts import count
from resviz.analysis.memory import training
from resviz.experiments.threads import share_cores
from resviz.training.random_generators import has_dropout
from resviz.training.recorder import StepInterrupted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resviz.experiments.threads import CoreShare
    from resviz.nets.graph import Graph
    from resviz.training.recipe import TrainConfig
    from resviz.training.trainer import Trainer

_MEMORY = 1 << 30
"""Bytes that nets may hold at once in a step. Larger ones take turns, and use all threads well by themselves."""


def choose_share(graphs: Sequence[Graph], config: TrainConfig, threads: int | None, *, in_turn: bool) -> CoreShare:
    """Return how nets share the cores: by the nets, the recipe and the cores alone, so that a run can be repeated.

    Nets with dropout take turns, because torch has one random state for all threads.
    """
    held = sum(training(graph, config.batch).total for graph in graphs)
    if in_turn or len(graphs) == 1 or held > _MEMORY or any(map(has_dropout, graphs)):
        return share_cores([1], threads)
    return share_cores([count(graph).flops for graph in graphs], threads)


class LockStep:
    """Makes steps of several trainers. At once or in turn, the numbers are the same bit for bit."""

    def __init__(self, trainers: Sequence[Trainer], at_once: int, threads: int) -> None:
        """Prepare so many threads, each of which computes on `threads` of torch's own."""
        self._trainers = trainers
        start = partial(torch.set_num_threads, threads)
        self._pool = ThreadPoolExecutor(at_once, "net", start) if at_once > 1 else None

    def step(self, indices: Sequence[int]) -> None:
        """Make one step of each of these nets.

        Raise StepInterrupted if one was interrupted, and the first error otherwise, when all have ended.
        """
        if self._pool is None or len(indices) == 1:
            for index in indices:
                self._trainers[index].step()
            return
        jobs = [self._pool.submit(self._trainers[index].step) for index in indices]
        errors = [error for error in [job.exception() for job in jobs] if error is not None]
        for error in sorted(errors, key=lambda error: isinstance(error, StepInterrupted)):
            raise error

    def close(self) -> None:
        """End the threads."""
        if self._pool is not None:
            self._pool.shutdown()
