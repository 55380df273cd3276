"""The depth table on screen: cells that are typed into, columns that are named and moved by their heads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLineEdit, QTableView, QWidget
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.builder.cell_delegate import CellDelegate
from resviz.gui.builder.depth_table_model import FIRST_NET, OUTPUT, ROW_NAME, DepthTableModel
from resviz.gui.builder.frozen_columns import FrozenColumns
from resviz.gui.builder.table_rows import TableRow, TotalRow
from resviz.gui.style import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QResizeEvent

    from resviz.analysis.counts import Convention
    from resviz.gui.builder.document import Document

_MIN_SCALE, _MAX_SCALE, _MIN_SHARE, _MAX_SHARE = 0.82, 1.5, 0.77, 2.2
_ROW_PADDING = 6
"""Pixels of a row besides its lines, with the line of the grid."""
_MIN_COLUMN = 96
"""Pixels of a net's column where the nets are scrolled sideways."""


_MAX_WIDE = 5
"""Columns whose names have room in ordinary type."""
_WIDE, _NARROW = (f"QHeaderView::section {{ padding: 3px 0px; {size} }}" for size in ("", "font-size: 8pt;"))


class NameEditor(QLineEdit):
    """A net's name, over the head of its column; `left` when it is done with, with the name or None."""

    left = Signal(object)

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(name, parent)
        self.setAccessibleName(_("name of the net"))
        self._gone = False
        self.selectAll()
        self.editingFinished.connect(self._finished)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
            return
        super().keyPressEvent(event)

    @Slot()
    def _finished(self) -> None:
        self.leave(self.text() if self.isModified() else None)

    def leave(self, name: str | None = None) -> None:
        """Close the editor, with a new name or without."""
        if not self._gone:  # losing the focus comes again
            self._gone = True
            self.left.emit(name)
            self.hide()
            self.deleteLater()


class DepthTable(QTableView):
    """Emits which net, and which row of it, is chosen, what is typed into a cell, and what is done to columns."""

    cell_edited = Signal(int, object, str)
    chosen = Signal(int, object)
    edit_ended = Signal()
    renamed = Signal(int, str)
    moved = Signal(int, int)
    menu_wanted = Signal(int, QPoint)
    """A net, and where on screen its menu goes."""
    number_chosen = Signal(int, object)
    """A net and a TotalRow, clicked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTabKeyNavigation(False)  # Tab leaves the table, the arrow keys move in it
        self.setAccessibleName(_("depth table"))
        self.setWhatsThis(
            _(
                "A column for each net, a row for each stage: what its blocks are, and how often they are repeated. "
                "F2 or a double click edits a cell. Click a number to see how it is computed."
            )
        )
        self._model = DepthTableModel(self)
        self.setModel(self._model)
        self._delegate = CellDelegate(self)
        self.setItemDelegate(self._delegate)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
            | QAbstractItemView.EditTrigger.AnyKeyPressed
        )
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().setMinimumSectionSize(14)
        self.verticalHeader().hide()
        self._telling = False
        self._name_editor: NameEditor | None = None
        self._renamed_net = 0
        self._line_counts: list[int] = []
        """Lines of each row of this document, in its tallest cell. To ask every cell at each resize is slow."""
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # nets of one name differ in its end
        header.setHighlightSections(False)
        header.setSectionsClickable(True)
        header.setSectionsMovable(True)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.customContextMenuRequested.connect(self._menu)
        header.sectionClicked.connect(self._section_clicked)
        header.sectionDoubleClicked.connect(self._section_double_clicked)
        header.sectionMoved.connect(self._section_moved)
        self._model.cell_edited.connect(self.cell_edited)
        self._delegate.closeEditor.connect(self.edit_ended)
        self.selectionModel().currentChanged.connect(self._current_changed)
        self.clicked.connect(self._cell_clicked)
        self._frozen = FrozenColumns(self, FIRST_NET)
        self._frozen_delegate = CellDelegate(self._frozen)
        self._frozen.setItemDelegate(self._frozen_delegate)

    def set_document(self, document: Document, convention: Convention) -> None:
        """Show other nets, or the same nets after an edit.

        An editor over a cell is closed unless the user is typing in it.
        """
        if not self._delegate.typing:  # what is open may stand over another net now
            self._delegate.close()
        if self._name_editor is not None:
            self._name_editor.leave()
        self._telling = True
        self._model.set_document(document, convention)
        self._telling = False
        self._line_counts = []
        style = _NARROW if len(document.nets) > _MAX_WIDE else _WIDE
        if style != self.horizontalHeader().styleSheet():  # a style sheet is slow to take on
            self.horizontalHeader().setStyleSheet(style)
        self._share_height()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_height()

    def rename(self, net: int) -> NameEditor:
        """Open an editor for a net's name over its heading."""
        header = self.horizontalHeader()
        section = net + FIRST_NET
        editor = NameEditor(self._model.open_nets[net].spec.label, header.viewport())
        area = header.viewport().rect()
        editor.setGeometry(header.sectionViewportPosition(section), 0, header.sectionSize(section), area.height())
        self._renamed_net = net
        editor.left.connect(self._named)
        editor.show()
        editor.setFocus()
        self._name_editor = editor
        return editor

    def _share_height(self) -> None:
        """Rows as high as their text, and what is left of the view's height shared out among them."""
        rows = range(self._model.rowCount())
        if not rows:
            return
        metrics, header = self.fontMetrics(), self.horizontalHeader()
        header.setFont(self._head_font())
        if len(self._line_counts) != len(rows):
            self._line_counts = [self._count_lines(row) for row in rows]
        needed = sum(heights := [_ROW_PADDING + lines * metrics.height() for lines in self._line_counts])
        names = [metrics.horizontalAdvance(longest) + 16 for longest in ("weight layers", "112×112")]
        # The room without regard to scroll bars, which come and go with what is decided here.
        room = self.contentsRect().size()
        column = (room.width() - sum(names)) / max(1, len(self._model.open_nets))
        # Nets share the room; where it is too little for them, they are scrolled sideways.
        least = theme.scaled(_MIN_COLUMN)
        scrolled = column < 0.66 * least
        column = least if scrolled else column
        tall = room.height() - header.height() - (self.horizontalScrollBar().sizeHint().height() if scrolled else 0)
        wide = column / (metrics.horizontalAdvance("[1×1, 2048] ×36") + 26)
        scale = min(max(min(tall / needed, wide), _MIN_SCALE), _MAX_SCALE)
        if scale != self._delegate.scale:
            self._delegate.scale = self._frozen_delegate.scale = scale
            self.viewport().update()
        for section, width in zip((ROW_NAME, OUTPUT), names, strict=True):
            header.setSectionResizeMode(section, QHeaderView.ResizeMode.Fixed)
            header.resizeSection(section, int(width * scale))
        mode = QHeaderView.ResizeMode.Fixed if scrolled else QHeaderView.ResizeMode.Stretch
        self.setHorizontalScrollBarPolicy(
            Qt.ScrollBarPolicy.ScrollBarAsNeeded if scrolled else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        )
        for section in range(FIRST_NET, self._model.columnCount()):
            header.setSectionResizeMode(section, mode)
            if scrolled:
                header.resizeSection(section, least)
        share = min(max((tall - 2) / needed, _MIN_SHARE), _MAX_SHARE)
        written = self._delegate.line_height(self.font())
        for row in rows:
            text = self._line_counts[row] * written + 2
            self.verticalHeader().resizeSection(row, max(int(heights[row] * share), text))
        self._frozen.place()

    def _count_lines(self, row: int) -> int:
        columns = range(self._model.columnCount())
        return max(self._delegate.line_count(self._model.index(row, column)) for column in columns)

    def _head_font(self) -> QFont:
        """Return the font that the style sheet gives to heads: without it Qt elides names as if they were not bold."""
        font = QFont(self.font())
        font.setBold(True)
        font.setPointSizeF(8 if self.horizontalHeader().styleSheet() == _NARROW else 9 * theme.zoom())
        return font

    def set_row(self, column: int, row: TableRow | None) -> None:
        """Move the table's cursor to a row of a net without emitting."""
        current = self.currentIndex()
        if row is None or row not in self._model.rows:
            row = self._model.rows[current.row()] if current.isValid() else self._model.rows[0]
        index = self._model.index(self._model.rows.index(row), column + FIRST_NET)
        self._telling = True
        self.setCurrentIndex(index)
        self._telling = False

    def cell_index(self, column: int, row: TableRow) -> QModelIndex:
        """Return the index of a net's cell."""
        return self._model.index(self._model.rows.index(row), column + FIRST_NET)

    @Slot(QModelIndex, QModelIndex)
    def _current_changed(self, now: QModelIndex, before: QModelIndex) -> None:
        if now.isValid() and not self._telling:
            net = now.column() - FIRST_NET if now.column() >= FIRST_NET else self._model.selected_index
            self.chosen.emit(net, self._model.rows[now.row()])
            if isinstance(self._model.rows[now.row()], TotalRow):  # by the arrow keys as well
                self.number_chosen.emit(net, self._model.rows[now.row()])

    @Slot(QModelIndex)
    def _cell_clicked(self, index: QModelIndex) -> None:
        row = self._model.rows[index.row()]
        if isinstance(row, TotalRow):
            net = index.column() - FIRST_NET if index.column() >= FIRST_NET else self._model.selected_index
            self.number_chosen.emit(net, row)

    @Slot(int)
    def _section_clicked(self, section: int) -> None:
        if section >= FIRST_NET:
            self.chosen.emit(section - FIRST_NET, None)

    @Slot(int)
    def _section_double_clicked(self, section: int) -> None:
        if section >= FIRST_NET:
            self.rename(section - FIRST_NET)

    @Slot(int, int, int)
    def _section_moved(self, section: int, before: int, now: int) -> None:
        if self._telling:
            return
        self._telling = True  # the document moves the net; the head goes back to its place until it has
        self.horizontalHeader().moveSection(now, before)
        self._telling = False
        if before >= FIRST_NET and now >= FIRST_NET:
            self.moved.emit(before - FIRST_NET, now - FIRST_NET)

    @Slot(QPoint)
    def _menu(self, place: QPoint) -> None:
        header = self.horizontalHeader()
        section = header.logicalIndexAt(place)
        if section >= FIRST_NET:
            self.menu_wanted.emit(section - FIRST_NET, header.viewport().mapToGlobal(place))

    @Slot(object)
    def _named(self, name: str | None) -> None:
        self._name_editor = None
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        if name is not None:
            self.renamed.emit(self._renamed_net, name)
