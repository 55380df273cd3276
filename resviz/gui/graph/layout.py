"""Where each box and each shortcut of a net's picture goes: figure 3 of "Deep Residual Learning", as data. No Qt.

A box stands for a layer that the figure draws (image, convolution, pooling, fc) and for those behind it that it leaves
out (normalisation, activation, sum); a folded one for a whole block or stage. A shortcut is an arc from behind one box
to behind another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import replace

from resviz.gui.graph.lanes import Lanes
from resviz.gui.graph.layout_parts import FOLDED_ROWS, Arc, Box, GraphLayout
from resviz.nets.graph import Graph, Layer
from resviz.nets.ops.recorded import Recorded

_SUMS = ("add", "highway sum")
_DRAWN = (
    "input",
    "conv",
    "fc",
    "max pool",
    "average pool",
    "pyramid pool",
    "concat",
    "mean",
    "fuse",
    "transposed conv",
    "region pool",
)
OPERATIONS = "operation"
"""Nothing is folded, and nothing left out."""
MAX_UNFOLDED = 200
"""A net of more boxes than this is first shown with its stages folded."""
_MAX_KERNELS = 4
Cost = Callable[[Sequence[Layer]], str]


def lay_out(
    graph: Graph, folded: Set[str] = frozenset(), cost: Cost | None = None, *, operations: bool = False
) -> GraphLayout:
    """Return the picture of a graph.

    The main path is a column. The branches of a block lie side by side in it, and an auxiliary classifier lies at its
    right.

    Args:
        graph: The net.
        folded: Names of the blocks and stages that are drawn as one box each.
        cost: Words what some layers cost, in one line.
        operations: Whether every operation has a box of its own: normalizations, activations and sums too.
    """
    groups: list[list[Layer]] = []
    folds: list[str] = []
    places: dict[str, int] = {}
    totals: list[Layer] = []
    open_folds: dict[str, int] = {}
    for layer in graph.layers:
        fold = _fold(layer, folded)
        if layer.on_shortcut and not fold:
            continue
        source = places.get(layer.inputs[0]) if layer.inputs else None
        if fold:
            place = open_folds.setdefault(fold, len(groups))
        elif source is None or folds[source] or operations or _is_drawn(layer):
            place = len(groups)
        else:
            place = source
        if place == len(groups):
            groups.append([])
            folds.append(fold)
        groups[place].append(layer)
        places[layer.name] = place
        if layer.op.kind in _SUMS and fold in ("", layer.block):
            totals.append(layer)
    links = _links(groups, places)
    boxes: list[Box] = []
    lanes = Lanes(layer for layer in graph.layers if not _fold(layer, folded))
    for layers, fold, sources in zip(groups, folds, links, strict=True):
        above = [boxes[source] for source in sources]
        lane, span = lanes.of(layers[0], fold, above)
        boxes.append(_box(lanes.row(lane, above), layers, fold, cost, above, lane, span))
        lanes.take(boxes[-1])
    arcs = [_arc(graph, layer, places, folded, operations=operations) for layer in totals]
    pairs = [(source, end) for end, sources in enumerate(links) for source in sources]
    return GraphLayout(tuple(boxes), tuple(arc for arc in arcs if arc.start != arc.end), tuple(pairs))


def _is_drawn(layer: Layer) -> bool:
    """Return whether a layer has a box of its own: what figure 3 draws, and recorded calls that multiply or look up."""
    return layer.op.kind in (*_DRAWN, "embedding") or (isinstance(layer.op, Recorded) and bool(layer.op.work))


def _links(groups: list[list[Layer]], places: dict[str, int]) -> list[list[int]]:
    """For each box the boxes whose output it reads; what a shortcut brings is an arc, and none of them."""
    found = []
    for place, layers in enumerate(groups):
        sources = []
        for layer in layers:
            names = layer.inputs[:1] if layer.op.kind in _SUMS else layer.inputs
            sources += [places[name] for name in names if name in places]
        found.append([source for source in dict.fromkeys(sources) if source != place])
    return found


def _fold(layer: Layer, folded: Set[str]) -> str:
    return layer.stage if layer.stage in folded else layer.block if layer.block in folded else ""


def _box(
    row: int, layers: list[Layer], fold: str, cost: Cost | None, above: list[Box], lane: float, span: float
) -> Box:
    first = layers[0]
    drawn = next((layer for layer in layers if _is_drawn(layer)), first)
    level, width = drawn.shape[1:] if len(drawn.shape) == 3 else (0, 0)
    if first.auxiliary and above:  # stands beside what it classifies, however small its own map is
        level, width = above[0].level, above[0].width
    if above and level > above[0].level:  # upsampled: behind the net's smallest maps
        level, width = 0, 0
    names = tuple(layer.name for layer in layers)
    if not fold:
        label = "+" if first.op.kind in _SUMS else first.op.label()
        if first.op.kind == "concat":
            label += f", {first.shape[0]}"
        elif first.auxiliary and above and not above[0].layers[0].startswith(f"{first.block}."):
            label = f"{first.block}: {label}"
        return Box(row, label, first.stage, names, level, width, first.block, lane=lane, span=span)
    weighted = [layer for layer in layers if layer.op.weighted and not layer.on_shortcut]
    blocks = len({layer.block for layer in layers if layer.block})
    if first.auxiliary or (any(layer.branch for layer in layers) and fold == first.block):
        label = f"{fold}, {layers[-1].shape[0]}"
    elif fold == first.stage:
        parts = f"{blocks} block{'s' if blocks > 1 else ''}, " if blocks else ""
        label = f"{fold}: {parts}{len(weighted)} layer{'s' if len(weighted) > 1 else ''}"
    else:
        kernels = [layer.op.label().partition(" conv")[0] for layer in weighted]
        parts = ", ".join(kernels) if len(kernels) <= _MAX_KERNELS else f"{len(kernels)} convolutions"
        label = f"{parts}, {layers[-1].shape[0]}" if weighted else fold
    note = cost(layers) if cost else f"{len(layers)} nodes"
    block = "" if fold == first.stage else first.block
    return Box(row, label, first.stage, names, level, width, block, fold, note, lane, span)


def _arc(graph: Graph, total: Layer, places: dict[str, int], folded: Set[str], *, operations: bool) -> Arc:
    """Return the arc of a sum: its second input is the shortcut's end, and a highway's third the gate beside it.

    An arc ends behind a box. A sum with a box of its own is reached from behind the box before it.
    """
    passed: list[Layer] = []
    for end in total.inputs[1:]:
        source = graph[end]
        while source.on_shortcut:
            passed.append(source)
            source = graph[source.inputs[0]]
    passed.reverse()
    inside = _fold(total, folded)
    return Arc(
        places[source.name],
        places[total.inputs[0] if operations and not inside else total.name],
        source.shape != total.shape,
        any(layer.op.weighted for layer in passed),
        passed[0].op.label() if passed else "identity",
        () if inside else tuple(layer.name for layer in passed),
    )


def foldable(graph: Graph, by: str) -> frozenset[str]:
    """Return the names of the blocks or stages that are worth folding. For layers and operations there are none."""
    if by in ("layer", OPERATIONS):
        return frozenset()
    drawn: dict[str, int] = {}
    for layer in graph.layers:
        name = layer.block if by == "block" else layer.stage
        if name and layer.op.kind in _DRAWN and not layer.on_shortcut:
            drawn[name] = drawn.get(name, 0) + 1
    least = 2 if by == "block" else FOLDED_ROWS + 1
    return frozenset(name for name, number in drawn.items() if number >= least)


def first_fold(graph: Graph) -> str:
    """Return how a net is folded at first: by stages if it has too many layers to look at."""
    drawn = sum(layer.op.kind in _DRAWN and not layer.on_shortcut for layer in graph.layers)
    return "stage" if drawn > MAX_UNFOLDED else "layer"


def side_by_side(pictures: Sequence[GraphLayout]) -> list[GraphLayout]:
    """Return the pictures with maps of one size at one height, as in figure 3."""
    if len(pictures) < 2:
        return list(pictures)
    extents = [_extents(picture) for picture in pictures]
    heights: dict[int, int] = {}
    for own in extents:
        for level, (top, bottom) in own.items():
            heights[level] = max(heights.get(level, 0), bottom - top)
    starts, row = {}, 0
    for level in sorted(heights, reverse=True):
        starts[level] = row
        row += heights[level]
    return [
        replace(picture, boxes=tuple(replace(b, row=b.row + starts[b.level] - own[b.level][0]) for b in picture.boxes))
        for picture, own in zip(pictures, extents, strict=True)
    ]


def _extents(picture: GraphLayout) -> dict[int, tuple[int, int]]:
    """From which row to which the maps of one height reach."""
    found: dict[int, tuple[int, int]] = {}
    for box in picture.boxes:
        top, bottom = found.get(box.level, (box.row, box.row))
        found[box.level] = min(top, box.row), max(bottom, box.row + box.rows)
    return found
