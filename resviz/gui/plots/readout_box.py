"""The line at the mouse in a plot, and the box beside it that says what is there."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont

from resviz.gui.style import theme

_EDGE = 8
"""Pixels between the line, or the plot's edge, and the box."""


class ReadoutBox:
    """A dashed line at an x, on a map also at a y, and a text beside it where it is inside the plot."""

    def __init__(self, plot: pg.PlotWidget) -> None:
        self._plot = plot
        self._line, self._level = pg.InfiniteLine(angle=90), pg.InfiniteLine(angle=0)
        self._box = pg.TextItem(anchor=(0, 0))
        self._box.setZValue(30)
        for item in (self._line, self._level, self._box):
            item.setVisible(False)
            plot.addItem(item, ignoreBounds=True)

    @property
    def text(self) -> str:
        """What is written, as plain text; "" while nothing is shown."""
        return self._box.textItem.toPlainText() if self._box.isVisible() else ""

    def show(self, html: str, x: float, y: float | None = None) -> None:
        """Draw the line at x, and one at y unless it is None. Without a text there is no box."""
        colours = theme.of(self._plot)
        for line, value in ((self._line, x), (self._level, y)):
            line.setVisible(value is not None)
            if value is not None:
                line.setPen(pg.mkPen(colours.dim, width=1, style=Qt.PenStyle.DashLine))
                line.setValue(value)
        self._box.setVisible(bool(html))
        self._box.fill = pg.mkBrush(QColor(colours.panel))
        self._box.border = pg.mkPen(colours.line)
        self._box.setFont(QFont(self._plot.font()))
        self._box.setHtml(html)
        self._place(x, y)

    def hide(self) -> None:
        """Show nothing."""
        for item in (self._line, self._level, self._box):
            item.setVisible(False)

    def _place(self, x: float, y: float | None) -> None:
        """Put the box beside the line: on a map in the other half of the height, so that it doesn't cover the place."""
        view = self._plot.getPlotItem().getViewBox()
        extent = self._box.boundingRect()
        at = view.mapFromView(QPointF(x, 0.0 if y is None else y))
        left = at.x() + _EDGE if at.x() + _EDGE + extent.width() < view.width() else at.x() - _EDGE - extent.width()
        upper = y is None or at.y() > view.height() / 2
        top = _EDGE if upper else view.height() - _EDGE - extent.height()
        corner = view.mapToView(QPointF(max(left, 0.0), max(top, 0.0)))
        self._box.setPos(corner.x(), corner.y())
