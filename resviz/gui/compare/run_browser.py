"""The run browser: what is typed to filter the runs, how they are grouped, their table, and the trash."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QLineEdit, QMenu, QPushButton, QWidget

from resviz.base.translation import _
from resviz.gui.compare.run_table import RunTable
from resviz.gui.style.widgets import ElidedLabel, Panel, dim
from resviz.results.columns import COLUMNS

ACTIONS = (
    ("only", _("Plot only these")),
    ("rename", "Rename\tF2"),
    ("tags", "Tags…"),
    ("notes", "Notes…"),
    ("colour", _("Colour…")),
    ("", ""),
    ("resume", _("Resume in Train")),
    ("follow", _("Follow in Train")),
    ("csv", _("Export numbers as CSV…")),
    ("parquet", _("Export numbers as Parquet…")),
    ("tensorboard", _("Export for TensorBoard…")),
    ("path", _("Copy folder path")),
    ("", ""),
    ("trash", _("Move to trash") + "\tDel"),
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
        super().__init__(_("Runs"), parent)
        self.count = dim()
        self.filter = QLineEdit()
        self.filter.setPlaceholderText(_("Filter: resnet digits16, state:failed, tags:lecture"))
        self.filter.setClearButtonEnabled(True)
        self.filter.setAccessibleName(_("filter the runs"))
        self.filter.setToolTip(
            _("List only runs that match all words. word:text searches one column, like net:plain depth:56.")
        )
        self.filter.textChanged.connect(self.typed)
        self.group = QComboBox()
        self.group.setAccessibleName(_("group the runs"))
        self.group.setToolTip(_("Group the runs by one of their settings."))
        self.group.addItem(_("no groups"), "")
        for column in COLUMNS:
            if column.is_groupable:
                self.group.addItem(_("by {column}").format(column=column.heading), column.name)
        self.group.activated.connect(self._group_activated)
        tip = _("Overlay a curve: a CSV file, or logs of TensorBoard, W&B or Trackio.")
        self.open = self._chip(_("Import …"), tip, self.import_wanted)
        tip = _("Save the comparison as one HTML file that opens offline.")
        self.report = self._chip(_("Report …"), tip, self.report_wanted)
        self.problem = QLabel()
        self.problem.setObjectName("problem")
        self.problem.setTextFormat(Qt.TextFormat.PlainText)  # file names and what is in files come from strangers
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.table = RunTable()
        self.table.menu_wanted.connect(self._open_menu)
        self.hint = ElidedLabel(_("Click ○ to plot a run or a group. Space plots the selection, F2 renames."))
        self.trash = dim()
        self.undo = self._chip(_("Undo"), _("Restore the run that was moved to the trash last."), self.undo_wanted)
        self.empty = self._chip(_("Empty …"), _("Delete all runs in the trash forever."), self.empty_wanted)
        self.menu = QMenu(self)
        self.menu.triggered.connect(self._menu_triggered)
        self._lay_out()
        self.set_trash(0)

    def choose_group(self, column: str) -> None:
        """Group the runs by a column, as if the user had chosen it."""
        index = self.group.findData(column)
        if index >= 0:
            self.group.setCurrentIndex(index)
            self._group_activated(index)

    def set_count(self, text: str) -> None:
        """Show how many runs the list has."""
        self.count.setText(text)

    def set_problem(self, text: str) -> None:
        """Show a problem below the list. "" hides it."""
        self.problem.setText(text)
        self.problem.setVisible(bool(text))

    def set_trash(self, count: int) -> None:
        """Show how many runs are in the trash."""
        self.trash.setText(_("{count} in the trash").format(count=count) if count else "")
        for widget in (self.trash, self.undo, self.empty):
            widget.setVisible(count > 0)

    def set_actions(self, enabled: dict[str, bool]) -> None:
        """Enable the actions that can be done with the selected runs."""
        self.menu.clear()
        for key, text in ACTIONS:
            if not key:
                self.menu.addSeparator()
                continue
            action = self.menu.addAction(text)
            action.setData(key)
            action.setEnabled(enabled.get(key, True))

    def set_reading(self, text: str) -> None:
        """Let the import button stop what is being read, with this text. "" lets it import again."""
        self.open.setText(text or _("Import …"))

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
        self.body.addWidget(self.table, 1)
        self.body.addWidget(self.problem)  # below the list, whose rows then stay where the mouse is
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
