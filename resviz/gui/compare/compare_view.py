"""COMPARE's layout: the run browser and what differs, and beside them the views of the runs that are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSplitter, QToolButton, QVBoxLayout, QWidget
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.compare.run_browser import RunBrowser
from resviz.gui.compare.setting_differences import SettingDifferences
from resviz.gui.plots.panel_grid import PanelGrid
from resviz.gui.plots.timeline import StepCursor
from resviz.gui.plots.views import compare_views
from resviz.gui.style.flow_layout import FlowLayout
from resviz.gui.style.theme import SPACING
from resviz.gui.style.widgets import Chips, Panel, labelled

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent, QShowEvent

_PLACES = {"main": (0, 0, 1, 2), "training": (1, 0, 1, 1), "second": (1, 1, 1, 1)}
_ROWS, _COLUMNS = (53, 47), (50, 50)
_RUNS_WIDTH = 540
"""Pixels that the runs have at first: enough for what tells them apart."""
SMOOTHINGS = ((0, "none"), (10, "10"), (100, "100"))
"""Values that a mean is taken over."""


class CompareView(QWidget):
    """Setters in, signals out."""

    opened = Signal(bool)
    """Whether it is in sight."""
    step_chosen = Signal(int)
    smoothing_chosen = Signal(int)
    log_y_chosen = Signal(object)
    log_x_chosen = Signal(bool)
    epochs_chosen = Signal(bool)
    zoom_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.browser = RunBrowser()
        self.differences = SettingDifferences()
        self.grid = PanelGrid(compare_views(), _PLACES, _ROWS, _COLUMNS, narrow=True)
        self.grid.zoomed.connect(self.zoom_chosen)
        self.grid.log_wanted.connect(self._log_wanted)
        self.grid.step_chosen.connect(self.step_chosen)
        self.panels = self.grid.panels
        self.step_cursor = StepCursor()
        self.step_cursor.chosen.connect(self.step_chosen)
        self.smoothing = Chips(
            [(str(steps), text) for steps, text in SMOOTHINGS],
            _("mean over values"),
            tip=_("Draw the mean over so many values."),
        )
        self.smoothing.set_choice("0")
        self.smoothing.chosen.connect(self._smoothing_chosen)
        self.log_y = Chips(
            (("auto", _("auto")), ("linear", _("linear")), ("log", _("log"))),
            _("values"),
            tip=_("Choose a linear or a logarithmic axis."),
        )
        self.log_y.set_choice("auto")
        self.log_y.chosen.connect(self._log_y_chosen)
        self.x_axis = Chips(
            (("steps", _("steps")), ("epochs", _("epochs"))),
            _("x axis"),
            tip=_("Count steps, or epochs: passes over all training images."),
        )
        self.x_axis.set_choice("steps")
        self.x_axis.chosen.connect(self._x_axis_chosen)
        self.log_x = QPushButton(_("log steps"))
        self.log_x.setObjectName("chip")
        self.log_x.setCheckable(True)
        self.log_x.setToolTip(_("Use a logarithmic axis of steps, from step 1 on."))
        self.log_x.toggled.connect(self.log_x_chosen)
        self.whole = QPushButton(_("all steps"))
        self.whole.setObjectName("chip")
        self.whole.setToolTip(
            _("Show all steps again. In a plot over steps, zoom with the wheel and move with the right button.")
        )
        self.whole.clicked.connect(self._whole_clicked)
        self.fold = QToolButton()
        self.fold.setObjectName("tool")
        self.fold.setText("◀")
        self.fold.setCheckable(True)
        self.fold.setAccessibleName(_("hide runs"))
        self.fold.setToolTip(_("Hide the list of runs to enlarge the plots. Click again to show the list."))
        self.fold.toggled.connect(self._fold)
        self._lay_out()

    def set_zoomed(self, zoomed: bool) -> None:
        """Offer to show all steps, if the views are zoomed."""
        self.whole.setEnabled(zoomed)

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.opened.emit(True)

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.opened.emit(False)

    def _lay_out(self) -> None:
        differences = Panel(_("Differences"))
        differences.body.addWidget(self.differences, 1)
        left = self.left = QSplitter(Qt.Orientation.Vertical)
        left.addWidget(self.browser)
        left.addWidget(differences)
        left.setStretchFactor(0, 62)
        left.setStretchFactor(1, 38)
        left.setChildrenCollapsible(False)
        left.setHandleWidth(SPACING)

        means, values = labelled(_("mean over steps"), self.smoothing), labelled(_("y axis"), self.log_y)
        counted = labelled(_("x axis"), self.x_axis)
        tools = FlowLayout([self.fold, means, values, counted, self.log_x, self.whole], spacing=6)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(7)
        column.addLayout(tools)
        column.addWidget(self.step_cursor)
        column.addWidget(self.grid, 1)

        both = QSplitter(Qt.Orientation.Horizontal)
        both.addWidget(left)
        both.addWidget(right)
        both.setStretchFactor(0, 1)
        both.setStretchFactor(1, 2)
        both.setSizes([_RUNS_WIDTH, 1190 - _RUNS_WIDTH])
        both.setChildrenCollapsible(False)
        both.setHandleWidth(SPACING)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(both)

    @Slot(str)
    def _smoothing_chosen(self, steps: str) -> None:
        self.smoothing_chosen.emit(int(steps))

    @Slot(str)
    def _log_y_chosen(self, choice: str) -> None:
        self.log_y_chosen.emit({"auto": None, "linear": False, "log": True}[choice])

    @Slot(str)
    def _x_axis_chosen(self, choice: str) -> None:
        self.x_axis.set_choice(choice)
        self.epochs_chosen.emit(choice == "epochs")

    @Slot(object)
    def _log_wanted(self, log: bool) -> None:
        self.log_y.set_choice("log" if log else "linear")
        self.log_y_chosen.emit(log)

    @Slot()
    def _whole_clicked(self) -> None:
        self.zoom_chosen.emit(None)

    @Slot(bool)
    def _fold(self, folded: bool) -> None:
        self.left.setVisible(not folded)
        self.fold.setText("▶" if folded else "◀")
