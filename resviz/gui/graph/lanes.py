"""Side by side: which way of a branching net a box of its picture stands on. No Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from resviz.gui.graph.layout_parts import Box
    from resviz.nets.graph import Layer

_MEETS = ("concat", "mean")
_MAIN_REACH = 1.25
"""How far the main column and its shortcuts reach to the right, in branches."""


class Lanes:
    """Gives boxes their places, from the input on: a lane, how many lanes wide, and the first row that is free.

    The branches of a block lie evenly about the main column; what they meet in is as wide as they are; auxiliary
    classifiers, and scores that skip to the end of a fully convolutional net, stand at the right of all.
    """

    def __init__(self, layers: Iterable[Layer]) -> None:
        """Prepare the lanes. `layers` have boxes of their own."""
        self._branches: dict[str, int] = {}
        for layer in layers:
            if layer.branch and layer.block:
                self._branches[layer.block] = max(self._branches.get(layer.block, 0), layer.branch)
        self._side = max([_MAIN_REACH, *(number / 2 for number in self._branches.values())]) + 0.6
        self._free: dict[float, int] = {}

    def of(self, layer: Layer, fold: str, above: Sequence[Box]) -> tuple[float, float]:
        """Return lane and span of the box that begins with a layer. `above` are the boxes that it reads."""
        if layer.auxiliary:
            return self._side, 1.0
        if layer.branch and not layer.block:
            return self._side + layer.branch - 1, 1.0
        if fold:
            return 0.0, 0.0
        if layer.op.kind in _MEETS and above:
            left = min(box.lane - box.span / 2 for box in above)
            right = max(box.lane + box.span / 2 for box in above)
            return (left + right) / 2, right - left
        if layer.branch:
            return layer.branch - (self._branches[layer.block] + 1) / 2, 1.0
        return 0.0, 0.0

    def row(self, lane: float, above: Sequence[Box]) -> int:
        """Return the first row below all that a box reads, and below its lane's boxes."""
        return max([self._free.get(lane, 0), *(box.row + box.rows for box in above)])

    def take(self, box: Box) -> None:
        """Reserve a box's rows in its lane."""
        self._free[box.lane] = box.row + box.rows
