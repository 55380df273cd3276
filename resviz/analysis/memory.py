"""Memory of a net at work: parameters, gradients, the optimizer's state and activations, each by itself, in bytes.

In training, activations are what backward needs, as autograd keeps it: maps, and beside them indices of poolings and
masks of dropout. In inference a map is freed when its last reader has read it: what counts is the fullest moment. What
libraries take for their own work (a convolution's workspace, the allocator's rounding) is not in it, nor is the loss.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from resviz.base.vocabulary import MemoryPrecision, Optimizer, state_copies

if TYPE_CHECKING:
    from resviz.nets.graph import Graph, Layer

BYTES: dict[MemoryPrecision, tuple[int, int]] = {
    "float32": (4, 4),
    "tf32": (4, 4),
    "bfloat16": (4, 2),
    "pure-bfloat16": (2, 2),
}
"""Bytes of a number of the parameters, their gradients and the optimizer's state; and of an activation."""


@dataclass(frozen=True)
class Memory:
    """Bytes that a training or an inference needs, by purpose."""

    parameters: int
    gradients: int
    optimizer: int
    activations: int

    @property
    def total(self) -> int:
        """Bytes for all purposes together."""
        return self.parameters + self.gradients + self.optimizer + self.activations


def training(
    graph: Graph,
    batch: int,
    precision: MemoryPrecision = "float32",
    optimizer: Optimizer = "sgd",
    momentum: float = 0.9,
) -> Memory:
    """Return what a step of training holds when its backward pass begins."""
    learned, size = BYTES[precision]
    parameters = learned * sum(graph.parameters(layer) for layer in graph.layers)
    kept: set[str] = set()
    beside = once = 0
    reached: set[str] = set()  # by a gradient: what only the image lies before keeps nothing
    for layer in graph.layers:
        if not (graph.parameters(layer) or reached & set(layer.inputs)):
            continue
        reached.add(layer.name)
        if "input" in layer.op.saved_maps():
            kept |= {_owner(graph, graph[name], True) for name in layer.inputs}
        if "output" in layer.op.saved_maps():
            kept.add(_owner(graph, layer, True))
        beside += layer.op.saved_extra_bytes(graph.input_shapes(layer), layer.shape, size)
        once += layer.op.saved_fixed_bytes()
    maps = size * sum(math.prod(graph[name].shape) for name in kept)
    return Memory(
        parameters, parameters, state_copies(optimizer, momentum) * parameters, batch * (maps + beside) + once
    )


def inference(graph: Graph, batch: int, precision: MemoryPrecision = "float32") -> Memory:
    """Return what a forward pass holds at its fullest moment; the images are held by whoever gave them."""
    learned, size = BYTES[precision]
    parameters = learned * sum(graph.parameters(layer) for layer in graph.layers)
    last_read = {_owner(graph, graph[name], False): layer.name for layer in graph.layers for name in layer.inputs}
    stays = {graph.layers[0].name, *(_owner(graph, layer, False) for layer in graph.outputs)}
    held: dict[str, int] = {}
    fullest = 0
    for layer in graph.layers:
        owner = _owner(graph, layer, False)
        held[owner] = math.prod(graph[owner].shape)
        fullest = max(fullest, sum(held.values()))
        for name in {_owner(graph, graph[source], False) for source in layer.inputs} | {owner}:
            if last_read.get(name, layer.name) == layer.name and name not in stays:
                held.pop(name, None)
    return Memory(parameters, 0, 0, batch * size * fullest)


def _owner(graph: Graph, layer: Layer, training: bool) -> str:
    """Return the layer whose memory a layer's output is: its own, or where it is a view, that of what it views."""
    while layer.op.is_view(training):
        layer = graph[layer.inputs[0]]
    return layer.name
