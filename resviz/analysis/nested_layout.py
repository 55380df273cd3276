"""Where the boxes and frames of a nested picture go.

graphlay lays out boxes inside frames in layers. It is a young library, so nothing else of ours knows it, and where it
fails the boxes stand in a column.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from resviz.analysis.nested_picture import Frame, NestedPicture, Node

WIDTH, LINE, PAD, HEADER = 196.0, 15.0, 10.0, 20.0
"""Width of a box, height of a line of text, room around what is in a frame, and the height of a frame's title."""
GAP, APART = 16.0, 14.0
"""From a box to the one below it, and to the one beside it."""
MAX_BENDS, MAX_BOXES = 2000, 3000
"""Places where long lines pass layers, and boxes. More of them take seconds, and graphlay lets no other thread work.

So many take a quarter of a second. The whole of any model of torchvision takes a sixth of that."""


class Area(NamedTuple):
    """A rectangle by its upper left corner."""

    x: float
    y: float
    width: float
    height: float


Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class NestedLayout:
    """Areas of the boxes and of the frames, and the corners of each line."""

    nodes: tuple[Area, ...]
    frames: tuple[Area, ...]
    edges: tuple[Points, ...]


def node_height(node: Node) -> float:
    """Return the height of a box: a line for its title, its note and what it reads without a line."""
    return 5 + LINE * (1 + bool(node.note) + len(node.reads[:2]))


def lay_out(picture: NestedPicture) -> NestedLayout:
    """Return where everything stands, the same each time."""
    if len(picture.nodes) > MAX_BOXES:
        return in_column(picture)
    import graphlay  # when there is something to lay out: the window must not wait for it

    graph = graphlay.Graph()
    for frame in picture.frames:
        graph.node(width=WIDTH + 2 * PAD, height=HEADER + 2 * PAD, parent=None if frame.outer < 0 else frame.outer)
    first = len(picture.frames)
    for node in picture.nodes:
        graph.node(width=WIDTH, height=node_height(node), parent=None if node.frame < 0 else node.frame)
    for start, end in picture.edges:
        graph.edge(first + start, first + end)
    options = {
        "direction": "topbottom",
        "spacing": {
            "layer_gap": GAP,
            "node_gap": APART,
            "dummy_gap": APART,
            "compound_header": HEADER,
            "compound_padding": PAD,
        },
        "limits": {"max_dummies": MAX_BENDS},
    }
    try:
        found = graphlay.layout(graph, options=options)
    except graphlay.GraphlayError:
        return in_column(picture)
    areas = [
        Area(
            item["center"]["x"] - item["size"]["width"] / 2,
            item["center"]["y"] - item["size"]["height"] / 2,
            item["size"]["width"],
            item["size"]["height"],
        )
        for item in found.nodes
    ]
    lines = tuple(tuple((point["x"], point["y"]) for point in edge["points"]) for edge in found.edges)
    return NestedLayout(tuple(areas[first:]), tuple(areas[:first]), lines)


def in_column(picture: NestedPicture) -> NestedLayout:
    """Return the boxes below each other, with lines at their right: what is left where a picture is too tangled."""
    inside: dict[int, list[tuple[int, Frame | Node]]] = {}
    for index, frame in enumerate(picture.frames):
        inside.setdefault(frame.outer, []).append((index, frame))
    for index, node in enumerate(picture.nodes):
        inside.setdefault(node.frame, []).append((index, node))
    order = {layer: place for place, node in enumerate(picture.nodes) for layer in node.layers}
    nodes: dict[int, Area] = {}
    frames: dict[int, Area] = {}

    def place(outer: int, x: float, y: float) -> tuple[float, float]:
        """Put what is in a frame at a place, and return its width and its lower end."""
        width = WIDTH
        for index, item in sorted(inside.get(outer, []), key=lambda one: order[one[1].layers[0]]):
            if hasattr(item, "outer"):
                wide, end = place(index, x + PAD, y + HEADER + PAD)
                frames[index] = Area(x, y, wide + 2 * PAD, end + PAD - y)
                width, y = max(width, wide + 2 * PAD), end + PAD + GAP
            else:
                height = node_height(picture.nodes[index])
                nodes[index] = Area(x, y, WIDTH, height)
                y += height + GAP
        return width, y - GAP

    width, _end = place(-1, 0.0, 0.0)
    lines: list[Points] = []
    for number, (start, end) in enumerate(picture.edges):
        a, b = nodes[start], nodes[end]
        right = width + APART * (1 + number % 12)
        if end == start + 1 and a.x == b.x:
            lines.append(((a.x + WIDTH / 2, a.y + a.height), (b.x + WIDTH / 2, b.y)))
        else:
            out, back = a.y + a.height / 2, b.y + b.height / 2
            lines.append(((a.x + WIDTH, out), (right, out), (right, back), (b.x + WIDTH, back)))
    areas = tuple(nodes[index] for index in range(len(nodes)))
    return NestedLayout(areas, tuple(frames[index] for index in range(len(frames))), tuple(lines))
