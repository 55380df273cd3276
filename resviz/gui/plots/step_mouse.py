"""The mouse on a plot: the wheel zooms, right drags, a double click shows all; over steps left moves the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QMouseEvent, QWheelEvent
from typing_extensions import override

if TYPE_CHECKING:
    import pyqtgraph as pg

_WHEEL = 0.8
"""What a notch of the wheel leaves of the range."""
_MIN = 1e-4
"""Of all steps: the narrowest window."""


class StepMouse(QObject):
    """Watches a plot; what it asks for is done by whoever draws."""

    step_chosen = Signal(int)
    menu_wanted = Signal(QPoint)
    """Where on the screen the right button was clicked."""
    zoomed = Signal(object)
    """The steps that a person wants to see, (low, high); None for all of them."""

    def __init__(self, plot: pg.PlotWidget) -> None:
        super().__init__(plot)
        self.active = False
        """Whether x counts steps, so that there is a cursor to move."""
        self.log = False
        """Whether x is a base-10 logarithm."""
        self.window: tuple[float, float] | None = None
        self.extent = (0.0, 1.0)
        """The first and the last x there is."""
        self._plot = plot
        self._grabbed: float | None = None
        self._dragged = False
        plot.viewport().installEventFilter(self)

    @override
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ContextMenu:
            return True  # it comes when the right button is let go, if nothing was dragged
        if isinstance(event, QWheelEvent):
            low, high = self.window or self.extent
            x, factor = self._x_at(event), _WHEEL ** (event.angleDelta().y() / 120)
            self._show(x - (x - low) * factor, x + (high - x) * factor)
            return True
        if isinstance(event, QMouseEvent):
            x = self._x_at(event)
            if event.type() == QEvent.Type.MouseButtonDblClick:
                self.zoomed.emit(None)
            elif event.buttons() & Qt.MouseButton.LeftButton and self.active:
                self.step_chosen.emit(max(0, round(10 ** min(x, 9.0) if self.log else x)))
            elif event.buttons() & Qt.MouseButton.RightButton:
                self._drag(event, x)
            elif event.type() == QEvent.Type.MouseButtonRelease:
                if event.button() == Qt.MouseButton.RightButton and not self._dragged:
                    self.menu_wanted.emit(event.globalPosition().toPoint())
                self._grabbed, self._dragged = None, False
        return super().eventFilter(watched, event)

    def _x_at(self, event: QMouseEvent | QWheelEvent) -> float:
        box = self._plot.getPlotItem().getViewBox()
        return float(np.clip(box.mapSceneToView(self._plot.mapToScene(event.position().toPoint())).x(), -1e9, 1e9))

    def _drag(self, event: QMouseEvent, x: float) -> None:
        if event.type() == QEvent.Type.MouseButtonPress or self._grabbed is None:
            self._grabbed = x
        elif self.window is not None and x != self._grabbed:
            self._dragged = True
            low, high = self.window
            self._show(low + self._grabbed - x, high + self._grabbed - x)

    def _show(self, low: float, high: float) -> None:
        """A window within what there is; as wide as that, it is none."""
        first, last = self.extent
        width = max(high - low, (last - first) * _MIN, 1e-3 if self.log else 2.0)
        if width >= last - first:
            self.zoomed.emit(None)
            return
        low = min(max(low, first), last - width)
        ends = (low, low + width)
        self.zoomed.emit((10 ** ends[0], 10 ** ends[1]) if self.log else ends)
