"""Curves labelled where they are, in the theme's colours: the one plot that TRAIN and COMPARE are made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Slot
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QVBoxLayout, QWidget

from resviz.gui import theme

pg.setConfigOptions(antialias=True, useOpenGL=False)

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LABEL_PLACES = np.linspace(0.12, 0.88, 20)


@dataclass(frozen=True)
class Curve:
    """A line with its name. `unit` and `variant` choose colour and style; a NaN in y is a gap."""

    name: str
    x: np.ndarray
    y: np.ndarray
    unit: str
    variant: int = 0
    dots: bool = False


class DecadeAxis(pg.AxisItem):
    """The axis of a base-10 logarithm: whole decades, written as powers of ten."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N802 - pyqtgraph's
        span = max(high - low, 1e-9)
        most = max(2.0, size / 34)
        step = max(1, int(np.ceil(span / most)))
        first = int(np.ceil(low / step)) * step
        return [(float(step), [float(value) for value in range(first, int(np.floor(high)) + 1, step)])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        return ["10" + str(round(value)).translate(_SUPERSCRIPT) for value in values]


class CurvePlot(QWidget):
    """A few curves over one axis. `set_curves` replaces what is drawn."""

    def __init__(self, x_label: str, y_label: str, *, log_y: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels = (x_label, y_label)
        self._log = log_y
        axes = {"left": DecadeAxis("left")} if log_y else None
        self.plot = pg.PlotWidget(axisItems=axes)
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setMouseEnabled(False, False)
        self.plot.getPlotItem().getViewBox().setDefaultPadding(0.04)
        self._items: list[pg.PlotCurveItem] = []
        self._points: list[pg.ScatterPlotItem] = []
        self._names: list[pg.TextItem] = []
        self.curves: list[Curve] = []
        self._empty = pg.TextItem("", anchor=(0.5, 0.5))
        self._note = ""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.plot)
        self._restyle()
        theme.changed().connect(self._restyle)

    def set_labels(self, x_label: str, y_label: str) -> None:
        if (x_label, y_label) != self._labels:
            self._labels = (x_label, y_label)
            self._restyle()

    def set_note(self, text: str) -> None:
        """A sentence in the plot: what will be here, or what could not be drawn."""
        if text != self._note:
            self._note = text
            self._place_note()

    def set_curves(self, curves: list[Curve]) -> None:
        """Draws these curves. Ranges follow the data; the labels stand where there is room beside their curves."""
        self.curves = curves
        while len(self._items) < len(curves):
            item, points, name = pg.PlotCurveItem(connect="finite"), pg.ScatterPlotItem(size=6), pg.TextItem()
            name.setZValue(10)
            for new in (item, points, name):
                self.plot.addItem(new, ignoreBounds=True)
            self._items.append(item)
            self._points.append(points)
            self._names.append(name)
        for index, item in enumerate(self._items):
            curve = curves[index] if index < len(curves) else None
            for part in (item, self._points[index], self._names[index]):
                part.setVisible(curve is not None and bool(np.isfinite(curve.y).any()))
            if curve is None:
                continue
            colours = theme.current()
            colour = QColor(colours.net_colour(curve.unit, curve.variant))
            item.setData(curve.x, curve.y, pen=colours.net_pen(curve.unit, curve.variant))
            finite = np.isfinite(curve.y)
            if curve.dots:
                self._points[index].setData(curve.x[finite], curve.y[finite], brush=colour, pen=None)
            else:
                self._points[index].setData([], [])
        self._set_ranges()
        self._place_names()
        self._place_note()

    def _set_ranges(self) -> None:
        x = np.concatenate([curve.x for curve in self.curves]) if self.curves else np.empty(0)
        y = np.concatenate([curve.y for curve in self.curves]) if self.curves else np.empty(0)
        x, y = x[np.isfinite(x)], y[np.isfinite(y)]
        if not len(x) or not len(y):
            self.plot.setRange(xRange=(0, 1), yRange=(0, 1), disableAutoRange=True)
            return
        low, high = float(y.min()), float(y.max())
        least = 2.0 if self._log else max(abs(high) * 0.02, 1e-9)
        if high - low < least:  # a level line lies in the middle, not on the frame
            middle = (low + high) / 2
            low, high = middle - least / 2, middle + least / 2
        room = (high - low) * 0.08
        self.plot.setRange(
            xRange=(float(x.min()), max(float(x.max()), float(x.min()) + 1)),
            yRange=(low - room, high + room),
            padding=0.02,
            disableAutoRange=True,
        )

    def _place_names(self) -> None:
        """Each name beside its curve where the others are farthest, above if the curve is the upper one there."""
        (x_low, x_high), (y_low, y_high) = self.plot.viewRange()
        x = x_low + (x_high - x_low) * _LABEL_PLACES
        height = max(y_high - y_low, 1e-12)
        lines = [_sampled(curve, x) for curve in self.curves]
        taken: list[tuple[float, float]] = []
        for index, curve in enumerate(self.curves):
            if np.all(np.isnan(lines[index])):
                continue
            others = [line for number, line in enumerate(lines) if number != index]
            distance = np.full(len(x), height)
            for other in others:
                gap = np.abs(other - lines[index])
                distance = np.fmin(distance, np.where(np.isnan(gap), height, gap))
            for place, level in taken:
                near = np.abs(x - place) < (x_high - x_low) * 0.2
                distance = np.where(near & (np.abs(lines[index] - level) < height * 0.2), 0, distance)
            distance = np.where(np.isnan(lines[index]), -1, distance)
            best = int(np.argmax(distance))
            here = lines[index][best]
            below = bool(others) and all(np.isnan(o[best]) or o[best] > here for o in others)
            above = not below and (here - y_low) / height < 0.9
            name = self._names[index]
            name.setColor(theme.current().net_colour(curve.unit, curve.variant))
            name.setHtml(f"<b>{_escaped(curve.name)}</b>")
            name.setAnchor((0.5, 1.15 if above else -0.15))
            name.setPos(x[best], here)
            taken.append((float(x[best]), float(here)))

    def _place_note(self) -> None:
        if self._note and self._empty.scene() is None:
            self.plot.addItem(self._empty, ignoreBounds=True)
        self._empty.setVisible(bool(self._note))
        self._empty.setText(self._note)
        (x_low, x_high), (y_low, y_high) = self.plot.viewRange()
        drawn = any(np.isfinite(curve.y).any() for curve in self.curves)
        self._empty.setAnchor((0.5, 1.0 if drawn else 0.5))
        self._empty.setPos((x_low + x_high) / 2, y_low if drawn else (y_low + y_high) / 2)

    @Slot()
    def _restyle(self) -> None:
        colours = theme.current()
        self.plot.setBackground(colours.panel)
        tick_font = QFont(self.font())
        tick_font.setPointSizeF(max(8.0, self.font().pointSizeF() - 1))
        for side, text in (("bottom", self._labels[0]), ("left", self._labels[1])):
            axis = self.plot.getAxis(side)
            axis.setPen(pg.mkPen(colours.line))
            axis.setTextPen(pg.mkPen(colours.dim))
            axis.setTickFont(tick_font)
            axis.setStyle(tickLength=-4)
            axis.setGrid(28)
            axis.enableAutoSIPrefix(False)
            axis.setLabel(text, color=colours.dim)
        self._empty.setColor(colours.dim)
        if self.curves:
            self.set_curves(self.curves)


def _sampled(curve: Curve, x: np.ndarray) -> np.ndarray:
    """The curve's height at each x; NaN outside it and in its gaps."""
    finite = np.isfinite(curve.y)
    if not finite.any():
        return np.full(len(x), np.nan)
    return np.interp(x, curve.x[finite], curve.y[finite], left=np.nan, right=np.nan)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


