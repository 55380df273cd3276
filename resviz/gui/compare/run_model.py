"""The rows of the run browser: runs, and above them what a group of them has in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QFont
from typing_extensions import override

from resviz.base.glossary import tooltip
from resviz.base.translation import _
from resviz.gui.plots.saved_runs import unit_of
from resviz.gui.style import theme
from resviz.gui.style.widgets import plain
from resviz.results.columns import COLUMNS
from resviz.results.run_summary import RunSummary
from resviz.results.summary import run_tooltip

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Index = QModelIndex | QPersistentModelIndex
MARK = 0
"""The column that says which runs are shown."""
EDITABLE = {"net": "title", "tags": "tags"}
"""Columns that a person writes in, and what of the notes that is."""


@dataclass(frozen=True)
class RunGroup:
    """Runs with one value in common: a heading, which folds them away."""

    text: str
    count: int
    folded: bool


Row = RunSummary | RunGroup


class RunModel(QAbstractTableModel):
    """`edited` is a run's key, the field of its notes and what was typed."""

    edited = Signal(str, str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[Row] = []
        self.shown: Mapping[str, int] = {}
        """By key which line style of its unit a run is drawn in."""
        self._names: Mapping[str, str] = {}
        self.ordered_by = ("begun", True)

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show another list. If it has the same runs in the same order, only the texts change."""
        same = [_key(row) for row in rows] == [_key(row) for row in self.rows]
        if same:
            self.rows = list(rows)
            self._repaint()
            return
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def set_shown(self, shown: Mapping[str, int], names: Mapping[str, str]) -> None:
        """Say how the plotted runs are drawn, and what their curves are called."""
        self.shown, self._names = dict(shown), dict(names)
        self._repaint()

    def _repaint(self) -> None:
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, len(COLUMNS)))

    def run_at(self, row: int) -> RunSummary | None:
        """Return the run of a row, or None for a group's heading."""
        found = self.rows[row] if 0 <= row < len(self.rows) else None
        return found if isinstance(found, RunSummary) else None

    @override
    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.rows)

    @override
    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else 1 + len(COLUMNS)

    @override
    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 < section <= len(COLUMNS):
            return None
        column = COLUMNS[section - 1]
        if role == Qt.ItemDataRole.DisplayRole:
            arrow = {True: " ↓", False: " ↑"}[self.ordered_by[1]] if column.name == self.ordered_by[0] else ""
            return column.heading + arrow
        if role == Qt.ItemDataRole.ToolTipRole:
            text = _("{column}. Click to sort, click again to reverse the order.").format(
                column=column.tooltip or column.heading
            )
            return tooltip(column.heading, text)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _side(column.number)
        return None

    @override
    def flags(self, index: Index) -> Qt.ItemFlag:
        run = self.run_at(index.row())
        if run is None:
            return Qt.ItemFlag.ItemIsEnabled
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        column = COLUMNS[index.column() - 1].name if index.column() != MARK else ""
        return flags | Qt.ItemFlag.ItemIsEditable if column in EDITABLE and not run.sample else flags

    @override
    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        run = self.run_at(index.row())
        if run is None or role != Qt.ItemDataRole.EditRole or str(value) == self.data(index, role):
            return False
        self.edited.emit(run.key, EDITABLE[COLUMNS[index.column() - 1].name], str(value))
        return True

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, place = self.rows[index.row()], index.column()
        if isinstance(row, RunGroup):
            return _of_group(row, place, role)
        shown = self.shown.get(row.key)
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            if place == MARK:
                return "○" if shown is None else "●"
            if place == 1 and role == Qt.ItemDataRole.DisplayRole:
                return self._names.get(row.key, row.label)  # as in the plots
            return COLUMNS[place - 1].text(row)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignCenter if place == MARK else _side(COLUMNS[place - 1].number)
        if role == Qt.ItemDataRole.ForegroundRole:
            return _colour(row, place, shown)
        if role == Qt.ItemDataRole.FontRole and shown is not None and place == 1:
            return _bold()
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain(run_tooltip(row))
        return None


def _key(row: Row) -> object:
    return row.key if isinstance(row, RunSummary) else row


def _of_group(group: RunGroup, place: int, role: int) -> Any:
    if role == Qt.ItemDataRole.DisplayRole:
        if place == MARK:
            return "▸" if group.folded else "▾"
        return f"{group.text}  ({group.count})" if place == 1 else None
    if role == Qt.ItemDataRole.FontRole:
        return _bold()
    if role == Qt.ItemDataRole.TextAlignmentRole and place == MARK:
        return Qt.AlignmentFlag.AlignCenter
    return None


def _colour(run: RunSummary, place: int, shown: int | None) -> QColor | None:
    colours = theme.current()
    if place < 2 and shown is not None:
        return QColor(colours.net_colour(unit_of(run), shown))
    if place and COLUMNS[place - 1].name == "state":
        state = {"running": colours.good, "failed": colours.bad, "interrupted": colours.warn}
        return QColor(state[run.info.state]) if run.info.state in state else None
    return None


def _side(number: bool) -> Qt.AlignmentFlag:
    return (Qt.AlignmentFlag.AlignRight if number else Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter


def _bold() -> QFont:
    font = QFont()
    font.setBold(True)
    return font
