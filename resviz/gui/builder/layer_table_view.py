"""The layers of a net as a table, a row a layer or a group of them."""

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
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget
from typing_extensions import override

from resviz.analysis.counts import MULTIPLY_ADDS, Convention
from resviz.analysis.layer_table import HEADINGS, LayerRow
from resviz.base.translation import _
from resviz.gui.style import theme
from resviz.gui.style.column_chooser import ColumnChooser
from resviz.gui.style.focus_delegate import FocusDelegate

_CLICK_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_ALWAYS = 3
"""Columns that are shown however little room there is: the name then loses its middle."""
_SIZES = (9, 8)
_LEAST_NAME = 0.5
"""How much of its width the column of names keeps. Then fewer columns are shown."""
_PADDING = 10
_MEASURED = 4
"""Longest texts of a column whose width is measured: one of fewer characters is hardly wider."""
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
Index = QModelIndex | QPersistentModelIndex


class LayerModel(QAbstractTableModel):
    """The rows of the layer table, with the texts of their cells."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: list[LayerRow] = []
        self.texts: list[tuple[str, ...]] = []
        self.convention = MULTIPLY_ADDS
        self.open_groups: frozenset[str] = frozenset()
        self.grouped = False
        """Whether any row is a group."""
        self._stages: dict[str, int] = {}

    def set_rows(
        self, rows: list[LayerRow], stages: dict[str, int], convention: Convention, open_groups: frozenset[str]
    ) -> None:
        """Show other rows.

        Args:
            rows: Layers, or groups of layers.
            stages: Number of the colour of each stage.
            convention: How FLOPs are counted.
            open_groups: Names of the groups whose layers are shown.
        """
        self.beginResetModel()
        self.rows, self._stages, self.convention, self.open_groups = rows, stages, convention, open_groups
        self.texts = [tuple([heading.text(row, convention) for heading in HEADINGS]) for row in rows]
        self.grouped = any(row.is_group for row in rows)
        self.endResetModel()

    @override
    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.rows)

    @override
    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(HEADINGS)

    def title(self, section: int) -> str:
        """Return a heading, with the convention where it counts FLOPs."""
        times = f" {self.convention.unit}" if HEADINGS[section].key == "flops" and self.convention.factor > 1 else ""
        return HEADINGS[section].title + times

    @override
    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.title(section)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if HEADINGS[section].numeric else _LEFT
        if role == Qt.ItemDataRole.ToolTipRole:
            tip = self.convention.text if HEADINGS[section].key == "flops" else HEADINGS[section].tip
            return f"{tip}\n" + _("Click to sort: largest first, smallest first, then in the net's order.")
        return None

    @override
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.rows[index.row()]
        layer = row.layer
        if role == Qt.ItemDataRole.DisplayRole:
            text = self.texts[index.row()][index.column()]
            if index.column() == 0 and self.grouped:
                return f"{'▾' if row.name in self.open_groups else '▸'} {text}" if row.is_group else f"    {text}"
            return text
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if HEADINGS[index.column()].numeric else _LEFT
        if role == Qt.ItemDataRole.FontRole and row.is_group:
            font = QFont()
            font.setBold(True)
            return font
        if role == Qt.ItemDataRole.ForegroundRole:
            if not row.is_group and not layer.op.weighted:
                return QColor(theme.current().dim)
            if index.column() == 0 and layer.stage in self._stages:
                return QColor(theme.current().stage_colours(self._stages[layer.stage])[1])
        if role == Qt.ItemDataRole.ToolTipRole:
            if row.is_group:
                return _("{group}: {count} layers").format(group=row.name, count=len(row.members))
            return (
                _("{layer}: {operation}").format(layer=layer.name, operation=layer.op.label())
                + "\n"
                + _("Input: {inputs}").format(inputs=", ".join(layer.inputs) or _("the image"))
            )
        return None


class LayerTableView(QTableView):
    """The layer table. It tells which layer, number, group or heading was clicked."""

    layer_chosen = Signal(str)
    number_chosen = Signal(object, str)
    """The Row, a layer's or a group's, and the quantity."""
    group_toggled = Signal(str)
    sort_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTabKeyNavigation(False)  # Tab leaves the table, the arrow keys move in it
        self.setAccessibleName(_("layers of the net"))
        self.setWhatsThis(
            _(
                "All layers of the selected net from the input to the output, with their parameters, multiply-adds, "
                "outputs and receptive fields. The arrow keys move between the cells, and Return explains a number. "
                "Right-click a heading to choose columns."
            )
        )
        self._model = LayerModel(self)
        self.setModel(self._model)
        self.setItemDelegate(FocusDelegate(self))
        self.setShowGrid(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(21)
        self.verticalHeader().setMinimumSectionSize(16)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(True)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.sectionClicked.connect(self._section_clicked)
        self._telling = False
        self._size = (0, 1.0)
        self._widths = {_SIZES[0]: [0] * len(HEADINGS)}
        theme.changed().connect(self._measure_again)
        # The most important columns come first: those behind them are reached by scrolling sideways.
        for to, place in enumerate(sorted(range(len(HEADINGS)), key=lambda place: -HEADINGS[place].priority)):
            header.moveSection(header.visualIndex(place), to)
        self.columns = ColumnChooser(
            self, {column.key: (place, column.title) for place, column in enumerate(HEADINGS)}, kept=HEADINGS[0].key
        )
        self.columns.changed.connect(self._share_width)
        self.selectionModel().currentRowChanged.connect(self._row_changed)
        self.clicked.connect(self._cell_clicked)

    def set_rows(
        self, rows: list[LayerRow], stages: dict[str, int], convention: Convention, open_groups: frozenset[str]
    ) -> None:
        """Show these rows. `stages` has the number of each stage's colour."""
        place = self.verticalScrollBar().value()
        self._telling = True
        self._model.set_rows(rows, stages, convention, open_groups)
        self._telling = False
        self._widths = self._measure()
        self._share_width()
        self.verticalScrollBar().setValue(place)

    def set_sort(self, key: str, descending: bool) -> None:
        """Show which column the rows are sorted by; "" is the net's own order."""
        header = self.horizontalHeader()
        header.setSortIndicatorShown(bool(key))
        if key:
            order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
            header.setSortIndicator([column.key for column in HEADINGS].index(key), order)

    def set_layer(self, name: str | None, is_group: bool = False) -> None:
        """Select the row of a layer or of a group, without a signal."""
        rows = enumerate(self._model.rows)
        row = next((i for i, row in rows if row.name == name and row.is_group == is_group), None)
        self._telling = True
        if row is None:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
        elif row != self.currentIndex().row():
            index = self._model.index(row, max(self.currentIndex().column(), 0))
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
            self.selectionModel().setCurrentIndex(index, flags)
            across = self.horizontalScrollBar().value()  # to the middle of the height alone: names stay in sight
            self.scrollTo(index, QAbstractItemView.ScrollHint.PositionAtCenter)
            self.horizontalScrollBar().setValue(across)
        self._telling = False

    def scroll_to_stage(self, stage: str) -> None:
        """Scroll to the first layer of a stage."""
        row = next((i for i, row in enumerate(self._model.rows) if row.layer.stage == stage), None)
        if row is not None:
            self.scrollTo(self._model.index(row, 0), QAbstractItemView.ScrollHint.PositionAtTop)

    @Slot(QModelIndex, QModelIndex)
    def _row_changed(self, now: QModelIndex, before: QModelIndex) -> None:
        if now.isValid() and not self._telling and not self._model.rows[now.row()].is_group:
            self.layer_chosen.emit(self._model.rows[now.row()].name)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return and Space do what a click on the current cell does: explain its number, or open a group."""
        if event.key() in _CLICK_KEYS and self.currentIndex().isValid():
            self._cell_clicked(self.currentIndex())
        else:
            super().keyPressEvent(event)

    @Slot(QModelIndex)
    def _cell_clicked(self, index: QModelIndex) -> None:
        row = self._model.rows[index.row()]
        quantity = HEADINGS[index.column()].quantity
        if row.is_group and not quantity:
            self.group_toggled.emit(row.name)
        elif quantity:
            self.number_chosen.emit(row, quantity)

    @Slot(int)
    def _section_clicked(self, section: int) -> None:
        self.sort_wanted.emit(HEADINGS[section].key)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_width()

    @Slot()
    def _measure_again(self) -> None:
        if self._model.texts and len(self._model.texts[0]) != len(HEADINGS):
            return  # its rows are of other columns than there are now
        self._widths = self._measure()
        self._share_width()

    @Slot()
    def _share_width(self) -> None:
        """Whole texts, in the larger type that has room for the first columns; the others are scrolled sideways.

        Where the smallest type has too little room, the names are elided: a number of which the last digits are out of
        sight would look like another number.
        """
        room = self.viewport().width()
        hidden = {place for place in range(len(HEADINGS)) if self.isColumnHidden(place)}
        by_priority = sorted(range(len(HEADINGS)), key=lambda place: -HEADINGS[place].priority)
        needs = by_priority[: _ALWAYS + 1]
        size = next((s for s, w in self._widths.items() if sum(w[at] for at in needs) <= room), _SIZES[-1])
        widths = list(self._widths.get(size) or next(iter(self._widths.values())))
        if (size, theme.zoom()) != self._size:  # a style sheet is slow to take on
            self._size = (size, theme.zoom())
            self.setStyleSheet(f"QTableView {{ font-size: {size * theme.zoom():.2f}pt; }}")
        widths[0] += max(0, room - sum(width for place, width in enumerate(widths) if place not in hidden))
        for count in range(_ALWAYS, 0, -1):
            over = sum(widths[at] for at in needs[: count + 1] if at not in hidden) - room
            if over <= (1 - _LEAST_NAME) * widths[0]:
                widths[0] -= max(0, over)
                break
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        for column, width in enumerate(widths):
            header.resizeSection(column, width)

    def _measure(self) -> dict[int, list[int]]:
        """For each type size in points, the width that each column needs."""
        texts = [[text] for text in map(self._model.title, range(len(HEADINGS)))]
        if self._model.texts:
            texts = [sorted(set(column), key=len)[-_MEASURED:] for column in zip(*self._model.texts, strict=True)]
        grouped = self._model.grouped
        measured = {}
        for size in _SIZES:
            font = QFont(self.font())
            font.setPointSizeF(size * theme.zoom())
            bold = QFont(font)
            bold.setBold(True)
            bold.setPointSizeF(9 * theme.zoom())  # as the headings are
            thick = QFont(font)
            thick.setBold(True)
            text, heading = QFontMetrics(thick if grouped else font), QFontMetrics(bold)
            measured[size] = [
                max(heading.horizontalAdvance(self._model.title(at)) + 6, *map(text.horizontalAdvance, longest))
                + _PADDING
                for at, longest in enumerate(texts[: len(HEADINGS)])
            ]
            measured[size][0] += 16 if grouped else 0
        return measured
