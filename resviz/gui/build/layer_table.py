"""The layers of a net as a table: name, kind, output, parameters, FLOPs."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from resviz.analysis.counts import MULTIPLY_ADDS, Counts, LayerCount, exact
from resviz.gui import theme
from resviz.nets.op import show

_HEADINGS = ("layer", "what", "output", "params", "FLOPs")
_WHAT = 1
_SIZES = (9, 8)
_PADDING = 11
_MEASURED = 4
"""Longest texts of a column whose width is measured: one of fewer characters is hardly wider."""
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
Index = QModelIndex | QPersistentModelIndex


class LayerModel(QAbstractTableModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.counts = Counts((), 0)
        self.texts: list[tuple[str, ...]] = []
        self._stages: list[str] = []

    def set_counts(self, counts: Counts, stages: list[str]) -> None:
        self.beginResetModel()
        self.counts, self._stages = counts, stages
        self.texts = [_texts(row) for row in counts.rows]
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.counts.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(_HEADINGS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _HEADINGS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if section > 2 else _LEFT
        if role == Qt.ItemDataRole.ToolTipRole and section == 4:
            return MULTIPLY_ADDS.text
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.counts.rows[index.row()]
        layer = row.layer
        if role == Qt.ItemDataRole.DisplayRole:
            return self.texts[index.row()][index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if index.column() > 2 else _LEFT
        if role == Qt.ItemDataRole.ForegroundRole:
            if not layer.op.weighted:
                return QColor(theme.current().dim)
            if index.column() == 0 and layer.stage in self._stages:
                return QColor(theme.current().stage_colours(self._stages.index(layer.stage))[1])
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{layer.name}: {layer.op.label()}\nreads {', '.join(layer.inputs) or 'the data'}"
        return None


def _texts(row: LayerCount) -> tuple[str, ...]:
    """A layer's cells, in the order of the headings."""
    layer = row.layer
    numbers = (exact(number) if number else "" for number in (row.parameters, row.flops))
    return (layer.name, layer.op.label(), show(layer.shape), *numbers)


class LayerTable(QTableView):
    """Emits the name of the layer that a person chooses."""

    layer_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("layers of the net")
        self._model = LayerModel(self)
        self.setModel(self._model)
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(21)
        self.verticalHeader().setMinimumSectionSize(16)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self._telling = False
        self._size = 0
        self._widths = {_SIZES[0]: [0] * len(_HEADINGS)}
        self.selectionModel().currentRowChanged.connect(self._row_changed)

    def set_counts(self, counts: Counts, stages: list[str]) -> None:
        if counts == self._model.counts:
            return
        self._telling = True
        self._model.set_counts(counts, stages)
        self._telling = False
        self._widths = self._measure()
        self._share_width()

    def set_layer(self, name: str | None) -> None:
        """Selects a layer's row without emitting."""
        row = next((i for i, row in enumerate(self._model.counts.rows) if row.layer.name == name), None)
        self._telling = True
        if row is None:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
        elif row != self.currentIndex().row():
            index = self._model.index(row, 0)
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.selectionModel().setCurrentIndex(index, flags)
            self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)
        self._telling = False

    def scroll_to_stage(self, stage: str) -> None:
        row = next((i for i, row in enumerate(self._model.counts.rows) if row.layer.stage == stage), None)
        if row is not None:
            self.scrollTo(self._model.index(row, 0), QAbstractItemView.ScrollHint.PositionAtTop)

    @Slot(QModelIndex, QModelIndex)
    def _row_changed(self, now: QModelIndex, before: QModelIndex) -> None:
        if now.isValid() and not self._telling:
            self.layer_chosen.emit(self._model.counts.rows[now.row()].layer.name)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_width()

    def _share_width(self) -> None:
        """Names and numbers whole, in the larger type that has room; what a layer is, where there is room left.

        A narrow view leaves that out: the graph beside it says it too, and so does a row's tip.
        """
        room = self.viewport().width()
        size, widths = next(((s, w) for s, w in self._widths.items() if sum(w) - w[_WHAT] <= room), self._smallest())
        if size != self._size:  # a style sheet is slow to take on
            self._size = size
            self.setStyleSheet(f"QTableView {{ font-size: {size}pt; }}")
        self.setColumnHidden(_WHAT, sum(widths) > room)
        for column in range(_WHAT + 1, len(_HEADINGS)):
            self.horizontalHeader().setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            self.horizontalHeader().resizeSection(column, widths[column])

    def _smallest(self) -> tuple[int, list[int]]:
        return list(self._widths.items())[-1]

    def _measure(self) -> dict[int, list[int]]:
        """For each type size in points, the width that each column needs."""
        longest = [sorted(set(texts), key=len)[-_MEASURED:] for texts in zip(*self._model.texts, strict=True)]
        measured = {}
        for size in _SIZES:
            font = QFont(self.font())
            font.setPointSize(size)
            bold = QFont(font)
            bold.setBold(True)  # as the headings are
            text, heading = QFontMetrics(font), QFontMetrics(bold)
            measured[size] = [
                max(heading.horizontalAdvance(title), *map(text.horizontalAdvance, texts)) + _PADDING
                for title, texts in zip(_HEADINGS, longest, strict=True)
            ]
        return measured
