"""What part of its values an axis shows. No Qt."""

from __future__ import annotations

import numpy as np

_MIN_DECADES = 3.0
"""A log axis spans at least this: what differs by less is level, and is to look so."""


def value_range(
    y: np.ndarray, *, log: bool, from_zero: bool, span: tuple[float, float] | None, level: float | None
) -> tuple[float, float]:
    """Return the ends of the axis for finite values y.

    Args:
        y: The values.
        log: Whether the axis is logarithmic.
        from_zero: Whether a linear axis shows 0.
        span: What any axis shows at least.
        level: A height that a log axis shows.
    """
    low, high = float(y.min()), float(y.max())
    if from_zero and not log:
        low, high = min(low, 0.0), max(high, 0.0)
    if span is not None:
        low, high = min(low, span[0]), max(high, span[1])
    if level is not None and log:
        low, high = min(low, level), max(high, level)
    least = _MIN_DECADES if log else max(abs(high) * 0.02, 1e-9)
    if high - low < least:  # a level line lies in the middle, not on the frame
        middle = (low + high) / 2
        low, high = middle - least / 2, middle + least / 2
    return rounded_out(low, high, 0.5 if log else None)


def rounded_out(low: float, high: float, unit: float | None = None) -> tuple[float, float]:
    """Return the range, widened to whole units: a twentieth to a half of the range.

    An axis that stands still while a curve grows is easier to read, and is not drawn again at each step.
    """
    unit = unit or 10 ** np.floor(np.log10(high - low)) / 2
    return float(np.floor(low / unit) * unit), float(np.ceil(high / unit) * unit)
