"""The picture of one net's numbers: what a heat map draws, and what stands at each of its places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class HeatImage:
    """Values (row, column) of a net, row 0 at the bottom, NaN blank.

    The rectangle that the picture fills is in the units of the axes. `counts` says whether x counts steps.
    """

    name: str
    unit: str
    line_style: int
    values: np.ndarray
    rectangle: tuple[float, float, float, float]
    """Left, bottom, width, height."""
    counts: bool = True
    every: int = 0
    """The number of steps between two columns; 0 where the x axis does not count steps."""
    places: tuple[str, ...] = ()
    """The names of the layers or blocks, from the input to the output; several of them may make a row."""
    log: bool = False
    """Whether the values are base-10 logarithms of what was measured."""

    def cell(self, x: float, y: float) -> tuple[int, int] | None:
        """Return the row and column at a place of the axes; None beside the picture."""
        left, bottom, width, height = self.rectangle
        rows, columns = self.values.shape
        if not (rows and columns and left <= x < left + width and bottom <= y < bottom + height):
            return None
        return int((y - bottom) / height * rows), int((x - left) / width * columns)

    def centre(self, row: int, column: int) -> tuple[float, float]:
        """Return the place of the axes in the middle of a cell."""
        left, bottom, width, height = self.rectangle
        rows, columns = self.values.shape
        return left + (column + 0.5) * width / columns, bottom + (row + 0.5) * height / rows

    def x_of(self, column: int) -> float:
        """Return the step of a column, or the middle of what it stands for."""
        if self.every:  # a column is drawn wider than the step that it stands for
            return self.rectangle[0] + 0.5 + column * self.every
        return self.centre(0, column)[0]

    def row_name(self, row: int) -> str:
        """Return the number of a row's first layer, counted from 1 at the input, and its name if it is known."""
        every = max(1, round(self.rectangle[3] / len(self.values)))
        first = row * every
        return f"{first + 1} ({self.places[first]})" if first < len(self.places) else str(first + 1)
