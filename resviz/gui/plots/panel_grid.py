"""A few panels side by side, each with the view that a person chose for it; one of them may take all the room."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget
from typing_extensions import override

from resviz.gui.plots.curve_plot import CurvePlot
from resviz.gui.plots.heat_plot import HeatPlot
from resviz.gui.plots.view_panel import ViewPanel
from resviz.gui.style import theme
from resviz.gui.style.theme import SPACING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PySide6.QtGui import QKeyEvent, QResizeEvent

    from resviz.gui.plots.views import View

_MIN_WIDTH, _MIN_HEIGHT = 240, 150
Place = tuple[int, int, int, int]
"""Row, column, rows and columns that a panel takes."""


class PanelGrid(QWidget):
    """Setters in, signals out: each with the name of the panel's place."""

    view_chosen = Signal(str, str)
    option_chosen = Signal(str, str)
    save_wanted = Signal(str)
    step_chosen = Signal(int)
    zoomed = Signal(object)
    log_wanted = Signal(object)

    def __init__(
        self,
        views: Sequence[View],
        places: Mapping[str, Place],
        rows: tuple[int, int],
        columns: tuple[int, int],
        parent: QWidget | None = None,
        narrow: bool = False,
    ) -> None:
        """Make the panels.

        `rows` and `columns` are the shares of height and width. `narrow` panels have little room for their options.
        """
        super().__init__(parent)
        self._narrow = narrow
        self._places, self._rows, self._columns = places, rows, columns
        self._enlarged: str | None = None
        self._shown_rows = len(rows)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(SPACING)
        self.panels = {place: self._panel(place, views) for place in places}
        for place, panel in self.panels.items():
            self._grid.addWidget(panel, *places[place])
        self.enlarge(None)

    def enlarge(self, place: str | None) -> None:
        """Show one panel alone. None shows all that there is room for."""
        self._enlarged = place
        self._show_panels()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        rows = self._rows_with_room()
        if rows != self._shown_rows:
            self._shown_rows = rows
            self._show_panels()

    def _rows_with_room(self) -> int:
        """Return how many rows of panels are high enough to be read; the others are left out, the last first."""
        least = theme.scaled(_MIN_HEIGHT) + SPACING
        return max(1, min(len(self._rows), (self.height() + SPACING) // least))

    def _show_panels(self) -> None:
        place = self._enlarged
        for name, panel in self.panels.items():
            panel.setVisible(place == name or (place is None and self._places[name][0] < self._shown_rows))
        for index, (row, column) in enumerate(zip(self._rows, self._columns, strict=True)):
            taken = self._places[place] if place else (0, 0, self._shown_rows, len(self._columns))
            in_row = taken[0] <= index < taken[0] + taken[2]
            in_column = taken[1] <= index < taken[1] + taken[3]
            self._grid.setRowStretch(index, row if in_row else 0)
            self._grid.setColumnStretch(index, column if in_column else 0)

    def _panel(self, place: str, views: Sequence[View]) -> ViewPanel:
        panel = ViewPanel(place, views, narrow=self._narrow)
        # Its part of the room is its own, whatever is shown in it: what is beside it is not to move.
        panel.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        panel.setMinimumSize(_MIN_WIDTH, _MIN_HEIGHT // 2)  # lower than that, and a row is left out
        panel.view_chosen.connect(partial(self.view_chosen.emit, place))
        panel.option_chosen.connect(partial(self.option_chosen.emit, place))
        panel.save_pressed.connect(partial(self.save_wanted.emit, place))
        panel.step_chosen.connect(self.step_chosen)
        panel.zoomed.connect(self.zoomed)
        panel.log_wanted.connect(self.log_wanted)
        panel.pointed.connect(partial(self._point, place))
        panel.enlarged.connect(partial(self._enlarge, place))
        return panel

    def _point(self, place: str, x: float | None) -> None:
        """Show the line at the mouse in every other panel whose x counts the same."""
        source = self.panels[place].content
        assert isinstance(source, CurvePlot | HeatPlot)
        for name, panel in self.panels.items():
            plot = panel.content
            if name != place and isinstance(plot, CurvePlot | HeatPlot) and plot.x_kind == source.x_kind:
                plot.point_at(x)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape puts an enlarged panel back."""
        enlarged = [panel for panel in self.panels.values() if panel.larger.isChecked()]
        if event.key() == Qt.Key.Key_Escape and enlarged:
            for panel in enlarged:
                panel.larger.setChecked(False)
            return
        super().keyPressEvent(event)

    def _enlarge(self, place: str, on: bool) -> None:
        self.enlarge(place if on else None)
