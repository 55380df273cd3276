"""Final errors: against depth, parameters or FLOPs, a curve a family of nets; and as the papers' tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
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

from resviz.gui.plots.curve import Curve
from resviz.gui.plots.curve_plot import CurvePlot
from resviz.gui.style import theme
from resviz.gui.style.widgets import plain
from resviz.results.final_tables import FinalTable, SeedGroup, group_by_seed, variations
from resviz.results.summary import RunSummary

_LABELS = {"depth": "weight layers", "parameters": "parameters", "flops": "FLOPs (multiply-adds)"}
_NOTHING = FinalTable("", (), (), (), "")


def draw_final(plot: CurvePlot, runs: Sequence[RunSummary], against: str, waiting: str) -> None:
    """Held-out error of the last weights, mean over seeds with ± a sample standard deviation."""
    curves = []
    used: dict[bool, int] = {}
    log = against != "depth"
    for variation, groups in variations(group_by_seed(runs)).items():
        for unit in dict.fromkeys(group.first.spec.unit for group in groups):
            family = [group for group in groups if group.first.spec.unit == unit and group.mean is not None]
            if family:
                line_style = used.get(unit == "plain", 0)
                used[unit == "plain"] = line_style + 1
                curves += _family(f"{unit}, {variation}", unit, line_style, family, against, log)
    plot.set_log(False)
    plot.set_log_x(log)
    plot.set_window(None)
    plot.set_labels(_LABELS[against], "wrong answers, held out")
    plot.set_curves(curves)
    plot.set_note("" if curves else waiting or "none of these runs has measured its held-out error")


def _family(name: str, unit: str, line_style: int, groups: list[SeedGroup], against: str, log: bool) -> list[Curve]:
    """The curve, and a thin upright line for each deviation."""
    groups = sorted(groups, key=lambda group: getattr(group.first, against))
    x = np.array([getattr(group.first, against) for group in groups], np.float64)
    x = np.log10(x) if log else x
    y = np.array([group.mean for group in groups], np.float64)
    curves = [Curve(name, x, y, unit, line_style, dots=True)]
    for place, group in zip(x, groups, strict=True):
        if group.deviation is not None and group.mean is not None:
            ends = np.array([group.mean - group.deviation, group.mean + group.deviation])
            curves.append(Curve(name, np.array([place, place]), ends, unit, line_style, thin=True))
    return curves


class TablePane(QWidget):
    """A table of final errors with where its figures are from; Ctrl+C copies it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.content: FinalTable | None = None
        self.table = QTableWidget()
        self.table.setAccessibleName("final errors")
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

    def set_table(self, content: FinalTable | None, waiting: str) -> None:
        self.content = content
        self.note.setText(waiting if content is None else content.note)
        self._fill()

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
                    item.setForeground(QColor(theme.current().accent))
                table.setItem(row, column, item)
        for column, heading in enumerate(headings):
            item = QTableWidgetItem(heading.replace(", ", ",\n"))
            item.setToolTip(plain(heading))
            side = Qt.AlignmentFlag.AlignLeft if column == 0 else Qt.AlignmentFlag.AlignRight
            item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            table.setHorizontalHeaderItem(column, item)
        self._fit()

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
