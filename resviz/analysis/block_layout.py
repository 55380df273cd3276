"""Every operation of one building block, and where each stands: figures 2 and 5 of "Deep Residual Learning", as data.

The way of the residual function is a column. What lies on the shortcut stands at its right, the branches of a block
side by side. A grouped convolution is drawn as the branches that it is equal to (Xie et al. 2017, figure 3b).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from resviz.analysis.counts import exact
from resviz.base.errors import NetError
from resviz.base.translation import _
from resviz.nets.op import format_shape
from resviz.nets.ops import Conv2d, PadShortcut
from resviz.nets.ops.shape_checks import stride_suffix

if TYPE_CHECKING:
    from resviz.nets.graph import Graph, Layer, ResidualBlock

MarkKind = Literal["weights", "normalization", "activation", "pool", "sum", "other"]
Way = Literal["main", "shortcut", "gate"]
SUMS = {"add": "+", "highway sum": "+", "mean": _("mean"), "concat": _("concat")}
"""What stands in the mark of an operation that joins several maps."""
_KINDS: dict[str, MarkKind] = {
    "conv": "weights",
    "fc": "weights",
    "transposed conv": "weights",
    "batch norm": "normalization",
    "local response norm": "normalization",
    "max pool": "pool",
    "average pool": "pool",
    **dict.fromkeys(SUMS, "sum"),
}
_BRANCHES = (-1.0, 0.0, 1.3)
"""Lanes of the branches that are drawn of a grouped convolution. Between the last two the others are left out."""
_WORDS = {"batch norm": _("batch norm"), "relu": "ReLU", "prelu": "PReLU", "leaky relu": "leaky ReLU"}


@dataclass(frozen=True)
class Mark:
    """One operation of a block, or one of the equal branches of a grouped one.

    `lane` is how far it stands from the column of the residual function, in widths of a mark; `row` counts from the
    top, where row 0 is the block's input x. `detail` says what it holds and gives.
    """

    layer: str
    kind: MarkKind
    row: int
    lane: float
    text: str
    detail: str
    formula: str = ""
    """What is summed, where the picture does not say it."""


@dataclass(frozen=True)
class Gradient:
    """A gradient that is measured at an arrow: one of the two terms of eq. 5, of a block, or a layer's response's."""

    term: Literal["shortcut", "residual", "response"]
    place: str
    """The block, or the weight layer."""


@dataclass(frozen=True)
class Arrow:
    """From one mark to another, by their places in the layout; -1 is the block's input."""

    source: int
    target: int
    way: Way = "main"
    gradient: Gradient | None = None
    """What is measured of the gradient that comes back through it."""


@dataclass(frozen=True)
class BlockLayout:
    """A block: its marks and arrows. `input` names the layer that it reads, `shape` is that of x."""

    name: str
    input: str
    shape: str
    marks: tuple[Mark, ...]
    arrows: tuple[Arrow, ...]
    ellipses: tuple[tuple[int, float], ...] = ()
    """Rows and lanes at which branches are left out."""

    @cached_property
    def rows(self) -> int:
        """Rows, with that of x."""
        return 1 + max(mark.row for mark in self.marks)

    @cached_property
    def lanes(self) -> tuple[float, float]:
        """The leftmost and the rightmost lane that anything stands or passes in."""
        lanes = [mark.lane for mark in self.marks] + [self.side_lane(arrow) for arrow in self.arrows]
        return min(0.0, *lanes), max(0.0, *lanes)

    def side_lane(self, arrow: Arrow) -> float:
        """Return the lane in which an arrow passes what stands between its ends; that of its end if nothing does."""
        source, target = self.place(arrow.source), self.marks[arrow.target]
        if target.row - source[0] <= 1 or source[1] != target.lane:
            return target.lane
        between = [mark for mark in self.marks if source[0] < mark.row < target.row]
        if all(mark.lane != target.lane for mark in between):
            return target.lane
        return max([mark.lane for mark in between] + [target.lane]) + 0.75

    def place(self, index: int) -> tuple[int, float]:
        """Return the row and lane of a mark; of the input for -1."""
        return (0, 0.0) if index < 0 else (self.marks[index].row, self.marks[index].lane)


def lay_out_block(graph: Graph, block: str) -> BlockLayout:
    """Return the marks and arrows of a block. Raise NetError if the net has no such block."""
    layers = [layer for layer in graph.layers if layer.block == block]
    if not layers:
        raise NetError(_("{net} has no block {block}.").format(net=graph.name, block=block))
    inside = {layer.name for layer in layers}
    (source,) = dict.fromkeys(name for layer in layers for name in layer.inputs if name not in inside)
    grouped = _grouped(graph, layers)
    rows = {source: 0}
    for layer in layers:
        rows[layer.name] = 1 + max(rows[name] for name in layer.inputs)
    marks: list[Mark] = []
    places: dict[str, list[int]] = {source: [-1]}
    branches = max(layer.branch for layer in layers)
    right = _BRANCHES[-1] if grouped else (branches - 1) / 2 if branches else 0.0
    for layer in layers:
        lanes = _BRANCHES if layer.name in grouped else (_lane(layer, branches, right),)
        parts = grouped.get(layer.name, 1)
        places[layer.name] = list(range(len(marks), len(marks) + len(lanes)))
        marks += [_mark(graph, layer, rows[layer.name], lane, parts) for lane in lanes]
    residual = next((found for found in graph.residual_blocks if found.name == block), None)
    responses = {graph.response_layer(layer).name: layer.name for layer in layers if layer.counts_as_depth}
    arrows = [
        arrow
        for layer in layers
        for number, name in enumerate(layer.inputs)
        for arrow in _arrows(layer, number, places[name], places[layer.name], residual, responses)
    ]
    ellipses = tuple((rows[name], sum(_BRANCHES[-2:]) / 2) for name in grouped)
    return BlockLayout(block, source, format_shape(graph[source].shape), tuple(marks), tuple(arrows), ellipses)


def _grouped(graph: Graph, layers: list[Layer]) -> dict[str, int]:
    """Return the layers that are drawn as branches, and into how many they fall: from before a grouped convolution.

    That is the convolution before it with what follows it, and the grouped one with what follows that, up to the next
    convolution, which takes all branches together.
    """
    grouped = next((layer for layer in layers if isinstance(layer.op, Conv2d) and layer.op.groups > 1), None)
    if grouped is None:
        return {}
    assert isinstance(grouped.op, Conv2d)
    main = [layer for layer in layers if not layer.on_shortcut]
    weighted = [index for index, layer in enumerate(main) if layer.op.weighted]
    at = weighted.index(main.index(grouped))
    first, end = weighted[max(0, at - 1)], weighted[at + 1] if at + 1 < len(weighted) else len(main)
    return {layer.name: grouped.op.groups for layer in main[first:end] if layer.op.kind not in SUMS}


def _lane(layer: Layer, branches: int, right: float) -> float:
    if layer.on_shortcut:
        return right + 1
    return layer.branch - (branches + 1) / 2 if layer.branch else 0.0


def _mark(graph: Graph, layer: Layer, row: int, lane: float, parts: int) -> Mark:
    kind = "activation" if layer.op.nonlinear else _KINDS.get(layer.op.kind, "other")
    text = SUMS.get(layer.op.kind) or _WORDS.get(layer.op.kind) or layer.op.label()
    if isinstance(layer.op, PadShortcut):
        text = _("zeros added") + stride_suffix(layer.op.stride)
    if parts > 1 and isinstance(layer.op, Conv2d):
        text = f"{layer.op.kernel}×{layer.op.kernel} conv, {layer.op.out_channels // parts}"
    found = graph.parameters(layer)
    weights = _("{count} parameters").format(count=exact(found // parts)) if found else ""
    channels = format_shape((layer.shape[0] // parts, *layer.shape[1:]))
    detail = " · ".join(filter(None, (weights, channels)))
    return Mark(layer.name, kind, row, lane, text, detail, "H·T + x·(1 − T)" if layer.op.kind == "highway sum" else "")


def _arrows(
    layer: Layer,
    number: int,
    sources: list[int],
    targets: list[int],
    residual: ResidualBlock | None,
    responses: dict[str, str],
) -> list[Arrow]:
    """Return the arrows from one input of a layer; between branches of equal number each to its own."""
    way: Way = "main"
    if layer.on_shortcut or (layer.op.kind in ("add", "highway sum") and number == 1):
        way = "shortcut"
    if layer.op.kind == "highway sum" and number == 2:
        way = "gate"
    # Gradients are measured for a grouped convolution as a whole, not for each of its branches.
    alone = len(sources) == len(targets) == 1
    gradient = _gradient(layer, layer.inputs[number], residual, responses) if alone else None
    if len(sources) == len(targets):
        return [Arrow(source, target, way, gradient) for source, target in zip(sources, targets, strict=True)]
    return [Arrow(source, target, way, gradient) for source in sources for target in targets]


def _gradient(layer: Layer, source: str, residual: ResidualBlock | None, responses: dict[str, str]) -> Gradient | None:
    """Return what is measured of the gradient that comes back from a layer to its source."""
    if residual is not None and source == residual.source:
        return Gradient("shortcut" if layer.name == residual.branch else "residual", residual.name)
    return Gradient("response", responses[source]) if source in responses else None
