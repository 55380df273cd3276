"""Where each box and each shortcut of a net's picture goes: figure 3 of "Deep Residual Learning", as data. No Qt.

A box stands for a layer that the figure draws (image, convolution, pooling, fc) and for those behind it that it leaves
out (normalisation, activation, sum); a folded one for a whole block or stage. A shortcut is an arc from behind one box
to behind another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property

from resviz.nets.graph import Graph, Layer

_SUMS = ("add", "highway sum")
_DRAWN = ("input", "conv", "fc", "max pool", "average pool")
FOLDED_ROWS = 2
"""A folded box is as high as two, and says what it holds in a second line."""
UNFOLDED_MOST = 200
"""A net of more boxes than this is first shown with its stages folded."""
_KERNELS_MOST = 4
Cost = Callable[[Sequence[Layer]], str]


@dataclass(frozen=True)
class Box:
    """A box at a row, from the top; `layers` are the names that it stands for, the drawn one first.

    `level` is the height of its map, 0 behind the last one: what nets are aligned by; `width` is its width. `fold` is
    the block or the stage that a folded box stands for, and `note` its second line.
    """

    row: int
    label: str
    stage: str
    layers: tuple[str, ...]
    level: int = 0
    width: int = 0
    block: str = ""
    fold: str = ""
    note: str = ""

    @property
    def rows(self) -> int:
        return FOLDED_ROWS if self.fold else 1


@dataclass(frozen=True)
class Arc:
    """A shortcut from behind box `start` to behind box `end`. Dotted where it increases dimensions, as in figure 3."""

    start: int
    end: int
    dotted: bool
    projection: bool
    label: str
    layers: tuple[str, ...]


@dataclass(frozen=True)
class Picture:
    boxes: tuple[Box, ...]
    arcs: tuple[Arc, ...]

    def place_of(self, layer: str) -> tuple[str, int] | None:
        """("box", index) or ("arc", index) of the part that stands for a layer."""
        return self._places.get(layer)

    @property
    def rows(self) -> int:
        return self.boxes[-1].row + self.boxes[-1].rows if self.boxes else 0

    @cached_property
    def _places(self) -> dict[str, tuple[str, int]]:
        places = {layer: ("arc", index) for index, arc in enumerate(self.arcs) for layer in arc.layers}
        return places | {layer: ("box", index) for index, box in enumerate(self.boxes) for layer in box.layers}


def draw(graph: Graph, folded: Set[str] = frozenset(), cost: Cost | None = None) -> Picture:
    """The picture of a graph whose main path is one column: every net that a depth table describes.

    `folded` names blocks and stages that are one box each; `cost` says in a line what their layers cost.
    """
    groups: list[list[Layer]] = []
    folds: list[str] = []
    places: dict[str, int] = {}
    totals: list[Layer] = []
    for layer in graph.layers:
        fold = _fold(layer, folded)
        if layer.on_shortcut and not fold:
            continue
        goes_on = bool(groups) and (fold == folds[-1] if fold or folds[-1] else layer.op.kind not in _DRAWN)
        if goes_on:
            groups[-1].append(layer)
        else:
            groups.append([layer])
            folds.append(fold)
        places[layer.name] = len(groups) - 1
        if layer.op.kind in _SUMS and fold in ("", layer.block):
            totals.append(layer)
    boxes: list[Box] = []
    for layers, fold in zip(groups, folds, strict=True):
        row = boxes[-1].row + boxes[-1].rows if boxes else 0
        boxes.append(_box(row, layers, fold, cost))
    arcs = [_arc(graph, layer, places, folded) for layer in totals]
    return Picture(tuple(boxes), tuple(arc for arc in arcs if arc.start != arc.end))


def _fold(layer: Layer, folded: Set[str]) -> str:
    return layer.stage if layer.stage in folded else layer.block if layer.block in folded else ""


def _box(row: int, layers: list[Layer], fold: str, cost: Cost | None) -> Box:
    first = layers[0]
    drawn = next((layer for layer in layers if layer.op.kind in _DRAWN), first)
    level, width = drawn.shape[1:] if len(drawn.shape) == 3 else (0, 0)
    names = tuple(layer.name for layer in layers)
    if not fold:
        return Box(row, first.op.label(), first.stage, names, level, width, first.block)
    weighted = [layer for layer in layers if layer.counts_as_depth]
    blocks = len({layer.block for layer in layers if layer.block})
    if fold == first.stage:
        parts = f"{blocks} block{'s' if blocks > 1 else ''}, " if blocks else ""
        label = f"{fold}: {parts}{len(weighted)} layer{'s' if len(weighted) > 1 else ''}"
    else:
        kernels = [layer.op.label().partition(" conv")[0] for layer in weighted]
        parts = ", ".join(kernels) if len(kernels) <= _KERNELS_MOST else f"{len(kernels)} convolutions"
        label = f"{parts}, {weighted[-1].shape[0]}" if weighted else fold
    note = cost(layers) if cost else f"{len(layers)} nodes"
    block = "" if fold == first.stage else first.block
    return Box(row, label, first.stage, names, level, width, block, fold, note)


def _arc(graph: Graph, total: Layer, places: dict[str, int], folded: Set[str]) -> Arc:
    """The arc of a sum: its second input is the shortcut's end, and a highway's third the gate beside it."""
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
        places[total.name],
        source.shape != total.shape,
        any(layer.op.weighted for layer in passed),
        passed[0].op.label() if passed else "identity",
        () if inside else tuple(layer.name for layer in passed),
    )


def foldable(graph: Graph, by: str) -> frozenset[str]:
    """The names of the "block"s or "stage"s that are worth folding; of "layer"s, none."""
    if by == "layer":
        return frozenset()
    drawn: dict[str, int] = {}
    for layer in graph.layers:
        name = layer.block if by == "block" else layer.stage
        if name and layer.op.kind in _DRAWN and not layer.on_shortcut:
            drawn[name] = drawn.get(name, 0) + 1
    least = 2 if by == "block" else FOLDED_ROWS + 1
    return frozenset(name for name, number in drawn.items() if number >= least)


def first_fold(graph: Graph) -> str:
    """How a net is first shown: its stages folded where there are more layers than can be looked at."""
    drawn = sum(layer.op.kind in _DRAWN and not layer.on_shortcut for layer in graph.layers)
    return "stage" if drawn > UNFOLDED_MOST else "layer"


def side_by_side(pictures: Sequence[Picture]) -> list[Picture]:
    """The pictures with maps of one size at one height, as figure 3 stands three nets."""
    if len(pictures) < 2:
        return list(pictures)
    heights: dict[int, int] = {}
    for picture in pictures:
        for level in {box.level for box in picture.boxes}:
            rows = sum(box.rows for box in picture.boxes if box.level == level)
            heights[level] = max(heights.get(level, 0), rows)
    starts, top = {}, 0
    for level in sorted(heights, reverse=True):
        starts[level] = top
        top += heights[level]
    return [_placed(picture, dict(starts)) for picture in pictures]


def _placed(picture: Picture, free: dict[int, int]) -> Picture:
    boxes = []
    for box in picture.boxes:
        boxes.append(replace(box, row=free[box.level]))
        free[box.level] += box.rows
    return replace(picture, boxes=tuple(boxes))
