"""The loop that a user of PyTorch would write, as fast as it can be: our own step is held against it."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from itertools import product

import torch
from torch import Tensor
from torch.nn import functional

from resviz.nets.graph import Graph
from resviz.training.data.images import ImageSet
from resviz.training.initialization import initialize
from resviz.training.modules import to_module
from resviz.training.recipe import TrainConfig
from tests.benchmarks.timing import seconds

LAYOUTS = {"channels-first": torch.contiguous_format, "channels-last": torch.channels_last}
ROUNDS = 7


def plain_loop(
    graph: Graph, config: TrainConfig, data: ImageSet, layout: torch.memory_format, fused: bool
) -> Callable[[], None]:
    """Return one step: a batch in random order, forward, backward, update; nothing is measured."""
    module = to_module(graph)
    initialize(module, graph, config)
    module.to(memory_format=layout)
    optimizer = torch.optim.SGD(
        module.parameters(),
        config.learning_rate,
        config.momentum,
        weight_decay=config.weight_decay,
        fused=True if fused else None,
    )
    order: Iterator[Tensor] = iter(())

    def step() -> None:
        nonlocal order
        chosen = next(order, None)
        if chosen is None:
            whole = len(data.images) // config.batch * config.batch
            order = iter(torch.randperm(len(data.images))[:whole].split(config.batch))
            chosen = next(order)
        images = data.images[chosen].to(memory_format=layout)
        optimizer.zero_grad()
        functional.cross_entropy(module(images), data.labels[chosen]).backward()
        optimizer.step()

    return step


def fastest_plain_loop(graph: Graph, config: TrainConfig, data: ImageSet) -> tuple[Callable[[], None], str]:
    """Return the fastest of the ways, by the median of a few steps taken in turn, and its name."""
    ways = {
        f"{name}{', fused update' if fused else ''}": plain_loop(graph, config, data, layout, fused)
        for (name, layout), fused in product(LAYOUTS.items(), (False, True))
    }
    for step in ways.values():
        step()
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, step in ways.items():
            times[name].append(seconds(step))
    name = min(ways, key=lambda way: statistics.median(times[way]))
    return ways[name], name
