"""VGG-16 in the form of the lecture, beside what is printed there."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from resviz.analysis.claims.vgg_table import vgg_table
from resviz.base.translation import _
from resviz.gui.style.widgets import Chips, dim, plain


class VggPage(QWidget):
    """The table with a switch for biases. It is computed when the page is shown first."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.biases = Chips(
            [("without", _("without biases")), ("with", _("with biases"))],
            _("biases"),
            tip=_("Count the biases of the layers, or leave them out, as the lecture does."),
        )
        self.biases.set_choice("without")
        self.biases.chosen.connect(self.biases.set_choice)
        self.biases.chosen.connect(self.fill)
        copy = QPushButton(_("Copy"))
        copy.setToolTip(plain(_("Copy the table as text.")))
        copy.clicked.connect(self.copy)
        self.table = QTableWidget()
        self.table.setAccessibleName(_("VGG-16 by layer"))
        self.table.setTabKeyNavigation(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(22)
        self.table.setShowGrid(False)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.table.horizontalHeader().setHighlightSections(False)
        self.note = dim()
        self.note.setWordWrap(True)
        head = QHBoxLayout()
        head.addWidget(self.biases)
        head.addStretch(1)
        head.addWidget(copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(head)
        column.addWidget(self.table, 1)
        column.addWidget(self.note)

    @Slot()
    def fill(self) -> None:
        """Compute the table, and show it."""
        content = vgg_table(biases=self.biases.choice == "with")
        self.table.setColumnCount(len(content.headings))
        self.table.setRowCount(len(content.rows))
        self.table.setHorizontalHeaderLabels(list(content.headings))
        bold = QFont(self.table.font())
        bold.setBold(True)
        for row, cells in enumerate(content.rows):
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                side = Qt.AlignmentFlag.AlignRight if content.numeric[column] else Qt.AlignmentFlag.AlignLeft
                item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
                if row == len(content.rows) - 1:
                    item.setFont(bold)
                self.table.setItem(row, column, item)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.note.setText(content.note)

    @Slot()
    def copy(self) -> None:
        """Copy the table as tab-separated text."""
        QGuiApplication.clipboard().setText(vgg_table(biases=self.biases.choice == "with").to_tsv())
