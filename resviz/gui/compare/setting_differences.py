"""What differs between the runs that are shown, and nothing of what is equal in all."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from resviz.base.translation import _
from resviz.gui.style.widgets import plain
from resviz.results.setting_titles import setting_title

_MAX_ROWS, _MAX_COLUMNS = 60, 40
_MIN_WIDTH = 74


class SettingDifferences(QTableWidget):
    """A table of the settings in which the shown runs differ."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTabKeyNavigation(False)  # Tab leaves the table, the arrow keys move in it
        self.setAccessibleName(_("differences of settings"))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(22)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def set_differences(self, names: list[str], rows: list[tuple[str, list[str]]]) -> None:
        """Show the differences. `names` are the headings; a row has a setting's key and its text for each run."""
        names, rows = names[:_MAX_COLUMNS], rows[:_MAX_ROWS]
        self.setColumnCount(1 + len(names))
        self.setHorizontalHeaderLabels([_("what differs"), *names])
        self.setRowCount(len(rows))
        for row, (name, texts) in enumerate(rows):
            for column, text in enumerate((setting_title(name), *texts[:_MAX_COLUMNS])):
                item = QTableWidgetItem(text)
                item.setToolTip(plain(text))
                self.setItem(row, column, item)
        header = self.horizontalHeader()
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        # Of few runs the columns share the room, of many they are scrolled.
        fits = (1 + len(names)) * _MIN_WIDTH <= self.viewport().width()
        mode = QHeaderView.ResizeMode.Stretch if fits else QHeaderView.ResizeMode.Interactive
        header.setSectionResizeMode(mode)
        if not fits:
            for column in range(1 + len(names)):
                header.resizeSection(column, _MIN_WIDTH + 26)
