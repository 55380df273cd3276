"""The run browser's table: thousands of rows, as many columns as there is room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.compare.run_model import EDITABLE, MARK, Index, RunGroup, RunModel
from resviz.gui.style import theme
from resviz.gui.style.column_chooser import ColumnChooser
from resviz.gui.style.focus_delegate import FocusDelegate
from resviz.results.columns import COLUMNS

if TYPE_CHECKING:
    from resviz.results.run_summary import RunSummary

_MARK_WIDTH, _PADDING = 26, 12
_EDIT_KEYS = (Qt.Key.Key_F2,)
_SHOW_KEYS = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)


class _OwnColours(FocusDelegate):
    """What is selected keeps its colour: it is the key to the curves."""

    @override
    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        super().initStyleOption(option, index)
        colour = index.data(Qt.ItemDataRole.ForegroundRole)
        if isinstance(colour, QColor):
            option.palette.setColor(QPalette.ColorRole.HighlightedText, colour)


class RunTable(QTableView):
    """Setters in, signals out; each with keys of runs."""

    toggled = Signal(list)
    """To be shown, or not any more: a click on the mark, Space or Enter, a double click."""
    folded = Signal(str)
    """A group whose ▾ was clicked."""
    group_wanted = Signal(str)
    """A group whose heading was clicked: its runs, and no others."""
    ordered = Signal(str)
    """A column whose heading was clicked."""
    selected = Signal(list)
    menu_wanted = Signal(QPoint)
    trash_wanted = Signal()
    notes_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTabKeyNavigation(False)  # Tab leaves the table, the arrow keys move in it
        self.setAccessibleName(_("saved runs"))
        self.setWhatsThis(
            _(
                "All saved runs, sample runs and imported curves. Space or a click on ○ plots the selected runs, "
                "F2 renames a run, Del moves it to the trash, and a right click shows what else can be done."
            )
        )
        self.rows = RunModel(self)
        self.setModel(self.rows)
        self.setItemDelegate(_OwnColours(self))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(23)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(True)
        header.setMinimumSectionSize(18)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.sectionClicked.connect(self._header_clicked)
        self.clicked.connect(self._clicked)
        self.doubleClicked.connect(self._double_clicked)
        self.selectionModel().selectionChanged.connect(self._selection_changed)
        self.columns = ColumnChooser(
            self, {column.name: (place, column.heading) for place, column in enumerate(COLUMNS, 1)}, kept="net"
        )
        self.columns.changed.connect(self._fit_columns)
        self._placeholder = ""
        self._renaming = False
        self.itemDelegate().closeEditor.connect(self._editor_closed)
        self._fit_columns()

    def set_rows(self, rows: list[RunSummary | RunGroup], ordered_by: tuple[str, bool]) -> None:
        """Show another list, and keep the selection."""
        before, at = self.selection(), self.verticalScrollBar().value()
        self.rows.ordered_by = ordered_by
        self.rows.set_rows(rows)
        self.rows.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(COLUMNS))
        self._span_groups()
        if before != self.selection():
            self.select(before)
        self.verticalScrollBar().setValue(at)

    def set_placeholder(self, text: str) -> None:
        """Say this in place of the rows while there are none."""
        self._placeholder = text
        self.viewport().update()

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._placeholder and not self.rows.rows:
            painter = QPainter(self.viewport())
            painter.setPen(QColor(theme.current().dim))
            area = self.viewport().rect().adjusted(12, 24, -12, -12)
            flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
            painter.drawText(area, int(flags), self._placeholder)

    @property
    def editing(self) -> bool:
        """Whether a person is typing into it: what is typed must not be overwritten."""
        return self.state() == QAbstractItemView.State.EditingState

    def selection(self) -> list[str]:
        """Return the keys of the runs that are selected."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        keys = (run.key for row in rows if (run := self.rows.run_at(row)))
        return list(dict.fromkeys(keys))  # a run of two tags may have two rows

    def select(self, keys: list[str]) -> None:
        """Select the rows of these runs, without a signal."""
        model, wanted = self.selectionModel(), set(keys)
        model.blockSignals(True)
        model.clearSelection()
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        for row in range(self.rows.rowCount()):
            run = self.rows.run_at(row)
            if run is not None and run.key in wanted:
                model.select(self.rows.index(row, 0), flags)
        model.blockSignals(False)
        self.viewport().update()

    def scroll_to(self, key: str) -> None:
        """Bring a run into sight, if it is listed."""
        row = self._row_of(key)
        if row is not None:
            across = self.horizontalScrollBar().value()
            self.scrollTo(self.rows.index(row, 0))
            self.horizontalScrollBar().setValue(across)

    def edit_column(self, key: str, name: str) -> None:
        """Open the editor of a run's name or tags, in its row."""
        column = 1 + [known.name for known in COLUMNS].index(name)
        self.setColumnHidden(column, False)
        row = self._row_of(key)
        if row is not None:
            self.edit(self.rows.index(row, column))

    def _row_of(self, key: str) -> int | None:
        """Return the first row of a run, or None if it is not listed."""
        rows = range(self.rows.rowCount())
        return next((row for row in rows if (run := self.rows.run_at(row)) is not None and run.key == key), None)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_columns()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = self.selection()
        if event.key() in _SHOW_KEYS and self._renaming:
            return  # the key that ended an editor
        if event.key() in _SHOW_KEYS and keys:
            self.toggled.emit(keys)
        elif event.key() in _EDIT_KEYS and keys:
            self.edit_column(keys[0], "net")
        elif event.key() == Qt.Key.Key_Delete and keys:
            self.trash_wanted.emit()
        else:
            super().keyPressEvent(event)

    @override
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        index = self.indexAt(event.pos())
        run = self.rows.run_at(index.row())
        if run is not None and run.key not in self.selection():
            self.selectRow(index.row())
        self.menu_wanted.emit(event.globalPos())

    @Slot()
    def _fit_columns(self) -> None:
        """Give each column what its longest text needs; what is over is the name's. The rest is scrolled sideways."""
        metrics = QFontMetrics(self.font())
        widths = {
            column.name: metrics.horizontalAdvance(column.longest or f"{column.heading} ↓") + _PADDING
            for column in COLUMNS
        }
        shown = [width for name, width in widths.items() if name not in self.columns.hidden]
        widths["net"] += max(0, self._room() - sum(shown))
        self.setColumnWidth(MARK, _MARK_WIDTH)
        for place, column in enumerate(COLUMNS, 1):
            self.setColumnWidth(place, widths[column.name])

    def _room(self) -> int:
        return self.viewport().width() - _MARK_WIDTH

    def _span_groups(self) -> None:
        self.clearSpans()
        for row, content in enumerate(self.rows.rows):
            if isinstance(content, RunGroup):
                self.setSpan(row, 1, 1, len(COLUMNS))

    @Slot()
    def _editor_closed(self) -> None:
        """Ignore keys until the one that closed the editor has been handled."""
        self._renaming = True
        QTimer.singleShot(0, self, self._editing_ended)

    @Slot()
    def _editing_ended(self) -> None:
        self._renaming = False

    @Slot(int)
    def _header_clicked(self, section: int) -> None:
        if section != MARK:
            self.ordered.emit(COLUMNS[section - 1].name)

    @Slot(QModelIndex)
    def _clicked(self, index: QModelIndex) -> None:
        row = self.rows.rows[index.row()]
        if isinstance(row, RunGroup):
            (self.folded if index.column() == MARK else self.group_wanted).emit(row.text)
        elif index.column() == MARK:
            self.toggled.emit([row.key])

    @Slot(QModelIndex)
    def _double_clicked(self, index: QModelIndex) -> None:
        run = self.rows.run_at(index.row())
        if run is None or index.column() == MARK:
            return
        name = COLUMNS[index.column() - 1].name
        if name == "notes":
            self.notes_wanted.emit(run.key)
        elif name in EDITABLE and name != "net" and not run.sample:
            self.edit(index)
        else:
            self.toggled.emit([run.key])

    @Slot()
    def _selection_changed(self) -> None:
        self.selected.emit(self.selection())
