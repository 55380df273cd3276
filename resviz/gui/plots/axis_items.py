"""Axes of plots: powers of ten, and whole numbers of layers and steps."""

from __future__ import annotations

from html import escape

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetricsF
from typing_extensions import override

from resviz.base.numbers import power_of_ten
from resviz.gui.style import theme

_TICK_HEIGHT, _TICK_WIDTH, _LINE = 34, 44, 22
"""Pixels that a tick's text needs."""
_BESIDE = 50
"""Pixels along an axis that its label doesn't have: the other axis's."""
_FEWEST = 8
"""Letters of a shortened label that still say something."""
_MARKS = (",", "  ·  ", " (")
"""What the lesser parts of a label stand behind."""


class CountAxis(pg.AxisItem):  # type: ignore[misc]
    """Counts layers or steps: ticks at whole numbers, 1, 2 or 5 times a power of ten apart; any while not `whole`."""

    whole = True

    @override
    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        if not self.whole:
            ticks: list[tuple[float, list[float]]] = super().tickValues(low, high, size)
            return ticks[:1]
        room = self._tick_width(high) if self.orientation == "bottom" else _LINE
        least = max(1.0, (high - low) * room / max(size, 1))
        power = 10 ** int(np.floor(np.log10(least)))
        step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least)
        first = int(np.ceil(low / step)) * step
        return [(float(step), [float(value) for value in range(first, int(np.floor(high)) + 1, step)])]

    def _tick_width(self, largest: float) -> float:
        """Return what the text of a tick needs: more in presentation mode, with its large font."""
        font = self.style["tickFont"]
        text = QFontMetricsF(font).horizontalAdvance(f"{max(largest, 0):.0f}  ") if font is not None else 0.0
        return max(float(_TICK_WIDTH), text)

    @override
    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        if not self.whole:
            texts: list[str] = super().tickStrings(values, scale, spacing)
            return texts
        return [str(round(value)) for value in values]


class DecadeAxis(pg.AxisItem):  # type: ignore[misc]
    """The axis of a base-10 logarithm while `log` is on: powers of ten, with 2 and 5 times them if there is room.

    While `percent` is on, and `log` is not, shares are written as percentages.
    """

    log = False
    percent = False

    @override
    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        if not self.log:
            ticks: list[tuple[float, list[float]]] = super().tickValues(low, high, size)
            return ticks
        span = max(high - low, 1e-9)
        step = max(1, int(np.ceil(span * _TICK_HEIGHT / max(size, 1))))
        decades = [float(n) for n in range(int(np.ceil(low / step)) * step, int(np.floor(high)) + 1, step)]
        if span * 3 * _TICK_HEIGHT > size:
            return [(float(step), decades)]
        parts = [n + part for n in range(int(np.floor(low)), int(np.ceil(high)) + 1) for part in np.log10((2, 5))]
        return [(1.0, decades), (0.3, [part for part in parts if low <= part <= high])]

    @override
    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        if not self.log:
            times = 100 if self.percent else 1
            texts: list[str] = super().tickStrings([times * value for value in values], scale, times * spacing)
            return [f"{text}%" for text in texts] if self.percent else texts
        return [power_of_ten(value) for value in values]


class StepAxis(DecadeAxis, CountAxis):
    """Counts, or while `log` is on has the powers of ten of what is counted."""


def axis_kind(label: str, *, log: bool) -> str:
    """Return what tells two axes apart that don't count the same: plots of one kind share the line at the mouse."""
    return f"{label} {log}"


def fitted_label(text: str, room: float, font: QFont) -> str:
    """Return an axis's label, shortened at a comma if there is no room; "" where only a few letters would be left."""
    metrics = QFontMetricsF(font)
    while metrics.horizontalAdvance(text) > room and any(mark in text for mark in _MARKS):
        text = text[: max(text.rfind(mark) for mark in _MARKS)].rstrip()
    fitted = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(room, 0))
    return fitted if fitted == text or len(fitted) > _FEWEST else ""


def fitted_labels(plot: pg.PlotWidget, bottom: str, left: str) -> tuple[str, str]:
    """Return the labels of both axes, as far as there is room for them beside each other."""
    font = plot.font()
    return fitted_label(bottom, plot.width() - _BESIDE, font), fitted_label(left, plot.height() - _BESIDE, font)


def style_axes(plot: pg.PlotWidget, bottom: str, left: str, *, grid: int | bool = False, ticks: int = -4) -> None:
    """Name the axes and give them the theme's colours.

    `grid` is the opacity of the grid lines, from 0 to 255. `ticks` is the length of a tick in pixels, negative inwards.
    """
    colours = theme.of(plot)
    plot.setBackground(colours.panel)
    font = QFont(plot.font())
    points = font.pointSizeF()
    font.setPointSizeF(max(min(8.0, points), points - 1))
    size = {"font-size": f"{points:g}pt"}
    for side, fitted in zip(("bottom", "left"), fitted_labels(plot, bottom, left), strict=True):
        axis = plot.getAxis(side)
        axis.setPen(pg.mkPen(colours.dim))
        axis.setTextPen(pg.mkPen(colours.dim))
        axis.setTickFont(font)
        axis.setStyle(tickLength=ticks)
        axis.setGrid(grid)
        # No ranges: pyqtgraph would write 0.5 as 500 (×0.001) from the second time that it is given a label.
        axis.setLabel(escape(fitted), color=colours.dim, siPrefixEnableRanges=(), **size)
        axis.resizeEvent()  # pyqtgraph leaves a new label where the old one began
