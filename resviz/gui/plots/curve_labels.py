"""The names of curves, in a plot: each beside its own, where it covers none."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QFont, QFontMetrics

from resviz.gui.plots.label_placement import place_name
from resviz.gui.style import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QRectF

    from resviz.gui.plots.curve import Curve

_SAMPLES = 160
_NAMED_UP_TO = 8
"""Curves up to which each has its name beside it: of more, names would cover what they name."""
_POINT_ROOM = 0.35
"""Of the width: how far from a single point its name may stand."""


class Level(NamedTuple):
    """A height with a meaning, and the pixels that its text takes."""

    height: float
    extent: tuple[float, float]


class CurveLabels:
    """The text items of a plot's names; made as they are needed."""

    def __init__(self, plot: pg.PlotWidget) -> None:
        self._plot = plot
        self.items: list[pg.TextItem] = []

    def place(self, curves: Sequence[Curve], font: QFont, level: Level | None = None) -> QRectF | None:
        """Write each name where there is room, and return where the text of a level has room, in pixels.

        The place has y upwards from the plot's lower left corner. It is None if there is no level, or no room.
        """
        while len(self.items) < len(curves):
            item = pg.TextItem()
            item.setZValue(10)
            self._plot.addItem(item, ignoreBounds=True)
            self.items.append(item)
        named = [index for index, curve in enumerate(curves) if _is_named(curve, curves)]
        box = self._plot.getPlotItem().getViewBox()
        (x_low, x_high), (y_low, y_high) = self._plot.viewRange()
        size = (max(box.width(), 60.0), max(box.height(), 40.0))
        x = np.linspace(0, size[0], _SAMPLES)
        lines = [
            (_sampled(curve, x_low + x / size[0] * (x_high - x_low)) - y_low) / (y_high - y_low) * size[1]
            for curve in (curves if named or level is not None else ())
        ]
        if level is not None:  # a line like the others, whose name may stand anywhere beside it
            lines.append(np.full(_SAMPLES, (level.height - y_low) / (y_high - y_low) * size[1]))
        metrics = QFontMetrics(font)
        places: dict[int, QRectF] = {}
        for index in named:
            extent = (metrics.horizontalAdvance(curves[index].name) + 8.0, metrics.height() + 2.0)
            place = place_name(lines, index, size, extent, list(places.values()))
            if place is not None:
                places[index] = place
        for index, item in enumerate(self.items):
            place = places.get(index)
            if item.isVisible() != (place is not None):
                item.setVisible(place is not None)
            if place is None:
                continue
            curve, centre = curves[index], place.center()
            item.setColor(theme.of(self._plot).net_colour(curve.unit, curve.line_style))
            item.setFont(font)
            item.setText(curve.name)
            item.setAnchor((0.5, 0.5))
            item.setPos(
                x_low + centre.x() / size[0] * (x_high - x_low), y_low + centre.y() / size[1] * (y_high - y_low)
            )
        if level is None:
            return None
        return place_name(lines, len(curves), size, level.extent, list(places.values()))


def _is_named(curve: Curve, curves: Sequence[Curve]) -> bool:
    if curve.thin or curve.faint:
        return False
    if curve.strong and sum(other.strong for other in curves) <= _NAMED_UP_TO:
        return True
    return sum(not (other.thin or other.faint) for other in curves) <= _NAMED_UP_TO


def _sampled(curve: Curve, x: np.ndarray) -> np.ndarray:
    """Return the curve's height at each x; NaN outside it and in its gaps."""
    finite = np.isfinite(curve.y)
    if not finite.any():
        return np.full(len(x), np.nan)
    if finite.sum() == 1:  # a point has its name beside it like a line
        near = np.abs(x - curve.x[finite]) < (x[-1] - x[0]) * _POINT_ROOM
        return np.where(near, curve.y[finite], np.nan)
    heights: np.ndarray = np.interp(x, curve.x[finite], curve.y[finite], left=np.nan, right=np.nan)
    return heights
