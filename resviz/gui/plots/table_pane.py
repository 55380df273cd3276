"""TablePane: a table of final errors with where its numbers are from; Ctrl+C copies it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.style import theme
from resviz.gui.style.widgets import plain
from resviz.results.final_tables import FinalTable

_NOTHING = FinalTable("", (), (), (), "")


class TablePane(QWidget):
    """A table of final errors with where its figures are from; Ctrl+C copies it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.content: FinalTable | None = None
        self.table = QTableWidget()
        self.table.setTabKeyNavigation(False)
        self.table.setAccessibleName(_("final errors"))
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(22)
        self.table.setShowGrid(False)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.table.horizontalHeader().setHighlightSections(False)
        self.note = QLabel()
        self.note.setObjectName("dim")
        self.note.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.table, 1)
        column.addWidget(self.note)
        theme.changed().connect(self._fill)

    def set_table(self, content: FinalTable | None) -> None:
        """Show a table, or none."""
        self.content = content
        self.note.setText("" if content is None else content.note)
        self._fill()

    def set_note(self, text: str) -> None:
        """Show a note below the table."""
        self.note.setText(text)

    @property
    def note_text(self) -> str:
        """The note below the table."""
        return self.note.text()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy) and self.content is not None:
            lines = [self.content.headings, *self.content.rows]
            QGuiApplication.clipboard().setText("\n".join("\t".join(line) for line in lines))
        else:
            super().keyPressEvent(event)

    def _fill(self) -> None:
        table, content = self.table, self.content or _NOTHING
        headings, rows, own = content.headings, content.rows, content.own
        table.setColumnCount(len(headings))
        table.setRowCount(len(rows))
        bold = QFont(self.font())
        bold.setBold(True)
        for row, texts in enumerate(rows):
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                side = Qt.AlignmentFlag.AlignLeft if column == 0 else Qt.AlignmentFlag.AlignRight
                item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
                item.setToolTip(plain(text))
                if column in own:
                    item.setFont(bold)
                    item.setForeground(QColor(theme.of(self).accent))
                table.setItem(row, column, item)
        for column, heading in enumerate(headings):
            item = QTableWidgetItem(heading.replace(", ", ",\n"))
            item.setToolTip(plain(heading))
            side = Qt.AlignmentFlag.AlignLeft if column == 0 else Qt.AlignmentFlag.AlignRight
            item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            table.setHorizontalHeaderItem(column, item)
        self._fit()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Each column as wide as what is in it; what is over is the first one's, what is missing is scrolled."""
        table, header = self.table, self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        table.resizeColumnsToContents()
        over = table.viewport().width() - sum(map(table.columnWidth, range(table.columnCount())))
        if table.columnCount() and over > 0:
            table.setColumnWidth(0, table.columnWidth(0) + over)
