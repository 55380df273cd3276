"""Curves labelled where they are, in the theme's colours: the one plot that TRAIN and COMPARE are made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRectF, Slot
from PySide6.QtGui import QColor, QFont, QFontMetrics
from PySide6.QtWidgets import QVBoxLayout, QWidget

from resviz.gui import theme

pg.setConfigOptions(antialias=True, useOpenGL=False)

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_TICK_PIXELS, _NAME_PIXELS = 34, 21
_SAMPLES, _NAME_ROOM = 160, 30.0


@dataclass(frozen=True)
class Curve:
    """A line with its name. `unit` and `variant` choose colour and style; a NaN in y is a gap."""

    name: str
    x: np.ndarray
    y: np.ndarray
    unit: str
    variant: int = 0
    dots: bool = False


class DecadeAxis(pg.AxisItem):  # type: ignore[misc]
    """The axis of a base-10 logarithm while `log` is on: powers of ten, and 2 and 5 times them where there is room."""

    log = False

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        if not self.log:
            ticks: list[tuple[float, list[float]]] = super().tickValues(low, high, size)
            return ticks
        span = max(high - low, 1e-9)
        step = max(1, int(np.ceil(span * _TICK_PIXELS / max(size, 1))))
        decades = [float(n) for n in range(int(np.ceil(low / step)) * step, int(np.floor(high)) + 1, step)]
        if span * 3 * _TICK_PIXELS > size:
            return [(float(step), decades)]
        parts = [n + part for n in range(int(np.floor(low)), int(np.ceil(high)) + 1) for part in np.log10((2, 5))]
        return [(1.0, decades), (0.3, [part for part in parts if low <= part <= high])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        if not self.log:
            texts: list[str] = super().tickStrings(values, scale, spacing)
            return texts
        return [power_of_ten(value) for value in values]


def power_of_ten(exponent: float) -> str:
    """10 to the exponent, as it is read aloud: 10⁻³, 2·10⁻⁹, 0.5, 20."""
    if -1.5 < exponent < 3.5 and abs(exponent - round(exponent)) > 1e-6:
        return f"{10**exponent:.2g}"
    power = int(np.floor(exponent + 1e-6))
    factor = round(10 ** (exponent - power))
    return (f"{factor}·" if factor > 1 else "") + "10" + str(power).translate(_SUPERSCRIPT)


class CurvePlot(QWidget):
    """A few curves over one axis. `set_curves` replaces what is drawn."""

    def __init__(self, x_label: str, y_label: str, *, log_y: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._labels = (x_label, y_label)
        self._axis = DecadeAxis("left")
        self._axis.log = log_y
        self.plot = pg.PlotWidget(axisItems={"left": self._axis})
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
        self.plot.getPlotItem().getViewBox().sigResized.connect(self._resized)
        theme.changed().connect(self._restyle)

    def set_labels(self, x_label: str, y_label: str) -> None:
        if (x_label, y_label) != self._labels:
            self._labels = (x_label, y_label)
            self._restyle()

    def set_log(self, log: bool) -> None:
        """Whether y is a base-10 logarithm."""
        if log != self._axis.log:
            self._axis.log = log
            self._axis.picture = None
            self._axis.update()

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
            self._show_values(False)
            return
        self._show_values(True)
        low, high = float(y.min()), float(y.max())
        least = 1.0 if self._axis.log else max(abs(high) * 0.02, 1e-9)
        if high - low < least:  # a level line lies in the middle, not on the frame
            middle = (low + high) / 2
            low, high = middle - least / 2, middle + least / 2
        # Room above and below for a name.
        room = (high - low) * _NAME_PIXELS / max(self.plot.getPlotItem().getViewBox().height() - 2 * _NAME_PIXELS, 30)
        self.plot.setRange(
            xRange=(float(x.min()), max(float(x.max()), float(x.min()) + 1)),
            yRange=(low - room, high + room),
            padding=0.02,
            disableAutoRange=True,
        )

    def _show_values(self, shown: bool) -> None:
        for side in ("bottom", "left"):
            self.plot.getAxis(side).setStyle(showValues=shown)

    @Slot()
    def _resized(self) -> None:
        """Names are placed in pixels, so another size is another placing."""
        self._set_ranges()
        self._place_names()
        self._place_note()

    def _place_names(self) -> None:
        """Each name beside its curve, where it covers none and is nearest its own."""
        box = self.plot.getPlotItem().getViewBox()
        (x_low, x_high), (y_low, y_high) = self.plot.viewRange()
        size = (max(box.width(), 60.0), max(box.height(), 40.0))
        x = np.linspace(0, size[0], _SAMPLES)
        lines = [
            (_sampled(curve, x_low + x / size[0] * (x_high - x_low)) - y_low) / (y_high - y_low) * size[1]
            for curve in self.curves
        ]
        taken: list[QRectF] = []
        metrics = QFontMetrics(self._name_font())
        for index, curve in enumerate(self.curves):
            extent = (metrics.horizontalAdvance(curve.name) + 8.0, metrics.height() + 2.0)
            place = place_name(lines, index, size, extent, taken)
            if place is None:
                continue
            taken.append(place)
            name, centre = self._names[index], place.center()
            name.setColor(theme.current().net_colour(curve.unit, curve.variant))
            name.setFont(self._name_font())
            name.setText(curve.name)
            name.setAnchor((0.5, 0.5))
            name.setPos(
                x_low + centre.x() / size[0] * (x_high - x_low), y_low + centre.y() / size[1] * (y_high - y_low)
            )

    def _name_font(self) -> QFont:
        font = QFont(self.font())
        font.setBold(True)
        return font

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
            axis.setPen(pg.mkPen(colours.dim))
            axis.setTextPen(pg.mkPen(colours.dim))
            axis.setTickFont(tick_font)
            axis.setStyle(tickLength=-4)
            axis.setGrid(46)
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
    heights: np.ndarray = np.interp(x, curve.x[finite], curve.y[finite], left=np.nan, right=np.nan)
    return heights


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
            room = _NAME_ROOM
            for other in (line for number, line in enumerate(lines) if number != index):
                # QRectF's bottom is its larger y, which here is the upper one.
                gaps = np.maximum(other[part] - box.bottom(), box.top() - other[part])
                room = min(room, float(np.nanmin(gaps)) if not np.isnan(gaps).all() else room)
            if any(box.intersects(known) for known in taken):
                room = -_NAME_ROOM
            away = abs(box.center().y() - own[middle])
            score = room - 0.5 * away
            if best is None or score > best[0]:
                best = (score, box)
    return best[1] if best else None
