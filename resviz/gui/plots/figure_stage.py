"""A place for one figure that changes: it is drawn by its view, on the widget that the view needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QStackedWidget, QWidget

from resviz.gui.plots.views import ViewCache

if TYPE_CHECKING:
    from collections.abc import Callable

    from resviz.gui.plots.figure import Figure
    from resviz.measurements.history import RunHistory


class FigureStage(QStackedWidget):
    """Keeps a widget for each kind of figure, and shows the one that was drawn last."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cache = ViewCache()
        self._drawn: list[RunHistory] = []
        self._surfaces: dict[type[QWidget], QWidget] = {}

    def draw(self, figure: Figure, style: Callable[[QWidget], None] = lambda _surface: None) -> QWidget:
        """Draw a figure and return its widget. `style` sets fonts and colours before anything is drawn."""
        kind = figure.view.surface
        if kind not in self._surfaces:
            self._surfaces[kind] = kind()
            self.addWidget(self._surfaces[kind])
        surface = self._surfaces[kind]
        style(surface)
        self.setCurrentWidget(surface)
        histories = [net.history for net in figure.scene.nets]
        if histories != self._drawn:  # other runs: what was kept of the last ones would stay for ever
            self._cache.forget()
            self._drawn = histories
        figure.view.draw(surface, figure.option, figure.scene, self._cache)
        return surface
