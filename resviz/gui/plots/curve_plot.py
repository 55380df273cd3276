"""Curves labelled where they are, in the theme's colours: the one plot that TRAIN and COMPARE are made of."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QTextOption
from PySide6.QtWidgets import QGraphicsItem, QVBoxLayout, QWidget
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.plots.axis_items import DecadeAxis, StepAxis, axis_kind, fitted_labels, style_axes
from resviz.gui.plots.axis_ranges import rounded_out, value_range
from resviz.gui.plots.curve_labels import CurveLabels, Level
from resviz.gui.plots.curve_readout import CurveReadout
from resviz.gui.plots.depth_curve import thinned
from resviz.gui.plots.step_mouse import StepMouse
from resviz.gui.style import theme

if TYPE_CHECKING:
    from resviz.gui.plots.curve import Curve

# Axes and grids are level lines: antialiasing would only make them slower. Curves ask for it themselves.
pg.setConfigOptions(antialias=False, useOpenGL=False)

_NAME_PIXELS, _NOTE_MARGIN = 21, 16
_NOTE_SHARE = 0.15
"""Share of the height that the note takes. It stands at the top or at the bottom, where fewer curves are."""
_GRID = 46
"""Of 255: how much of the axis's colour a grid line has."""
_LEVEL_AT = 0.97
"""Of the width: where the text of a level line ends."""
STEP_AXIS, EPOCH_AXIS = "step", "epoch"
_DASHED_ABOVE, _STRONG_ABOVE = 20, 50
_FAINT = 0.28
_WIDE_UP_TO = 250
"""Points up to which a line is two pixels wide."""
_MOST = 1e150
"""Values beyond it are left out like those that are not finite: Qt can't draw on an axis that long."""
_LIVE_FROM = 100
"""Steps from which the step axis grows in strides."""


class CurvePlot(QWidget):
    """A few curves over one axis. `set_curves` replaces what is drawn.

    `step_chosen` is emitted where a person clicks or drags while there is a cursor to move.
    """

    step_chosen = Signal(int)
    pointed = Signal(object)
    """The x that the mouse points at, as the axis has it; None when it has left."""
    menu_wanted = Signal(QPoint)
    zoomed = Signal(object)
    """The part of a step axis that a person wants to see, (low, high); None for all of it."""

    def __init__(
        self,
        x_label: str = "",
        y_label: str = "",
        *,
        log_y: bool = False,
        from_zero: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """Make an empty plot. `from_zero` shows 0 on a linear axis, so that small differences look small."""
        super().__init__(parent)
        self._from_zero = from_zero
        self._span: tuple[float, float] | None = None
        self._values_shown = True
        self._fitted: tuple[str, ...] = ()
        """The labels, as far as there is room for them."""
        self._labels = (x_label, y_label)
        self._axis = DecadeAxis("left")
        self._axis.log = log_y
        self._x_axis = StepAxis("bottom")
        self.plot = pg.PlotWidget(axisItems={"left": self._axis, "bottom": self._x_axis}, enableMenu=False)
        self.plot.setAccessibleName(_("plot"))
        self.plot.setWhatsThis(
            _("Point at a curve to read its values. The wheel zooms, a double click shows all, a right click saves it.")
        )
        self.plot.hideButtons()
        self.plot.setMouseEnabled(False, False)
        self.plot.getPlotItem().getViewBox().setDefaultPadding(0.04)
        self.plot.getPlotItem().layout.setContentsMargins(1, 1, 14, 1)  # half of the last tick's text
        self._items: list[pg.PlotCurveItem] = []
        self._points: list[pg.ScatterPlotItem] = []
        self._names = CurveLabels(self.plot)
        self.curves: list[Curve] = []
        self._seen: list[tuple[np.ndarray, np.ndarray]] = []
        """What of each curve is drawn."""
        self._empty = pg.TextItem("", anchor=(0.5, 0.5))
        centred = QTextOption(Qt.AlignmentFlag.AlignHCenter)
        self._empty.textItem.document().setDefaultTextOption(centred)
        self._level = pg.InfiniteLine(angle=0, label="", labelOpts={"position": _LEVEL_AT, "anchors": [(1, 1), (1, 1)]})
        self._level.setVisible(False)
        self.plot.addItem(self._level, ignoreBounds=True)
        self._cursor = pg.InfiniteLine(angle=90)
        self._cursor.setVisible(False)
        self.plot.addItem(self._cursor, ignoreBounds=True)
        self._mouse = StepMouse(self.plot)
        self._mouse.step_chosen.connect(self.step_chosen)
        self._mouse.zoomed.connect(self._zoom)
        self._mouse.menu_wanted.connect(self.menu_wanted)
        self.readout = CurveReadout(self.plot)
        self.readout.moved.connect(self.pointed)
        self._note = ""
        self._own_window: tuple[float, float] | None = None
        """What is seen of an axis that has no steps; None for all."""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.plot)
        for side in ("bottom", "left"):
            # Drawn again only where its range changes: its texts are what takes longest in a plot.
            self.plot.getAxis(side).setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.restyle()
        self.plot.getPlotItem().getViewBox().sigResized.connect(self._resized)
        theme.changed().connect(self.restyle)

    def set_labels(self, x_label: str, y_label: str) -> None:
        """Name both axes."""
        if (x_label, y_label) != self._labels:
            if x_label != self._labels[0]:
                self._own_window = self._mouse.window = None
                self._x_axis.whole = x_label != EPOCH_AXIS
            self._labels = (x_label, y_label)
            self.plot.setAccessibleName(_("{y} over {x}").format(y=y_label, x=x_label))
            self.restyle()

    def set_log(self, log: bool, *, percent: bool = False) -> None:
        """Set whether y is a base-10 logarithm, and whether shares are written as percentages."""
        _set_scale(self._axis, log, percent)

    @property
    def is_log(self) -> bool:
        """Whether y is a base-10 logarithm."""
        return bool(self._axis.log)

    def set_log_x(self, log: bool) -> None:
        """Return whether x is a base-10 logarithm."""
        _set_scale(self._x_axis, log)
        self._mouse.log = log

    def set_window(self, window: tuple[float, float] | None) -> None:
        """Show a part of the x axis. None shows all, or what the mouse has zoomed to where x has no steps."""
        self._mouse.window = window if window is not None else self._own_window

    def set_level(self, height: float | None, text: str = "") -> None:
        """Draw a dotted line at a height with a meaning. None removes it."""
        self._level.setVisible(height is not None)
        if height is not None:
            self._level.setValue(height)
            self._level.label.setFormat(text)

    def set_from_zero(self, from_zero: bool) -> None:
        """Return whether a linear axis shows 0, so that small differences look small."""
        self._from_zero = from_zero

    def set_span(self, span: tuple[float, float] | None) -> None:
        """Set what the y axis shows at least. None leaves it to the data."""
        self._span = span

    def set_cursor(self, step: float | None, shown: bool = True) -> None:
        """Draw a line at a step, which a click moves. None means that x has no steps."""
        self._mouse.active = step is not None
        self._cursor.setVisible(step is not None and shown)
        if step is not None:
            self._cursor.setValue(np.log10(max(step, 1)) if self._x_axis.log else step)

    @property
    def note_text(self) -> str:
        """The sentence in the plot."""
        return self._note

    def set_note(self, text: str) -> None:
        """Show a sentence in the plot, such as what will be here or what could not be drawn."""
        if text != self._note:
            self._note = text
            self._place_note()

    def points(self, curve: Curve) -> list[tuple[float, float]]:
        """Return the values that a curve is of, (x, y), logarithms undone; gaps left out."""
        x = 10**curve.x if self._x_axis.log else curve.x
        y = 10**curve.y if self._axis.log else curve.y
        return [(float(a), float(b)) for a, b in zip(x, y, strict=True) if np.isfinite(b)]

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.restyle()

    def set_curves(self, curves: list[Curve]) -> None:
        """Draw these curves, with their names beside them. The ranges follow the data."""
        self.curves = curves = [_drawable(curve) for curve in curves]
        self._seen = [self._visible(curve) for curve in curves]
        ends = [curve.x[[0, -1]] for curve in curves if len(curve.x)]
        if ends:
            self._mouse.extent = float(min(end[0] for end in ends)), float(max(end[1] for end in ends))
        while len(self._items) < len(curves):
            item = pg.PlotCurveItem(connect="finite", antialias=True)
            points = pg.ScatterPlotItem(size=6, antialias=True)
            for new in (item, points):
                self.plot.addItem(new, ignoreBounds=True)
            self._items.append(item)
            self._points.append(points)
        for index, item in enumerate(self._items):
            curve = curves[index] if index < len(curves) else None
            measured = int(np.isfinite(curve.y).sum()) if curve is not None else 0
            drawn = measured > 0
            item.setVisible(measured > 1)  # of one point there is no line, and a file of it would have an empty path
            self._points[index].setVisible(drawn and curve is not None and curve.dots)
            if curve is None:
                continue
            colours = theme.of(self)
            colour = QColor(colours.net_colour(curve.unit, curve.line_style))
            # A wide line with antialiasing is filled as a shape: of a thousand points that takes a tenth of a second.
            x, y = self._seen[index]
            width = 2.0 if len(x) <= _WIDE_UP_TO and not (curve.thin or curve.faint) else 1.0
            if curve.strong:
                width = 3.0 if len(x) <= _WIDE_UP_TO else 2.0
            for part in (item, self._points[index]):
                part.setZValue(_height(curve))
            pen = colours.net_pen(curve.unit, curve.line_style, width)
            item.setOpacity(_FAINT if curve.faint else 1.0)
            item.setData(x, y, pen=pen)
            if curve.dots:
                finite = np.isfinite(y)
                self._points[index].setData(x[finite], y[finite], brush=colour, pen=None)
        x_name = self._labels[0].partition(",")[0]  # "weight layer", without which way they are counted
        self.readout.set_curves(
            curves, x_name, log_x=self._x_axis.log, log_y=self._axis.log, percent=self._axis.percent
        )
        self._set_ranges()
        self._place_names()
        self._place_note()

    @property
    def x_kind(self) -> str:
        """What x counts: plots of one kind share the line at the mouse."""
        return axis_kind(self._labels[0], log=bool(self._x_axis.log))

    def point_at(self, x: float | None) -> None:
        """Show the values at an x that another plot points at; None removes them."""
        self.readout.show_at(x)

    @Slot(object)
    def _zoom(self, window: tuple[float, float] | None) -> None:
        """Pass on a zoom of steps, which all plots of steps share. Over layers it is this plot's own."""
        if self._mouse.active:
            self.zoomed.emit(window)
            return
        self._own_window = window
        self._mouse.window = window
        self.set_curves(self.curves)

    def _set_ranges(self) -> None:
        x = np.concatenate([part[0] for part in self._seen]) if self._seen else np.empty(0)
        y = np.concatenate([part[1] for part in self._seen]) if self._seen else np.empty(0)
        x, y = x[np.isfinite(x)], y[np.isfinite(y)]
        if not len(x) or not len(y):
            self.plot.setRange(xRange=(0, 1), yRange=(0, 1), disableAutoRange=True)
            self._show_values(False)
            return
        self._show_values(True)
        level = float(self._level.value()) if self._level.isVisible() else None
        low, high = value_range(y, log=self._axis.log, from_zero=self._from_zero, span=self._span, level=level)
        left, right = self._mouse.window or (float(x.min()), max(float(x.max()), float(x.min()) + 1))
        if self._mouse.window is None and right - left > _LIVE_FROM and self._labels[0] == STEP_AXIS:
            right = rounded_out(left, right)[1]
        # Room above and below for a name.
        room = (high - low) * _NAME_PIXELS / max(self.plot.getPlotItem().getViewBox().height() - 2 * _NAME_PIXELS, 30)
        self.plot.setRange(
            xRange=(left, right),
            yRange=(low - room, high + room),
            padding=0.02,
            disableAutoRange=True,
        )

    def _visible(self, curve: Curve) -> tuple[np.ndarray, np.ndarray]:
        """Return what of a curve is in the window, and no more points than the screen has columns."""
        x, y = curve.x, curve.y
        if self._mouse.window is not None:
            first = max(0, int(np.searchsorted(x, self._mouse.window[0])) - 1)
            last = int(np.searchsorted(x, self._mouse.window[1], side="right")) + 1
            x, y = x[first:last], y[first:last]
        return thinned(x, y)

    def _show_values(self, shown: bool) -> None:
        if shown != self._values_shown:  # setting it has the axis drawn again, changed or not
            self._values_shown = shown
            for side in ("bottom", "left"):
                self.plot.getAxis(side).setStyle(showValues=shown, tickLength=-4 if shown else 0)
                self.plot.getAxis(side).setTicks(None if shown else [])  # of no length they would be specks
                self.plot.getAxis(side).setGrid(_GRID if shown else False)

    @Slot()
    def _resized(self) -> None:
        """Names are placed in pixels, so another size is another placing; and it may have room for other labels."""
        fitted = fitted_labels(self.plot, *self._labels)
        if fitted != self._fitted:
            self._fitted = fitted
            self.restyle()
        self._set_ranges()
        self._place_names()
        self._place_note()

    def _place_names(self) -> None:
        font = QFont(self.font())
        font.setBold(True)
        level, label = None, self._level.label
        if self._level.isVisible():
            text = label.boundingRect()
            level = Level(float(self._level.value()), (text.width(), text.height()))
        place = self._names.place(self.curves, font, level)
        if level is None:
            return
        if place is None:
            label.anchors = [(1, 1), (1, 1)]
            label.setPosition(_LEVEL_AT)
            return
        (low, high), box = self.plot.viewRange()[1], self.plot.getPlotItem().getViewBox()
        above = place.center().y() > (level.height - low) / (high - low) * box.height()
        label.anchors = [(0, int(above))] * 2
        label.setPosition(place.left() / max(box.width(), 1))

    def _place_note(self) -> None:
        if self._note and self._empty.scene() is None:
            self.plot.addItem(self._empty, ignoreBounds=True)
        self._empty.setVisible(bool(self._note))
        self._empty.setFont(QFont(self.font()))  # larger in presentation mode
        self._empty.setText(self._note)
        self._empty.setTextWidth(max(self.plot.getPlotItem().getViewBox().width() - _NOTE_MARGIN, 80))
        (x_low, x_high), (y_low, y_high) = self.plot.viewRange()
        drawn = [curve.y[np.isfinite(curve.y)] for curve in self.curves]
        heights = (np.concatenate(drawn) - y_low) / max(y_high - y_low, 1e-12) if drawn else np.empty(0)
        if not heights.size:
            self._empty.setAnchor((0.5, 0.5))
            self._empty.setPos((x_low + x_high) / 2, (y_low + y_high) / 2)
            return
        above = np.count_nonzero(heights > 1 - _NOTE_SHARE) < np.count_nonzero(heights < _NOTE_SHARE)
        self._empty.setAnchor((0.5, 0.0 if above else 1.0))
        self._empty.setPos((x_low + x_high) / 2, y_high if above else y_low)

    @Slot()
    def restyle(self) -> None:
        """Take on the colours of the theme."""
        colours = theme.of(self)
        shown = self._values_shown
        style_axes(self.plot, *self._labels, grid=_GRID if shown else False, ticks=-4 if shown else 0)
        self._empty.setColor(colours.dim)
        self._cursor.setPen(pg.mkPen(colours.text, width=1))
        self._level.setPen(pg.mkPen(colours.dim, width=1, style=Qt.PenStyle.DotLine))
        self._level.label.setColor(colours.dim)
        self._level.label.setFont(QFont(self.font()))
        if self.curves:
            self.set_curves(self.curves)


def _drawable(curve: Curve) -> Curve:
    """Return the curve without values that no axis can show."""
    with np.errstate(invalid="ignore"):
        beyond = np.abs(curve.y) > _MOST
    return replace(curve, y=np.where(beyond, np.nan, curve.y)) if beyond.any() else curve


def _set_scale(axis: DecadeAxis, log: bool, percent: bool = False) -> None:
    if (log, percent) != (axis.log, axis.percent):
        axis.log, axis.percent = log, percent
        axis.picture = None
        axis.update()


def _height(curve: Curve) -> float:
    """Return the order in which curves lie over each other.

    A dashed line over a solid one lets it be seen, the other way it would be hidden.
    """
    if curve.faint:
        return -1.0
    return curve.line_style + (_DASHED_ABOVE if curve.unit == "plain" else 0) + (_STRONG_ABOVE if curve.strong else 0)
