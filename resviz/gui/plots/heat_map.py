"""A quantity over layers and steps as a picture: a column a step, a row a layer, that grows as a run does. No Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from resviz.measurements.history import RunHistory
    from resviz.measurements.quantity import Quantity

MAX_COLUMNS, MAX_ROWS = 800, 400
"""What a screen can show; of more steps every second or fourth is drawn, of more layers every second or third."""


class HeatMap:
    """The picture of one quantity of one net: `update` takes in the new steps only.

    On a log scale it is log10; what is exactly 0, or no number, is NaN: a blank.
    """

    def __init__(self, history: RunHistory, quantity: Quantity) -> None:
        self.history, self.quantity = history, quantity
        places = len(history.layers.along(quantity.axis))
        self.every_layer = max(1, -(-places // MAX_ROWS))
        self.every = 1
        """Of how many steps one is drawn."""
        self._image = np.empty((len(range(0, places, self.every_layer)), MAX_COLUMNS), np.float32)
        self._columns = self._seen = 0

    @property
    def image(self) -> np.ndarray:
        """(layer, step), the first layer first."""
        return self._image[:, : self._columns]

    def update(self) -> None:
        """Add the steps that were measured since the last call."""
        values = self.history.column(self.quantity.name)
        if values.ndim != 2:
            return
        while self._seen < self.history.count:
            room = (MAX_COLUMNS - self._columns) * self.every
            if room == 0:
                self._thin()
                continue
            rows = values[self._seen : min(self.history.count, self._seen + room)]
            first = -self._seen % self.every
            chosen = rows[first :: self.every, :: self.every_layer]
            self._image[:, self._columns : self._columns + len(chosen)] = scaled(chosen, self.quantity).T
            self._columns += len(chosen)
            self._seen += len(rows)

    def range(self) -> tuple[float, float] | None:
        """Return the least and the largest of all that is drawn; None where nothing is."""
        finite = self.image[np.isfinite(self.image)]
        return (float(finite.min()), float(finite.max())) if len(finite) else None

    def _thin(self) -> None:
        """Every second column, from now on."""
        kept = self._image[:, : self._columns : 2].copy()
        self._columns = kept.shape[1]
        self._image[:, : self._columns] = kept
        self.every *= 2


def windowed(history: RunHistory, quantity: Quantity, low: int, high: int) -> tuple[np.ndarray, int, int]:
    """Return some steps as a picture (layer, step), and how many layers and steps make a row and a column."""
    values = history.column(quantity.name)[low:high]
    every = max(1, -(-len(values) // MAX_COLUMNS))
    every_layer = max(1, -(-values.shape[1] // MAX_ROWS)) if values.ndim == 2 else 1
    return scaled(values[::every, ::every_layer], quantity).T, every_layer, every


def scaled(values: np.ndarray, quantity: Quantity) -> np.ndarray:
    """Return the values that colours show: log10 of a quantity on a log scale. NaN means no value."""
    drawn = np.full(values.shape, np.nan, np.float32)
    usable = np.isfinite(values)
    if quantity.log:
        usable &= values > 0
        np.log10(values, out=drawn, where=usable)
    else:
        drawn[usable] = values[usable]
    return drawn


def levels(ranges: list[tuple[float, float]], quantity: Quantity) -> tuple[float, float]:
    """Return the ends of the colour scale: whole decades for a logarithm, so that colours keep their meaning."""
    if not ranges:
        return (-1.0, 0.0) if quantity.log else (0.0, 1.0)
    low, high = min(low for low, _ in ranges), max(high for _, high in ranges)
    if quantity.log:
        low, high = float(np.floor(low)), float(np.ceil(high))
        return (low, high) if high > low else (low - 1, high)
    if quantity.span is not None:
        low, high = min(low, quantity.span[0]), max(high, quantity.span[1])
    if low >= 0 and high <= 1:
        return 0.0, 1.0
    return (low, high) if high > low else (low - 0.5, high + 0.5)
