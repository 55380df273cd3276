"""What the mouse points at in a picture of numbers: the step, the layer and the value."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QMouseEvent
from typing_extensions import override

from resviz.base.numbers import format_digits
from resviz.base.translation import _
from resviz.gui.plots.readout_box import ReadoutBox
from resviz.gui.style import theme

if TYPE_CHECKING:
    import pyqtgraph as pg

    from resviz.gui.plots.heat_image import HeatImage


class HeatReadout(QObject):
    """Watches the mouse over one picture. `moved` has the step it points at, or None when it leaves."""

    moved = Signal(object)

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self._plot = plot
        self._box = ReadoutBox(plot)
        self._picture: HeatImage | None = None
        self._at: tuple[float, float] | None = None
        self._x_name = self._y_name = ""
        plot.viewport().setMouseTracking(True)
        plot.viewport().installEventFilter(self)

    @property
    def text(self) -> str:
        """What is written; "" if nothing is pointed at."""
        return self._box.text

    def set_picture(self, picture: HeatImage, x_name: str, y_name: str) -> None:
        """Read this picture from now on."""
        self._picture, self._x_name, self._y_name = picture, x_name, y_name
        if self._at is not None:
            self.show_at(*self._at)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseMove:
            box = self._plot.getPlotItem().getViewBox()
            at = box.mapSceneToView(self._plot.mapToScene(event.position().toPoint()))
            self.show_at(float(at.x()), float(at.y()))
            self.moved.emit(float(at.x()) if self._at is not None else None)
        elif event.type() == QEvent.Type.Leave:
            self.hide()
            self.moved.emit(None)
        return super().eventFilter(watched, event)

    def show_at(self, x: float, y: float) -> None:
        """Show the value of the cell at a place; nothing beside the picture."""
        cell = self._picture.cell(x, y) if self._picture is not None else None
        if self._picture is None or cell is None:
            self.hide()
            return
        self._at = (x, y)
        row, column = cell
        colours = theme.of(self._plot)
        head = f"{self._x_name} {self._picture.x_of(column):.4g} · {self._y_name} {self._picture.row_name(row)}"
        value = float(self._picture.values[row, column])
        text = _("no value") if not math.isfinite(value) else format_digits(10**value if self._picture.log else value)
        html = f"<span style='color:{colours.dim}'>{escape(head)}</span><br><b>{escape(text)}</b>"
        self._box.show(html, *self._picture.centre(row, column))

    def show_line(self, x: float | None) -> None:
        """Draw only the line, at a step that another plot points at; None removes it."""
        self._at = None
        if x is None:
            self._box.hide()
        else:
            self._box.show("", x)

    def hide(self) -> None:
        """Show nothing."""
        self._at = None
        self._box.hide()
