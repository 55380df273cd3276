"""The run browser: what is typed to filter the runs, how they are grouped, their table, and the trash."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QMenu, QPushButton, QWidget

from resviz.gui.compare.run_table import RunTable
from resviz.gui.style.widgets import ElidedLabel, Panel, dim
from resviz.results.columns import COLUMNS

ACTIONS = (
    ("only", "Show only these"),
    ("rename", "Rename\tF2"),
    ("tags", "Tags…"),
    ("notes", "Notes…"),
    ("", ""),
    ("resume", "Resume in TRAIN"),
    ("csv", "Numbers as CSV…"),
    ("parquet", "Numbers as Parquet…"),
    ("tensorboard", "Event files for TensorBoard…"),
    ("path", "Copy the folder's path"),
    ("", ""),
    ("trash", "Move to the trash\tDel"),
)
"""What can be done with the runs that are selected: (key, text); nothing for a line between."""


class RunBrowser(Panel):
    """Setters in, signals out."""

    typed = Signal(str)
    group_chosen = Signal(str)
    action_chosen = Signal(str)
    import_wanted = Signal()
    report_wanted = Signal()
    undo_wanted = Signal()
    empty_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Runs", parent)
        self.count = dim()
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("filter: resnet digits16, state:failed, tags:lecture")
        self.filter.setClearButtonEnabled(True)
        self.filter.setAccessibleName("filter the runs")
        self.filter.setToolTip("Runs that have all these words; word:text looks in one column: net:plain depth:56")
        self.filter.textChanged.connect(self.typed)
        self.group = QComboBox()
        self.group.setAccessibleName("group the runs")
        self.group.setToolTip("Puts runs together that have this in common")
        self.group.addItem("no groups", "")
        for column in COLUMNS:
            if column.is_groupable:
                self.group.addItem(f"by {column.heading}", column.name)
        self.group.activated.connect(self._group_activated)
        tip = "Lays a curve from elsewhere beside: CSV, or TensorBoard's event files"
        self.open = self._chip("Import …", tip, self.import_wanted)
        tip = "The comparison as one HTML file that opens anywhere, offline"
        self.report = self._chip("Report …", tip, self.report_wanted)
        self.problem = QLabel()
        self.problem.setObjectName("problem")
        self.problem.setTextFormat(Qt.TextFormat.PlainText)  # file names and what is in files come from strangers
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.table = RunTable()
        self.table.menu_wanted.connect(self._open_menu)
        self.hint = ElidedLabel("A click on ○ shows a run, on a group all of it; Space what is selected; F2 renames")
        self.trash = dim()
        self.undo = self._chip("Undo", "Brings back what was thrown away last", self.undo_wanted)
        self.empty = self._chip("Empty …", "Deletes what is in the trash, for good", self.empty_wanted)
        self.menu = QMenu(self)
        self.menu.triggered.connect(self._menu_triggered)
        self._lay_out()
        self.set_trash(0)

    def set_count(self, text: str) -> None:
        """Show how many runs the list has."""
        self.count.setText(text)

    def set_problem(self, text: str) -> None:
        """Show a problem above the list. "" hides it."""
        self.problem.setText(text)
        self.problem.setVisible(bool(text))

    def set_trash(self, count: int) -> None:
        """How many runs are in the trash."""
        self.trash.setText(f"{count} in the trash" if count else "")
        for widget in (self.trash, self.undo, self.empty):
            widget.setVisible(count > 0)

    def set_actions(self, enabled: dict[str, bool]) -> None:
        """Which of the actions can be done with what is selected."""
        self.menu.clear()
        for key, text in ACTIONS:
            if not key:
                self.menu.addSeparator()
                continue
            action = self.menu.addAction(text)
            action.setData(key)
            action.setEnabled(enabled.get(key, True))

    def _chip(self, text: str, tip: str, signal: object) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName("chip")
        button.setToolTip(tip)
        button.clicked.connect(signal)
        return button

    def _lay_out(self) -> None:
        self.add_to_header(self.count)
        self.add_to_header(self.group)
        self.add_to_header(self.open)
        self.add_to_header(self.report)
        self.body.addWidget(self.filter)
        self.body.addWidget(self.problem)
        self.body.addWidget(self.table, 1)
        foot = QHBoxLayout()
        foot.setSpacing(6)
        foot.addWidget(self.hint, 1)
        for widget in (self.trash, self.undo, self.empty):
            foot.addWidget(widget)
        self.body.addLayout(foot)

    @Slot(int)
    def _group_activated(self, index: int) -> None:
        self.group_chosen.emit(self.group.itemData(index))

    @Slot(QPoint)
    def _open_menu(self, place: QPoint) -> None:
        self.menu.popup(place)

    @Slot(object)
    def _menu_triggered(self, action: object) -> None:
        self.action_chosen.emit(action.data())  # type: ignore[attr-defined]
