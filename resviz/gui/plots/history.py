"""What a run has measured so far, in growing arrays; and the lines that a view draws of it. No Qt.

Views get base-10 logarithms from here: a plot that takes logarithms itself does so at each repaint.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from resviz.runs.metrics import Rows
from resviz.runs.records import RunLayers

FIRST_ROOM = 256
LOOK_BACK = 1000
"""Steps that are looked through for one at which something was measured."""
_DECADES_FROM = 30.0


@dataclass
class RunHistory:
    """The rows of one net's run. `column` and `at` are views of the growing arrays, not copies.

    A quantity's values at a step are those of its places, one after the other (place,), or (place × value,).
    """

    layers: RunLayers
    count: int = 0
    _arrays: Rows = field(default_factory=dict)

    def append(self, rows: Rows) -> None:
        """Adds rows. Raises ValueError for a quantity of another number of places than the run has."""
        new = len(rows["step"])
        for name, values in rows.items():
            if values.ndim > 1 and values.shape[1] != self.layers.width(name):
                raise ValueError(f"{name} has {values.shape[1]} values, the run's layers {self.layers.width(name)}")
        if not new:
            return
        for name, values in rows.items():
            array = self._arrays.get(name)
            if array is None and new > FIRST_ROOM:  # a whole run's: taken as they are, and copied when more come
                self._arrays[name] = values
                continue
            if array is None:
                array = self._arrays[name] = np.empty((FIRST_ROOM, *values.shape[1:]), values.dtype)
            while self.count + new > len(array):
                array = self._arrays[name] = np.concatenate([array, np.empty_like(array)])
            array[self.count : self.count + new] = values
        self.count += new

    def column(self, name: str) -> np.ndarray:
        """All steps of a scalar (step,) or a quantity (step, place); NaN for a scalar that the run didn't measure."""
        array = self._arrays.get(name)
        return np.full(self.count, np.nan) if array is None else array[: self.count]

    @property
    def convolutions(self) -> np.ndarray:
        """Which of the weight layers are convolutions: (layer,) of bool. Figure 7 is of the 3x3 ones, which in the
        CIFAR nets that it draws are all of them."""
        return np.array([layer.kind == "conv" for layer in self.layers.layers])

    def has(self, name: str) -> bool:
        """Whether the run measures a quantity and has a place for it."""
        return bool(self.layers.width(name))

    def last_measured(self, name: str, row: int) -> np.ndarray | None:
        """A quantity that isn't measured at each step, as it was last measured at a row or before; None where never."""
        if name not in self._arrays:
            return None
        values = self.column(name)
        row = row if row >= 0 else self.count + row
        for back in range(row, max(-1, row - LOOK_BACK), -1):
            if np.isfinite(values[back]).any():
                found: np.ndarray = values[back]
                return found
        return None

    def at(self, name: str, row: int = -1) -> np.ndarray:
        """A quantity at one row, the last by default: (place,); NaN where the run didn't measure it."""
        if name not in self._arrays:
            return np.full(self.layers.width(name) or 0, np.nan, np.float32)
        values: np.ndarray = self.column(name)[row]
        return values


@dataclass(frozen=True)
class DepthCurve:
    """A quantity against depth at one step: x the number of the weight layer from the input, y its value.

    On a log scale y is log10 of it; what is exactly 0 or no number has no place there, is a gap, and is counted.
    """

    x: np.ndarray
    y: np.ndarray
    zeros: int = 0
    broken: int = 0

    @property
    def note(self) -> str:
        """What can't be drawn, said instead; "" where all is drawn."""
        parts = []
        if self.zeros:
            parts.append(f"exactly 0 in {self.zeros} layers")
        if self.broken:
            parts.append(f"not a number in {self.broken} layers")
        return ", ".join(parts)


def depth_curve(values: np.ndarray, *, log: bool, by_magnitude: bool = False) -> DepthCurve:
    """A line for values (layer,). `by_magnitude` sorts them, largest first: figure 7's second order."""
    y = np.asarray(values, np.float64)
    if by_magnitude:
        y = np.sort(y)[::-1]
    x = np.arange(1, len(y) + 1, dtype=np.float64)
    broken = ~np.isfinite(y)
    if not log:
        return DepthCurve(x, np.where(broken, np.nan, y), 0, int(broken.sum()))
    zero = ~broken & (y <= 0)
    shown = np.where(broken | zero, np.nan, y)
    return DepthCurve(x, np.log10(shown), int(zero.sum()), int(broken.sum()))


def spans_decades(values: list[np.ndarray]) -> bool:
    """Whether values lie so far apart that only a log scale shows them all."""
    everything = np.concatenate([np.empty(0), *values])  # float64, in which no quotient of two float32 overflows
    positive = everything[np.isfinite(everything) & (everything > 0)]
    return bool(len(positive)) and bool(positive.max() / positive.min() > _DECADES_FROM)


def trailing_mean(y: np.ndarray, steps: int) -> np.ndarray:
    """The mean of each value and those before it, of `steps` in all where there are so many: (step,), all finite."""
    # No running sum: what is lost in it when a loss explodes would be missing in every mean after that.
    sums = np.convolve(y, np.ones(steps))[: len(y)]
    mean: np.ndarray = sums / np.minimum(np.arange(len(y)) + 1, steps)
    return mean


def thinned(x: np.ndarray, y: np.ndarray, most: int = 600) -> tuple[np.ndarray, np.ndarray]:
    """At most about `most` points that keep every peak: the least and the largest of each stretch, in order.

    A line of more points than the screen has columns is drawn slower and not better.
    """
    if len(y) <= most:
        return x, y
    stretch = -(-len(y) // (most // 2))
    whole = len(y) // stretch * stretch
    blocks = np.where(np.isfinite(y[:whole]), y[:whole], 0).reshape(-1, stretch)
    places = np.sort(np.stack([blocks.argmin(1), blocks.argmax(1)], 1), 1) + np.arange(len(blocks))[:, None] * stretch
    keep = np.unique(np.concatenate([places.reshape(-1), np.arange(whole, len(y)), [0]]))
    return x[keep], y[keep]
