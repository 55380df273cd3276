"""The layers of a net as a table: name, kind, output, parameters, FLOPs."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from resviz.analysis.counts import CONVENTION, Counts, exact
from resviz.gui import theme
from resviz.nets.ops import show

_HEADINGS = ("layer", "what", "output", "params", "FLOPs")
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
Index = QModelIndex | QPersistentModelIndex


class LayerModel(QAbstractTableModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.counts = Counts((), 0)
        self._stages: list[str] = []

    def set_counts(self, counts: Counts, stages: list[str]) -> None:
        self.beginResetModel()
        self.counts, self._stages = counts, stages
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
            return CONVENTION
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.counts.rows[index.row()]
        layer = row.layer
        if role == Qt.ItemDataRole.DisplayRole:
            return (
                layer.name,
                layer.op.label(),
                show(layer.shape),
                exact(row.parameters) if row.parameters else "",
                exact(row.flops) if row.flops else "",
            )[index.column()]
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
        self.selectionModel().currentRowChanged.connect(self._row_changed)
        theme.changed().connect(self._repaint)

    def set_counts(self, counts: Counts, stages: list[str]) -> None:
        if counts == self._model.counts:
            return
        self._telling = True
        self._model.set_counts(counts, stages)
        self._telling = False
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

    def _share_width(self) -> None:
        """Numbers get the room that their longest needs; what is left goes to the words."""
        header = self.horizontalHeader()
        bold = QFont(self.font())
        bold.setBold(True)  # as the headings are
        metrics, heading = self.fontMetrics(), QFontMetrics(bold)
        rows = self._model.counts.rows
        for column in range(2, len(_HEADINGS)):
            texts = (self._model.index(row, column).data() for row in range(0, len(rows), max(1, len(rows) // 400)))
            widest = max((metrics.horizontalAdvance(text) for text in texts), default=0)
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
            header.resizeSection(column, max(widest, heading.horizontalAdvance(_HEADINGS[column])) + 11)
        self._fit_words()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_words()

    def _fit_words(self) -> None:
        """A narrow view leaves out what a layer is: the graph beside it says so too, and so does a row's tip."""
        numbers = sum(self.columnWidth(column) for column in range(2, len(_HEADINGS)))
        words = self.fontMetrics().horizontalAdvance("layer2.0.shortcut") + self.fontMetrics().horizontalAdvance(
            "3×3 conv, 512, /2"
        )
        self.setColumnHidden(1, self.viewport().width() - numbers < words)

    @Slot()
    def _repaint(self) -> None:
        self.viewport().update()
