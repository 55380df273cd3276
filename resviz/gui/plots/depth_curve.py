"""The lines that a view draws of measured values. No Qt.

Values become base-10 logarithms here: a plot that takes logarithms itself does so at each repaint.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from resviz.base.translation import _

_DECADES_FROM = 30.0
"""The ratio of largest to smallest value from which only a log scale shows both."""


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
        """What can't be drawn, as a text, or ""."""
        parts = []
        if self.zeros:
            parts.append(_("exactly 0 in {count} layers").format(count=self.zeros))
        if self.broken:
            parts.append(_("not a finite number in {count} layers").format(count=self.broken))
        return ", ".join(parts)


def depth_curve(values: np.ndarray, *, log: bool, by_magnitude: bool = False) -> DepthCurve:
    """Return a line for values (layer,). `by_magnitude` sorts them, largest first: figure 7's second order."""
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
    """Return whether values lie so far apart that only a log scale shows them all."""
    everything = np.concatenate([np.empty(0), *values])  # float64, in which no quotient of two float32 overflows
    positive = everything[np.isfinite(everything) & (everything > 0)]
    return bool(len(positive)) and bool(positive.max() / positive.min() > _DECADES_FROM)


def trailing_mean(y: np.ndarray, steps: int) -> np.ndarray:
    """Return the mean of each value and the `steps` - 1 values before it: (step,), all finite."""
    # No running sum: what is lost in it when a loss explodes would be missing in every mean after that.
    sums = np.convolve(y, np.ones(steps))[: len(y)]
    mean: np.ndarray = sums / np.minimum(np.arange(len(y)) + 1, steps)
    return mean


def thinned(x: np.ndarray, y: np.ndarray, most: int = 600) -> tuple[np.ndarray, np.ndarray]:
    """Return at most about `most` points that keep every peak: smallest and largest of each stretch.

    A line with more points than the screen has columns is slower to draw, and looks the same.
    """
    if len(y) <= most:
        return x, y
    stretch = -(-len(y) // (most // 2))
    whole = len(y) // stretch * stretch
    blocks = np.where(np.isfinite(y[:whole]), y[:whole], 0).reshape(-1, stretch)
    places = np.sort(np.stack([blocks.argmin(1), blocks.argmax(1)], 1), 1) + np.arange(len(blocks))[:, None] * stretch
    keep = np.unique(np.concatenate([places.reshape(-1), np.arange(whole, len(y)), [0]]))
    return x[keep], y[keep]
