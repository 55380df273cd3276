"""Where a curve's name goes: beside its curve, over no other, inside the plot."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF

_ROOM = 30.0
"""Pixels to the next curve beyond which more is no better."""


def place_name(
    lines: list[np.ndarray], index: int, size: tuple[float, float], extent: tuple[float, float], taken: list[QRectF]
) -> QRectF | None:
    """The best place for a curve's name, in pixels with y upwards; None for a curve that is nowhere drawn.

    `lines` are the heights in pixels of all curves at equal distances over the width, `size` the plot's and `extent`
    the name's width and height, `taken` where other names are.
    """
    own = lines[index]
    step = size[0] / (len(own) - 1)
    half = int(np.ceil(extent[0] / 2 / step))
    best: tuple[float, QRectF] | None = None
    for middle in range(half + 1, len(own) - half - 1, 2):
        part = slice(middle - half, middle + half + 1)
        if np.isnan(own[middle]):
            continue
        for above in (True, False):
            edge = np.nanmax(own[part]) + 3 if above else np.nanmin(own[part]) - 3 - extent[1]
            if not 0 <= edge <= size[1] - extent[1]:
                continue
            box = QRectF(middle * step - extent[0] / 2, edge, *extent)
            room = _ROOM
            for other in (line for number, line in enumerate(lines) if number != index):
                # QRectF's bottom is its larger y, which here is the upper one.
                gaps = np.maximum(other[part] - box.bottom(), box.top() - other[part])
                room = min(room, float(np.nanmin(gaps)) if not np.isnan(gaps).all() else room)
            if any(box.intersects(known) for known in taken):
                room = -_ROOM
            away = abs(box.center().y() - own[middle])
            score = room - 0.5 * away
            if best is None or score > best[0]:
                best = (score, box)
    return best[1] if best else None
