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
_COUNTER, _BATCH_COUNTER = 4, 8
"""Bytes of Adam's counter of steps, and of a normalization's counter of batches."""


@dataclass(frozen=True)
class Memory:
    """Bytes that a training or an inference needs, by purpose."""

    parameters: int
    gradients: int
    optimizer: int
    activations: int
    other: int
    """Running statistics of normalizations, and under autocast the weights' copies in bfloat16."""

    @property
    def total(self) -> int:
        """Bytes for all purposes together."""
        return self.parameters + self.gradients + self.optimizer + self.activations + self.other


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
    beside = once = copies = 0
    statistics = _running_statistics(graph, learned)
    reached: set[str] = set()  # by a gradient: what only the image lies before keeps nothing
    for layer in graph.layers:
        if not (graph.parameters(layer) or reached & set(layer.inputs)):
            continue
        # A product needs its weight only to pass a gradient on; torch's convolutions keep it anyway.
        if precision == "bfloat16" and (layer.op.kind != "fc" or reached & set(layer.inputs)):
            copies += _copied(graph, layer)
        reached.add(layer.name)
        if "input" in layer.op.saved_maps():
            kept |= {_owner(graph, graph[name], True) for name in layer.inputs}
        if "output" in layer.op.saved_maps():
            kept.add(_owner(graph, layer, True))
        beside += layer.op.saved_extra_bytes(graph.input_shapes(layer), layer.shape, size)
        once += learned * layer.op.saved_statistics()
    maps = size * sum(math.prod(graph[name].shape) for name in kept)
    state = state_copies(optimizer, momentum) * parameters
    if optimizer == "adam":  # and a counter of steps for each tensor
        state += _COUNTER * sum(layer.op.parameter_tensors() for layer in _owners(graph))
    return Memory(parameters, parameters, state, batch * (maps + beside) + once, statistics + copies)


def inference(graph: Graph, batch: int, precision: MemoryPrecision = "float32") -> Memory:
    """Return what a forward pass holds at its fullest moment; the images are held by whoever gave them."""
    learned, size = BYTES[precision]
    parameters = learned * sum(graph.parameters(layer) for layer in graph.layers)
    statistics = _running_statistics(graph, learned)
    copies = sum(_copied(graph, layer) for layer in graph.layers) if precision == "bfloat16" else 0
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
    return Memory(parameters, 0, 0, batch * size * fullest, statistics + copies)


def _owners(graph: Graph) -> list[Layer]:
    """Return the layers that have parameters."""
    return [layer for layer in graph.layers if graph.parameters(layer)]


def _running_statistics(graph: Graph, learned: int) -> int:
    """Return the bytes of what normalizations keep that is not learned."""
    total = 0
    for layer in graph.layers:
        numbers, counters = layer.op.running_statistics()
        total += learned * numbers + _BATCH_COUNTER * counters
    return total


def _copied(graph: Graph, layer: Layer) -> int:
    """Return the bytes of autocast's copy of a layer's weight in bfloat16."""
    if not (layer.op.weighted and graph.parameters(layer)):
        return 0
    return 2 * sum(term.value for term in layer.op.parameter_terms() if term.what == "weights")


def _owner(graph: Graph, layer: Layer, training: bool) -> str:
    """Return the layer whose memory a layer's output is: its own, or where it is a view, that of what it views."""
    while layer.op.is_view(training):
        layer = graph[layer.inputs[0]]
    return layer.name
