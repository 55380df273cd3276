"""Parameters and FLOPs of a graph, layer by layer and in all, as exact integers.

Convention: the paper's. FLOPs are multiply-adds of convolutions and fully connected layers, for one image; biases,
normalisation, activations, pooling and additions are not counted. Rounding happens in the label, nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from resviz.nets.graph import Graph, Layer

CONVENTION = "FLOPs: multiply-adds of convolutions and fully connected layers, one image (the paper's convention)"


@dataclass(frozen=True)
class LayerCount:
    layer: Layer
    parameters: int
    flops: int


@dataclass(frozen=True)
class Counts:
    """What a graph costs: `rows` in the graph's order, and the totals."""

    rows: tuple[LayerCount, ...]
    weight_layers: int

    @cached_property
    def parameters(self) -> int:
        return sum(row.parameters for row in self.rows)

    @cached_property
    def flops(self) -> int:
        return sum(row.flops for row in self.rows)

    def flops_of(self, kind: str) -> int:
        """The share of one kind of layer: "conv" alone is how the paper counts VGG-16."""
        return sum(row.flops for row in self.rows if row.layer.op.kind == kind)


def count(graph: Graph) -> Counts:
    rows = tuple(LayerCount(layer, graph.parameters(layer), graph.multiply_adds(layer)) for layer in graph.layers)
    return Counts(rows, len(graph.weight_layers))


def exact(number: int) -> str:
    """All digits, in threes: 25 557 032."""
    return f"{number:,}".replace(",", " ")


def short(number: int, digits: int = 2) -> str:
    """Rounded with a decimal unit: 3.86 G, 25.56 M, 9 408."""
    for unit, letter in ((10**12, "T"), (10**9, "G"), (10**6, "M")):
        if number >= unit:
            return f"{number / unit:.{digits}f} {letter}"
    return exact(number)
