"""Parameters, FLOPs and activation memory of a graph, layer by layer and in all, as exact integers.

Convention: the paper's. FLOPs are multiply-adds of convolutions and fully connected layers, for one image; biases,
normalisation, activations, pooling and additions are not counted. Rounding happens in the label, nowhere else.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from resviz.base.translation import _, ngettext
from resviz.nets.blocks.detector import PROPOSALS

if TYPE_CHECKING:
    from resviz.nets.graph import Graph, Layer
    from resviz.nets.op import Shape

REGIONS = 300
"""Of an image that a detector looks at: Ren et al. 2015, section 4."""
BYTES = 4
"""Of one activation: float32."""


@dataclass(frozen=True)
class Convention:
    """How FLOPs are counted: a multiply-add counts as `factor`.

    `unit` is shown after a number, and `text` explains the convention.
    """

    factor: int
    unit: str
    text: str


MULTIPLY_ADDS = Convention(
    1,
    "multiply-adds",
    _("FLOPs: multiply-adds of convolutions and fully connected layers for one image, as the paper counts them"),
)
COUNTING_BOTH = Convention(
    2,
    "×2",
    _(
        "FLOPs ×2: a multiplication and an addition count as two, in convolutions and fully connected "
        "layers, for one image"
    ),
)
PRODUCTS_TOO = _(
    "FLOPs: multiply-adds of convolutions, fully connected layers and matrix products (attention, recurrence) in this "
    "run"
)
"""The convention for models of other programs."""
PARAMETERS = _("Parameters: numbers that are learned, without the running statistics of normalization")
MEMORY = _(
    "Activation memory: the output of every layer for one image, 4 bytes per number (float32). "
    "Activations, dropout and flatten that work in place need no memory"
)


@dataclass(frozen=True)
class LayerCount:
    """What a layer costs. `activations` is 0 if the layer works in place."""

    layer: Layer
    parameters: int
    flops: int
    activations: int

    @property
    def bytes(self) -> int:
        """Bytes of the layer's output in float32, for one image."""
        return BYTES * self.activations


class Share(NamedTuple):
    """A part of a net that is counted apart."""

    name: str
    parameters: int
    flops: int


@dataclass(frozen=True)
class Counts:
    """What a graph costs: one row for each layer, in the order of the graph, and the totals.

    FLOPs are multiply-adds. `depth` is the number of weight layers on the longest path: all of them, unless branches
    lie side by side.
    """

    rows: tuple[LayerCount, ...]
    weight_layers: int
    depth: int

    @cached_property
    def parameters(self) -> int:
        """Parameters of all layers."""
        return sum(row.parameters for row in self.rows)

    @cached_property
    def flops(self) -> int:
        """Multiply-adds of all layers, for one image."""
        return sum(row.flops for row in self.rows)

    @cached_property
    def activations(self) -> int:
        """Numbers in the outputs of all layers, for one image."""
        return sum(row.activations for row in self.rows)

    @property
    def bytes(self) -> int:
        """Bytes of all outputs in float32, for one image."""
        return BYTES * self.activations

    @property
    def layers_text(self) -> str:
        """How many weight layers, and how deep they are where that is not the same: 58 weight layers, 22 deep."""
        layers = ngettext("{count} weight layer", "{count} weight layers", self.weight_layers).format(
            count=self.weight_layers
        )
        return (
            layers
            if self.depth == self.weight_layers
            else _("{layers}, {depth} deep").format(layers=layers, depth=self.depth)
        )

    @cached_property
    def shares(self) -> tuple[Share, ...]:
        """The parts of a detector: the shared part, the proposals, and one region. Empty for other nets."""
        if not any(row.layer.per_region for row in self.rows):
            return ()
        parts: dict[str, list[LayerCount]] = {"shared": [], PROPOSALS: [], "each region": []}
        for row in self.rows:
            alone = PROPOSALS if row.layer.stage == PROPOSALS else "shared"
            parts["each region" if row.layer.per_region else alone].append(row)
        return tuple(
            Share(name, sum(row.parameters for row in rows), sum(row.flops for row in rows))
            for name, rows in parts.items()
        )

    def kind_flops(self, kind: str) -> int:
        """Return the share of one kind of layer: "conv" alone is how the paper counts VGG-16."""
        return sum(row.flops for row in self.rows if row.layer.op.kind == kind)


def count(graph: Graph) -> Counts:
    """Count parameters, multiply-adds and activations of each layer. Layers that work in place add no activations."""
    costs: dict[tuple[int, Shape], tuple[int, int, int]] = {}  # a deep net repeats few layers
    rows = []
    for layer in graph.layers:
        key = id(layer.op), layer.shape
        if key not in costs:
            costs[key] = graph.parameters(layer), graph.multiply_adds(layer), math.prod(layer.shape)
        parameters, multiply_adds, activations = costs[key]
        rows.append(LayerCount(layer, parameters, multiply_adds, 0 if graph.in_place(layer) else activations))
    return Counts(tuple(rows), len(graph.weight_layers), graph.depth)


def totals_text(counts: Counts) -> str:
    """Return a net's layers, parameters, FLOPs and memory in one line."""
    text = _("{layers} · {parameters} parameters · {flops} FLOPs ({short_flops}) · {memory} of activations")
    return text.format(
        layers=counts.layers_text,
        parameters=exact(counts.parameters),
        flops=exact(counts.flops),
        short_flops=short(counts.flops),
        memory=short_bytes(counts.bytes),
    )


def shares_text(counts: Counts, convention: Convention = MULTIPLY_ADDS) -> str:
    """Return what a detector's parts cost, and all of them with as many regions as Ren et al. 2015 take.

    Return "" for other nets.
    """
    if not counts.shares:
        return ""
    parts = [
        _("{part}: {parameters} parameters, {flops} FLOPs").format(
            part=share.name, parameters=short(share.parameters), flops=short(share.flops * convention.factor)
        )
        for share in counts.shares
    ]
    shared, proposals, region = (share.flops * convention.factor for share in counts.shares)
    return (
        " · ".join(parts)
        + " · "
        + _("{flops} FLOPs with {count} regions").format(
            flops=short(shared + proposals + REGIONS * region), count=REGIONS
        )
    )


def exact(number: int) -> str:
    """Return all digits, in threes: 25 557 032."""
    return f"{number:,}".replace(",", " ")


def short(number: int, digits: int = 2) -> str:
    """Return a number with a decimal unit, rounded: 3.86 G, 25.56 M, 9 408."""
    for unit, letter in ((10**12, "T"), (10**9, "G"), (10**6, "M")):
        if abs(number) >= unit:
            return f"{number / unit:.{digits}f} {letter}"
    return exact(number)


def short_bytes(number: int) -> str:
    """Return bytes with a decimal unit, as disks and papers count: 22.61 MB, 4.1 kB."""
    for unit, letter in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if abs(number) >= unit:
            return f"{number / unit:.{1 if letter == 'kB' else 2}f} {letter}"
    return f"{number} B"
