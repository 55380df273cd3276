"""The parts of a net's picture: boxes, shortcut arcs, and where each stands. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

FOLDED_ROWS = 2
"""A folded box is two rows high; its second line says what it holds."""


@dataclass(frozen=True)
class Box:
    """A box at a row, from the top; `layers` are the names that it stands for, the drawn one first.

    `level` is the height of its map, 0 behind the last one: what nets are aligned by; `width` is its width. `fold` is
    the block or the stage that a folded box stands for, and `note` its second line. `lane` is how far its middle is
    from the main column's, in branches; `span` how many of them it is wide, 0 for a box of the column's own width.
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
    lane: float = 0.0
    span: float = 0.0

    @property
    def rows(self) -> int:
        """Height of the box in rows."""
        return FOLDED_ROWS if self.fold else 1


@dataclass(frozen=True)
class Arc:
    """A shortcut from box `start` to box `end`. It is dotted if it increases dimensions, as in figure 3."""

    start: int
    end: int
    dotted: bool
    projection: bool
    label: str
    layers: tuple[str, ...]


@dataclass(frozen=True)
class GraphLayout:
    """Where the boxes, shortcuts and connections of a net's picture lie, in rows and lanes."""

    boxes: tuple[Box, ...]
    arcs: tuple[Arc, ...]
    links: tuple[tuple[int, int], ...] = ()
    """Which box reads which: (from, to)."""

    @cached_property
    def reach(self) -> tuple[float, float]:
        """How far the boxes of branches reach to the left and to the right of the main column's middle, in branches."""
        left = min((box.lane - box.span / 2 for box in self.boxes), default=0.0)
        return -min(left, 0.0), max([0.0, *(box.lane + box.span / 2 for box in self.boxes)])

    def find_layer(self, layer: str) -> tuple[str, int] | None:
        """Return ("box", index) or ("arc", index) of the part that has a layer."""
        return self._places.get(layer)

    @property
    def rows(self) -> int:
        """Height of the picture in rows."""
        return max((box.row + box.rows for box in self.boxes), default=0)

    @cached_property
    def _places(self) -> dict[str, tuple[str, int]]:
        places = {layer: ("arc", index) for index, arc in enumerate(self.arcs) for layer in arc.layers}
        return places | {layer: ("box", index) for index, box in enumerate(self.boxes) for layer in box.layers}
