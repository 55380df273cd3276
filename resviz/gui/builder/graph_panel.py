"""The picture of the chosen net and of those beside it, with what it is coloured by, folded to, and searched for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QMenu, QToolButton, QWidget
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.graph.graph_view import DrawnNet, GraphView
from resviz.gui.graph.layout import OPERATIONS
from resviz.gui.graph.legend import Legend, LegendBar
from resviz.gui.style import theme
from resviz.gui.style.widgets import ElidedLabel, Panel, tool_button

if TYPE_CHECKING:
    from collections.abc import Sequence

FOLDS = ((OPERATIONS, _("All ops")), ("layer", _("Layers")), ("block", _("Blocks")), ("stage", _("Stages")))
COLOURS = (
    ("stage", _("by stage")),
    ("parameters", _("by params")),
    ("flops", _("by FLOPs")),
    ("activations", _("by memory")),
    ("field", _("by field")),
)

_LEAST = 200
"""Pixels in which a net's name stands beside the buttons, and both choices and the legend's longest line are whole."""


class FindLine(QLineEdit):
    """Part of a layer's name; Return goes to the next layer that has it, Escape closes the line."""

    next_wanted = Signal(str)
    closed = Signal()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.next_wanted.emit(self.text())
        elif event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)


class GraphPanel(Panel):
    """The panel with the picture of the nets: its buttons, legend and search line."""

    fold_chosen = Signal(str)
    colour_chosen = Signal(str)
    side_by_side_toggled = Signal(int, bool)
    find_wanted = Signal(str)
    wide_wanted = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_("Graph"), parent, elides=True)  # a net's name may be long
        self.setMinimumWidth(_LEAST)
        self.graph = GraphView()
        self.legend = LegendBar()
        self.fold, self.colour = QComboBox(), QComboBox()
        for box, choices, name, tip in (
            (
                self.fold,
                FOLDS,
                _("fold"),
                _(
                    "Choose what a box is: an operation, a layer, a block or a stage. Double-click a box, or press ← "
                    "or →, to fold or unfold it."
                ),
            ),
            (self.colour, COLOURS, _("colour"), _("Choose what the colours of the boxes show.")),
        ):
            for key, text in choices:
                box.addItem(text, key)
            box.setObjectName("tight")
            box.setAccessibleName(name)
            box.setToolTip(tip)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(3)
            box.setPlaceholderText("some")
        self.fold.activated.connect(self._choose_fold)
        self.colour.activated.connect(self._choose_colour)
        self.side_by_side = self._button(
            "beside", _("Draw up to three nets side by side, aligned by the size of their maps.")
        )
        self.side_by_side.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self.side_by_side)
        self._menu.triggered.connect(self._toggle_side_by_side)
        self.side_by_side.setMenu(self._menu)
        self.wide = self._button("wide", _("Enlarge the picture. Click again to show the layer table."))
        self.wide.setCheckable(True)
        self.wide.clicked.connect(self.wide_wanted)
        self.fit = self._button("fit", _("Show the whole net (0). Zoom with Ctrl and the wheel, drag to move."))
        self.fit.clicked.connect(self.graph.fit_whole)
        for button in (self.side_by_side, self.fit, self.wide):
            self.add_to_header(button)
        self.find_line = FindLine()
        self.find_line.setPlaceholderText(_("Find layer: layer3.0 …"))
        self.find_line.setAccessibleName(_("find a layer"))
        self.find_line.setToolTip(_("Type a part of a layer's name. Return goes to the next layer, Escape closes."))
        self.find_line.next_wanted.connect(self.find_wanted)
        self.find_line.closed.connect(self._close_find)
        self.find_line.hide()
        self.not_found = ElidedLabel()
        self.not_found.hide()
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.fold, 4)
        row.addWidget(self.colour, 5)
        self.body.addLayout(row)
        self.body.addWidget(self.find_line)
        self.body.addWidget(self.not_found)
        self.body.addWidget(self.graph, 1)
        self.body.addWidget(self.legend)
        self._tint()
        theme.changed().connect(self._tint)

    def set_nets(self, nets: Sequence[DrawnNet], legend: Legend, title: str) -> None:
        """Show these nets side by side."""
        self.heading.setText(title)
        self.graph.set_nets(nets)
        self.legend.set_legend(legend)

    def set_choices(self, fold: str, colour: str) -> None:
        """Show what is chosen in both menus. An empty `fold` means that boxes were folded one by one."""
        self.fold.setCurrentIndex([key for key, _ in FOLDS].index(fold) if fold else -1)
        self.colour.setCurrentIndex([key for key, _ in COLOURS].index(colour))

    def set_side_by_side(self, nets: Sequence[tuple[str, bool, bool]]) -> None:
        """Show the nets of the table: (name, whether it is drawn, whether it can be left out)."""
        self._menu.clear()
        for index, (name, drawn, optional) in enumerate(nets):
            action = self._menu.addAction(name.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(drawn)
            action.setEnabled(optional)
            action.setData(index)
        self.side_by_side.setEnabled(len(nets) > 1)

    def set_found(self, text: str) -> None:
        """Show why nothing was found. "" hides the text."""
        self.not_found.setText(text)
        self.not_found.setVisible(bool(text))

    @Slot()
    def open_find(self) -> None:
        """Open the search line and select its text."""
        self.find_line.show()
        self.find_line.setFocus()
        self.find_line.selectAll()

    @Slot()
    def _close_find(self) -> None:
        self.find_line.hide()
        self.set_found("")
        self.graph.setFocus()

    @Slot(int)
    def _choose_fold(self, index: int) -> None:
        self.fold_chosen.emit(FOLDS[index][0])

    @Slot(int)
    def _choose_colour(self, index: int) -> None:
        self.colour_chosen.emit(COLOURS[index][0])

    @Slot(QAction)
    def _toggle_side_by_side(self, action: QAction) -> None:
        self.side_by_side_toggled.emit(action.data(), action.isChecked())

    def _button(self, icon: str, tip: str) -> QToolButton:
        button = tool_button()
        button.setToolTip(tip)
        button.setAccessibleName(tip.partition(":")[0].partition(";")[0])
        button.setProperty("drawn", icon)
        return button

    @Slot()
    def _tint(self) -> None:
        for button in (self.side_by_side, self.fit, self.wide):
            button.setIcon(theme.icon(button.property("drawn"), theme.current().text))
