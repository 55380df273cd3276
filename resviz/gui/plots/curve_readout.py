"""What the mouse points at in a plot of curves: a line at the nearest place, and each curve's value there."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QMouseEvent
from typing_extensions import override

from resviz.base.numbers import format_digits
from resviz.base.translation import _
from resviz.gui.plots.readout_box import ReadoutBox
from resviz.gui.style import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyqtgraph as pg

    from resviz.gui.plots.curve import Curve

_MAX_LINES = 12
"""Curves whose values are written; more would cover the plot."""


class CurveReadout(QObject):
    """Watches the mouse over a plot. `moved` has the x it points at, as the data have it, or None when it leaves."""

    moved = Signal(object)

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self._plot = plot
        self._curves: Sequence[Curve] = ()
        self._log_x = self._log_y = self._percent = False
        self._x_name = ""
        self.place: float | None = None
        """Where the line is, as the axis has it."""
        self._box = ReadoutBox(plot)
        plot.viewport().setMouseTracking(True)
        plot.viewport().installEventFilter(self)

    @property
    def text(self) -> str:
        """What is written, as plain text; "" if nothing is pointed at."""
        return self._box.text

    def set_curves(self, curves: Sequence[Curve], x_name: str, *, log_x: bool, log_y: bool, percent: bool) -> None:
        """Read these curves from now on.

        `log_x` and `log_y` say that the data are base-10 logarithms, `percent` that shares are written as percentages.
        """
        self._percent = percent
        self._curves = [curve for curve in curves if not (curve.thin or curve.faint)]
        self._x_name, self._log_x, self._log_y = x_name, log_x, log_y
        if self.place is not None:
            self.show_at(self.place)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseMove:
            box = self._plot.getPlotItem().getViewBox()
            x = float(box.mapSceneToView(self._plot.mapToScene(event.position().toPoint())).x())
            self.show_at(x)
            self.moved.emit(self.place)
        elif event.type() == QEvent.Type.Leave:
            self.show_at(None)
            self.moved.emit(None)
        return super().eventFilter(watched, event)

    def show_at(self, x: float | None) -> None:
        """Show the values at the place nearest to x, or nothing for None."""
        self.place = self._nearest(x) if x is not None else None
        if self.place is None:
            self._box.hide()
        else:
            self._box.show(self._html(self.place), self.place)

    def _nearest(self, x: float) -> float | None:
        """Return the x of the measured point nearest to the mouse, if it is in the plot's range."""
        (low, high), _y = self._plot.viewRange()
        best: float | None = None
        for curve in self._curves:
            inside = curve.x[np.isfinite(curve.y) & (curve.x >= low) & (curve.x <= high)]
            if len(inside):
                near = float(inside[np.argmin(np.abs(inside - x))])
                best = near if best is None or abs(near - x) < abs(best - x) else best
        return best

    def _html(self, place: float) -> str:
        colours = theme.of(self._plot)
        shown = 10**place if self._log_x else place
        lines = [f"<span style='color:{colours.dim}'>{escape(self._x_name)} {shown:g}</span>"]
        for curve in self._curves[:_MAX_LINES]:
            index = int(np.searchsorted(curve.x, place, side="right")) - 1
            if index < 0 or index >= len(curve.y) or not np.isfinite(curve.y[index]):
                continue
            value = float(curve.y[index])
            value = 10**value if self._log_y else value
            text = f"{value:.1%}" if self._percent else format_digits(value)
            name = f" ({curve.places[index]})" if index < len(curve.places) else ""
            colour = colours.net_colour(curve.unit, curve.line_style)
            lines.append(f"<span style='color:{colour}'><b>{escape(curve.name)}</b>{escape(name)}: {text}</span>")
        if len(self._curves) > _MAX_LINES:
            lines.append(_("and {count} more").format(count=len(self._curves) - _MAX_LINES))
        return "<br>".join(lines)
