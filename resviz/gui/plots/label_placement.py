"""Where a curve's name goes: beside its curve, over no other, inside the plot."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from PySide6.QtCore import QRectF

_GAP = 3.0
"""Pixels between a curve and its name."""
_ROOM = 30.0
"""Pixels to the next curve beyond which more is no better."""


def place_name(
    lines: list[np.ndarray], index: int, size: tuple[float, float], extent: tuple[float, float], taken: list[QRectF]
) -> QRectF | None:
    """Return the best place for a curve's name, in pixels with y upwards; None for a curve that is nowhere drawn.

    `lines` are the heights in pixels of all curves at equal distances over the width, `size` the plot's and `extent`
    the name's width and height, `taken` where other names are.
    """
    own = lines[index]
    step = size[0] / (len(own) - 1)
    width = 2 * int(np.ceil(extent[0] / 2 / step)) + 1
    if width > len(own) or np.isnan(own).all():
        return None
    middle = np.arange(len(own) - width + 1) + width // 2
    low, high = _over_windows(own, width)
    others = [_over_windows(line, width) for number, line in enumerate(lines) if number != index]
    best: tuple[float, QRectF] | None = None
    for edge in (high + _GAP, low - _GAP - extent[1]):  # the box's lower side, above the curve or below it
        room = np.full(len(middle), _ROOM)
        for least, largest in others:
            gap = np.maximum(least - (edge + extent[1]), edge - largest)
            room = np.fmin(room, gap)
        for known in taken:
            apart = np.abs(middle * step - known.center().x()) > (extent[0] + known.width()) / 2
            apart |= np.abs(edge + extent[1] / 2 - known.center().y()) > (extent[1] + known.height()) / 2
            room = np.where(apart, room, -np.inf)  # a name over a name says neither
        score = room - 0.5 * np.abs(edge + extent[1] / 2 - own[middle])
        score[~((edge >= 0) & (edge <= size[1] - extent[1]) & np.isfinite(score))] = -np.inf
        place = int(score.argmax())
        if np.isfinite(score[place]) and (best is None or score[place] > best[0]):
            left = float(middle[place] * step - extent[0] / 2)
            best = (float(score[place]), QRectF(left, float(edge[place]), *extent))
    return best[1] if best else None


def _over_windows(line: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and the largest height within each stretch of `width` samples; NaN where all of it is NaN."""
    windows = sliding_window_view(line, width)
    least = np.where(np.isnan(windows), np.inf, windows).min(1)
    largest = np.where(np.isnan(windows), -np.inf, windows).max(1)
    none = np.isinf(least)
    return np.where(none, np.nan, least), np.where(none, np.nan, largest)
