"""Curves labelled where they are, in the theme's colours: the one plot that TRAIN and COMPARE are made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontMetrics, QMouseEvent
from PySide6.QtWidgets import QGraphicsItem, QVBoxLayout, QWidget

from resviz.gui import theme
from resviz.gui.plots.axes import CountAxis, DecadeAxis
from resviz.gui.plots.name_places import place_name

# Axes and grids are level lines: antialiasing would only make them slower. Curves ask for it themselves.
pg.setConfigOptions(antialias=False, useOpenGL=False)

_NAME_PIXELS, _SAMPLES = 21, 160
_GRID = 46
"""Of 255: how much of the axis's colour a grid line has."""
_LEVEL_AT = 0.97
"""Of the width: where the text of a level line ends."""
STEP_AXIS = "step"
_DASHED_ABOVE = 5
_WIDE_UP_TO = 250
"""Points up to which a line is two pixels wide."""
_LIVE_FROM = 100
"""Steps from which the step axis grows in strides."""
_LEAST_DECADES = 3.0
"""A log axis spans at least this: what differs by less is level, and is to look so."""


@dataclass(frozen=True)
class Curve:
    """A line with its name. `unit` and `variant` choose colour and style; a NaN in y is a gap."""

    name: str
    x: np.ndarray
    y: np.ndarray
    unit: str
    variant: int = 0
    dots: bool = False
    thin: bool = False
    """Half as wide, and without its name: what belongs to the curve before it."""


class CurvePlot(QWidget):
    """A few curves over one axis. `set_curves` replaces what is drawn.

    `step_chosen` is emitted where a person clicks or drags while there is a cursor to move.
    """

    step_chosen = Signal(int)

    def __init__(
        self, x_label: str, y_label: str, *, log_y: bool = False, from_zero: bool = False, parent: QWidget | None = None
    ) -> None:
        """`from_zero` shows 0 on a linear axis, so that small differences look small."""
        super().__init__(parent)
        self._from_zero = from_zero
        self._span: tuple[float, float] | None = None
        self._values_shown = True
        self._labels = (x_label, y_label)
        self._axis = DecadeAxis("left")
        self._axis.log = log_y
        self.plot = pg.PlotWidget(axisItems={"left": self._axis, "bottom": CountAxis("bottom")})
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setMouseEnabled(False, False)
        self.plot.getPlotItem().getViewBox().setDefaultPadding(0.04)
        self._items: list[pg.PlotCurveItem] = []
        self._points: list[pg.ScatterPlotItem] = []
        self._names: list[pg.TextItem] = []
        self.curves: list[Curve] = []
        self._empty = pg.TextItem("", anchor=(0.5, 0.5))
        self._level = pg.InfiniteLine(angle=0, label="", labelOpts={"position": _LEVEL_AT, "anchors": [(1, 1), (1, 1)]})
        self._level.setVisible(False)
        self.plot.addItem(self._level, ignoreBounds=True)
        self._cursor = pg.InfiniteLine(angle=90)
        self._cursor.setVisible(False)
        self.plot.addItem(self._cursor, ignoreBounds=True)
        self._has_cursor = False
        self.plot.viewport().installEventFilter(self)
        self._note = ""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.plot)
        for side in ("bottom", "left"):
            # Drawn again only where its range changes: its texts are what takes longest in a plot.
            self.plot.getAxis(side).setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
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

    def set_level(self, height: float | None, text: str = "") -> None:
        """A dotted line at a height that means something, with its meaning; None takes it away."""
        self._level.setVisible(height is not None)
        if height is not None:
            self._level.setValue(height)
            self._level.label.setFormat(text)

    def set_from_zero(self, from_zero: bool) -> None:
        """Whether a linear axis shows 0, so that small differences look small."""
        self._from_zero = from_zero

    def set_span(self, span: tuple[float, float] | None) -> None:
        """What the y axis shows at least; None for what the data asks for."""
        self._span = span

    def set_cursor(self, step: float | None, shown: bool = True) -> None:
        """A line at a step, that a click moves; None where x are no steps. Not `shown`, it waits to be moved."""
        self._has_cursor = step is not None
        self._cursor.setVisible(step is not None and shown)
        if step is not None:
            self._cursor.setValue(step)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        pressed = isinstance(event, QMouseEvent) and event.buttons() & Qt.MouseButton.LeftButton
        if pressed and self._has_cursor and isinstance(event, QMouseEvent):
            box = self.plot.getPlotItem().getViewBox()
            x = box.mapSceneToView(self.plot.mapToScene(event.position().toPoint())).x()
            self.step_chosen.emit(max(0, round(x)))
        return super().eventFilter(watched, event)

    def set_note(self, text: str) -> None:
        """A sentence in the plot: what will be here, or what could not be drawn."""
        if text != self._note:
            self._note = text
            self._place_note()

    def set_curves(self, curves: list[Curve]) -> None:
        """Draws these curves. Ranges follow the data; the labels stand where there is room beside their curves."""
        self.curves = curves
        while len(self._items) < len(curves):
            item, points, name = (
                pg.PlotCurveItem(connect="finite", antialias=True),
                pg.ScatterPlotItem(size=6, antialias=True),
                pg.TextItem(),
            )
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
            # A wide line with antialiasing is filled as a shape: of a thousand points that takes a tenth of a second.
            width = 2.0 if len(curve.x) <= _WIDE_UP_TO and not curve.thin else 1.0
            # A dashed line over a solid one lets it be seen; the other way round it would be hidden.
            for part in (item, self._points[index]):
                part.setZValue(curve.variant + (_DASHED_ABOVE if curve.unit == "plain" else 0))
            item.setData(curve.x, curve.y, pen=colours.net_pen(curve.unit, curve.variant, width))
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
        if self._from_zero and not self._axis.log:
            low, high = min(low, 0.0), max(high, 0.0)
        if self._span is not None:
            low, high = min(low, self._span[0]), max(high, self._span[1])
        if self._level.isVisible() and self._axis.log:
            low, high = min(low, self._level.value()), max(high, self._level.value())
        least = _LEAST_DECADES if self._axis.log else max(abs(high) * 0.02, 1e-9)
        if high - low < least:  # a level line lies in the middle, not on the frame
            middle = (low + high) / 2
            low, high = middle - least / 2, middle + least / 2
        left, right = float(x.min()), max(float(x.max()), float(x.min()) + 1)
        low, high = _rounded_out(low, high, 0.5 if self._axis.log else None)
        if right - left > _LIVE_FROM and self._labels[0] == STEP_AXIS:
            right = _rounded_out(left, right)[1]
        # Room above and below for a name.
        room = (high - low) * _NAME_PIXELS / max(self.plot.getPlotItem().getViewBox().height() - 2 * _NAME_PIXELS, 30)
        self.plot.setRange(
            xRange=(left, right),
            yRange=(low - room, high + room),
            padding=0.02,
            disableAutoRange=True,
        )

    def _show_values(self, shown: bool) -> None:
        if shown != self._values_shown:  # setting it has the axis drawn again, changed or not
            self._values_shown = shown
            for side in ("bottom", "left"):
                self.plot.getAxis(side).setStyle(showValues=shown, tickLength=-4 if shown else 0)
                self.plot.getAxis(side).setTicks(None if shown else [])  # of no length they would be specks
                self.plot.getAxis(side).setGrid(_GRID if shown else False)

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
        metrics = QFontMetrics(self._name_font())
        taken: list[QRectF] = []
        if self._level.isVisible():
            text = self._level.label.boundingRect()
            height = (self._level.value() - y_low) / (y_high - y_low) * size[1]
            taken.append(QRectF(_LEVEL_AT * size[0] - text.width(), height, text.width(), text.height()))
        for index, curve in enumerate(self.curves):
            extent = (metrics.horizontalAdvance(curve.name) + 8.0, metrics.height() + 2.0)
            place = place_name(lines, index, size, extent, taken)
            name = self._names[index]
            name.setVisible(place is not None and not curve.thin)
            if place is None or curve.thin:
                continue
            taken.append(place)
            centre = place.center()
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
            axis.setStyle(tickLength=-4 if self._values_shown else 0)
            axis.setGrid(_GRID if self._values_shown else False)
            # No ranges: pyqtgraph would write 0.5 as 500 (×0.001) from the second time that it is given a label.
            axis.setLabel(text, color=colours.dim, siPrefixEnableRanges=())
        self._empty.setColor(colours.dim)
        self._cursor.setPen(pg.mkPen(colours.text, width=1))
        self._level.setPen(pg.mkPen(colours.dim, width=1, style=Qt.PenStyle.DotLine))
        self._level.label.setColor(colours.dim)
        if self.curves:
            self.set_curves(self.curves)


def _rounded_out(low: float, high: float, unit: float | None = None) -> tuple[float, float]:
    """The range widened to whole units, a twentieth to a half of it: an axis that stands still while a curve grows is
    read more easily, and need not be drawn again at each step."""
    unit = unit or 10 ** np.floor(np.log10(high - low)) / 2
    return float(np.floor(low / unit) * unit), float(np.ceil(high / unit) * unit)


def _sampled(curve: Curve, x: np.ndarray) -> np.ndarray:
    """The curve's height at each x; NaN outside it and in its gaps."""
    finite = np.isfinite(curve.y)
    if not finite.any():
        return np.full(len(x), np.nan)
    heights: np.ndarray = np.interp(x, curve.x[finite], curve.y[finite], left=np.nan, right=np.nan)
    return heights
