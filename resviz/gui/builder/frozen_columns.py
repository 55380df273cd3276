"""The first columns of a table, which stay in sight where the others are scrolled sideways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt, Slot
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView
from typing_extensions import override

if TYPE_CHECKING:
    from PySide6.QtGui import QWheelEvent


class FrozenColumns(QTableView):
    """A second view of a table's first columns, over the table itself as soon as it is scrolled sideways.

    It has no focus and no cursor; a click in it is a click in the table.
    """

    def __init__(self, table: QTableView, columns: int) -> None:
        """Cover the first `columns` columns of a table that has its model already.

        It needs a delegate of its own: the editors of one that two views share would answer to both.
        """
        super().__init__(table)
        self._table, self._columns = table, columns
        self.setModel(table.model())
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(table.verticalScrollMode())
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(table.verticalHeader().minimumSectionSize())
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setSectionsClickable(False)
        self.hide()
        table.model().modelReset.connect(self._hide_others)
        table.horizontalHeader().sectionResized.connect(self._column_resized)
        table.verticalHeader().sectionResized.connect(self._row_resized)
        table.verticalScrollBar().valueChanged.connect(self.verticalScrollBar().setValue)
        table.horizontalScrollBar().valueChanged.connect(self.place)
        self.clicked.connect(table.clicked)
        self._hide_others()

    @Slot()
    def place(self) -> None:
        """Cover the columns if they are scrolled out of sight, whole or in part."""
        table = self._table
        self.setVisible(table.horizontalScrollBar().value() > 0)
        if not self.isVisible():
            return
        width = sum(table.columnWidth(column) for column in range(self._columns))
        head = table.horizontalHeader().height()
        self.horizontalHeader().setFixedHeight(head)
        frame = table.viewport().geometry()
        self.setGeometry(QRect(frame.left(), frame.top() - head, width, frame.height() + head))
        self.verticalScrollBar().setValue(table.verticalScrollBar().value())

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll the table."""
        event.ignore()

    @Slot()
    def _hide_others(self) -> None:
        for column in range(self.model().columnCount()):
            self.setColumnHidden(column, column >= self._columns)

    @Slot(int, int, int)
    def _column_resized(self, column: int, _before: int, width: int) -> None:
        if column < self._columns:
            self.setColumnWidth(column, width)
            self.place()

    @Slot(int, int, int)
    def _row_resized(self, row: int, _before: int, height: int) -> None:
        self.setRowHeight(row, height)
