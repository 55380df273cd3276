"""Where each box and each shortcut of a net's picture goes: figure 3 of "Deep Residual Learning", as data. No Qt.

A box stands for a layer that the figure draws (image, convolution, pooling, fc) and for those behind it that it leaves
out (normalisation, activation, sum). A shortcut is an arc from behind one box to behind another.
"""

from __future__ import annotations

from dataclasses import dataclass

from resviz.nets.graph import Graph, Layer

_SUMS = ("add", "highway sum")
_DRAWN = ("input", "conv", "fc", "max pool", "average pool")


@dataclass(frozen=True)
class Box:
    """A box at a row, from the top; `layers` are the names that it stands for, the drawn one first."""

    row: int
    label: str
    stage: str
    layers: tuple[str, ...]


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
        for index, box in enumerate(self.boxes):
            if layer in box.layers:
                return "box", index
        for index, arc in enumerate(self.arcs):
            if layer in arc.layers:
                return "arc", index
        return None


def draw(graph: Graph) -> Picture:
    """The picture of a graph whose main path is one column: every net that a depth table describes."""
    rows: dict[str, int] = {}
    boxes: list[list[Layer]] = []
    arcs: list[Arc] = []
    for layer in graph.layers:
        if layer.on_shortcut:
            continue
        if layer.op.kind in _DRAWN or not boxes:
            boxes.append([layer])
        else:
            boxes[-1].append(layer)
        rows[layer.name] = len(boxes) - 1
        if layer.op.kind in _SUMS:
            arcs.append(_arc(graph, layer, rows))
    return Picture(
        tuple(
            Box(row, layers[0].op.label(), layers[0].stage, tuple(layer.name for layer in layers))
            for row, layers in enumerate(boxes)
        ),
        tuple(arcs),
    )


def _arc(graph: Graph, total: Layer, rows: dict[str, int]) -> Arc:
    """The arc of a sum: its second input is the shortcut's end, and a highway's third the gate beside it."""
    passed: list[Layer] = []
    for end in total.inputs[1:]:
        source = graph[end]
        while source.on_shortcut:
            passed.append(source)
            source = graph[source.inputs[0]]
    passed.reverse()
    return Arc(
        rows[source.name],
        rows[total.name],
        source.shape != total.shape,
        any(layer.op.weighted for layer in passed),
        passed[0].op.label() if passed else "identity",
        tuple(layer.name for layer in passed),
    )
