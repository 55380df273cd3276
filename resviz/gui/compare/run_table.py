"""The saved runs as a table; a click shows a run or takes it away again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from resviz.gui import theme
from resviz.gui.compare.loaded import Loaded
from resviz.runs.comparison import held_out

Index = QModelIndex | QPersistentModelIndex


def _number(value: float | None, form: str) -> str:
    return "—" if value is None else format(value, form)


COLUMNS: tuple[tuple[str, Callable[[Loaded], str]], ...] = (
    ("", lambda run: "●" if run.shown else "○"),
    ("net", lambda run: run.spec.label),
    ("data", lambda run: str(run.info.recipe.get("data", ""))),
    ("norm, init", lambda run: f"{run.spec.norm}, {run.info.recipe.get('init', '')}"),
    ("seed", lambda run: str(run.info.seed)),
    ("steps", lambda run: str(run.info.steps)),
    ("loss", lambda run: _number(run.info.loss, ".3g")),
    ("held out", lambda run: held_out(run.info)),
    ("state", lambda run: run.info.state),
    ("begun", lambda run: "sample" if run.sample else run.begun),
)
_RIGHT = ("seed", "steps", "loss", "held out")


class RunModel(QAbstractTableModel):
    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.runs: list[Loaded] = []

    def set_runs(self, runs: list[Loaded]) -> None:
        same = len(runs) == len(self.runs)
        if not same:
            self.beginResetModel()
        self.runs = runs
        if not same:
            self.endResetModel()
        elif runs:
            self.dataChanged.emit(self.index(0, 0), self.index(len(runs) - 1, len(COLUMNS) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.runs)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMNS[section][0]
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        run = self.runs[index.row()]
        heading, text = COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return text(run)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if heading in _RIGHT else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ForegroundRole and run.shown and index.column() < 2:
            return QColor(theme.current().net_colour(run.spec.unit, run.variant))
        if role == Qt.ItemDataRole.BackgroundRole and run.shown:
            return QColor(theme.current().accent_soft)
        if role == Qt.ItemDataRole.ToolTipRole:
            return str(run.folder) + (f"\n{run.info.message}" if run.info.message else "")
        return None


class RunTable(QTableView):
    """Emits the key of the run that a person clicks, or presses Space or Enter on."""

    toggled = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("saved runs")
        self._model = RunModel(self)
        self.setModel(self._model)
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(24)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().setMinimumSectionSize(18)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.horizontalHeader().setStretchLastSection(True)
        self.clicked.connect(self._clicked)

    def set_runs(self, runs: list[Loaded]) -> None:
        self._model.set_runs(runs)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._clicked(self.currentIndex())
        else:
            super().keyPressEvent(event)

    @Slot(QModelIndex)
    def _clicked(self, index: QModelIndex) -> None:
        self.toggled.emit(self._model.runs[index.row()].key)
