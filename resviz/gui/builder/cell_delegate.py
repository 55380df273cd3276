"""A cell of the depth table: drawn as the paper does, a convolution a line in one bracket; edited as a line of text."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QStringListModel,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QCompleter,
    QLineEdit,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)
from typing_extensions import override

from resviz.gui.builder.cell_lines import Lines, layout_lines
from resviz.gui.builder.completion import completions
from resviz.gui.builder.depth_table_model import FIRST_NET, ROW_NAME, DepthTableModel
from resviz.gui.builder.table_rows import TotalRow
from resviz.gui.style import theme

if TYPE_CHECKING:
    from collections.abc import Callable

Index = QModelIndex | QPersistentModelIndex
_EDITOR_WIDTH, _EDITOR_MARGIN = 250, 24
_MIN_POINTS = 6.0
_RETURNS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class CellEditor(QLineEdit):
    """A line with completions below it; `typed` at each change by a person, `done` at Return."""

    typed = Signal()
    done = Signal()

    def __init__(self, parent: QWidget, suggest: Callable[[str], list[str]]) -> None:
        """Prepare an editor. `suggest` returns texts that complete what is typed."""
        super().__init__(parent)
        self.setFrame(False)
        self.setMinimumWidth(_EDITOR_WIDTH)
        self._suggest = suggest
        self._texts = QStringListModel(self)
        self.choices = QCompleter(self._texts, self)
        self.choices.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        self.choices.setWidget(self)
        self._popup = QListView()
        self._popup.setObjectName("completions")
        self.choices.setPopup(self._popup)
        self.choices.activated.connect(self._completed)
        self.textEdited.connect(self._edited)

    @property
    def offers(self) -> bool:
        """Whether completions are in sight."""
        return self._popup.isVisible()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        popup = self._popup
        if event.key() in _RETURNS and popup.isVisible() and not popup.currentIndex().isValid():
            # The list of completions hands this key over by itself, past the table's own handling of it.
            QTimer.singleShot(0, self, self._finish)
            return
        if event.key() == Qt.Key.Key_Down and not popup.isVisible():
            self._offer(self.text())
            return
        super().keyPressEvent(event)

    @Slot()
    def _finish(self) -> None:
        self._popup.hide()
        if self.isVisible():  # or else it was done with as the focus went
            self.done.emit()

    @Slot(str)
    def _edited(self, text: str) -> None:
        self.typed.emit()
        self._offer(text)

    def _offer(self, text: str) -> None:
        texts = self._suggest(text)
        self._texts.setStringList(texts)
        if texts:
            self.choices.setCompletionPrefix("")  # they are chosen already: all of them are shown, and none is marked
            self.choices.complete()
            self._popup.setCurrentIndex(QModelIndex())
        else:
            self._popup.hide()

    @Slot(str)
    def _completed(self, text: str) -> None:
        self.setText(text)
        self.setModified(True)
        self.typed.emit()


class CellDelegate(QStyledItemDelegate):
    """Hands every keystroke to the model. Escape restores the old text."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.scale = 1.0
        """Of the text: what has room is written larger, so that the last row of a lecture hall can read it."""
        self._editing: tuple[QPersistentModelIndex, str] | None = None
        self._open: CellEditor | None = None
        self.typing = False
        """Whether a key is being handed to the model: the only time that an editor writes anything."""

    def close(self) -> None:
        """Close the editor that is open. Every key of it has been handed over; its text may be another net's now."""
        editor, self._open = self._open, None
        if editor is not None:
            self.closeEditor.emit(editor)

    @override
    def destroyEditor(self, editor: QWidget, index: Index) -> None:
        if editor is self._open:
            self._open = None
        super().destroyEditor(editor, index)

    @override
    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        model = index.model()
        assert isinstance(model, DepthTableModel)
        row = model.rows[index.row()]
        assert not isinstance(row, TotalRow)  # totals are not editable
        editor = CellEditor(parent, lambda text: completions(row, text, model.open_nets))
        self._editing = QPersistentModelIndex(index), str(index.data(Qt.ItemDataRole.EditRole))
        editor.typed.connect(partial(self._commit, editor))
        editor.done.connect(self._done)
        self._open = editor
        return editor

    @override
    def setEditorData(self, editor: QWidget, index: Index) -> None:
        # Not again while typing: the model's own change must not move the cursor.
        if isinstance(editor, QLineEdit) and not editor.isModified():
            editor.setText(str(index.data(Qt.ItemDataRole.EditRole)))

    @override
    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        if isinstance(editor, QLineEdit) and self.typing:
            model.setData(index, editor.text())

    @override
    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        area = option.rect.adjusted(1, 1, -1, -1)
        text = str(index.data(Qt.ItemDataRole.EditRole))
        area.setWidth(max(area.width(), _EDITOR_WIDTH, editor.fontMetrics().horizontalAdvance(text) + _EDITOR_MARGIN))
        least = editor.sizeHint().height()
        if area.height() < least:
            area = area.adjusted(0, -(least - area.height()) // 2, 0, (least - area.height() + 1) // 2)
        parent = editor.parentWidget()
        room = parent.width() if parent is not None else area.right()
        area.setWidth(min(area.width(), room - 4))
        if area.right() > room:
            area.moveRight(room - 2)
        editor.setGeometry(area)

    @override
    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Escape and self._editing:
                index, before = self._editing
                if event.type() == QEvent.Type.KeyPress and index.isValid():
                    model = index.model()
                    self.typing = True
                    model.setData(model.index(index.row(), index.column()), before)
                    self.typing = False
            if event.key() in _RETURNS and isinstance(editor, CellEditor) and editor.offers:
                return False  # the editor's own affair
        return super().eventFilter(editor, event)

    def line_count(self, index: Index) -> int:
        """Return how many lines a cell's text has."""
        return len(self._lines(index).lines)

    def line_height(self, font: QFont) -> int:
        """Return the pixels of a line in a table of this font, as it is scaled now."""
        return math.ceil(QFontMetricsF(self._scaled(font)).lineSpacing())

    def _scaled(self, font: QFont) -> QFont:
        scaled = QFont(font)
        scaled.setPointSizeF(font.pointSizeF() * self.scale)
        return scaled

    @override
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        if not isinstance(model, DepthTableModel):
            return
        colours = theme.current()
        area: QRect = option.rect
        row, net, wrong = model.rows[index.row()], model.net(index), model.draft(index) is not None
        painter.save()
        ground, ink = _colours(model, index, wrong)
        painter.fillRect(area, QColor(ground))
        painter.setPen(QColor(ink))
        font = self._scaled(option.font)
        font.setBold(row in (TotalRow.PARAMETERS, TotalRow.FLOPS) and net is not None)
        painter.setFont(font)
        text = str(index.data() or "")
        hint = model.hint(row) if net is not None and not text else ""
        if hint:
            painter.setPen(QColor(colours.dim))
            font.setItalic(True)
            painter.setFont(font)
            _shrink_font(painter, lambda: painter.fontMetrics().horizontalAdvance(hint) <= area.width() - 8)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, hint)
        elif wrong:  # as it was typed, every sign of it
            inner, wrapped = area.adjusted(3, 1, -3, -1), Qt.TextFlag.TextWrapAnywhere | Qt.AlignmentFlag.AlignHCenter
            fits = painter.fontMetrics().boundingRect(inner, wrapped, text).height() <= inner.height()
            side = Qt.AlignmentFlag.AlignVCenter if fits else Qt.AlignmentFlag.AlignTop
            painter.drawText(inner, wrapped | side, text)
        elif model.stage_colour(row) is not None and net and text:
            _paint_block(painter, area, layout_lines(text))
        else:
            left = index.column() == ROW_NAME
            room = area.width() - (8 if left else 2)
            lines = layout_lines(text).lines
            _shrink_font(painter, lambda: max(map(painter.fontMetrics().horizontalAdvance, lines)) <= room)
            metrics = painter.fontMetrics()
            lines = [metrics.elidedText(line, Qt.TextElideMode.ElideRight, room) for line in lines]
            side = Qt.AlignmentFlag.AlignLeft if left else Qt.AlignmentFlag.AlignHCenter
            place = area.adjusted(6 if left else 0, 0, 0, 0)
            painter.drawText(place, side | Qt.AlignmentFlag.AlignVCenter, "\n".join(lines))
        if wrong or (net and index == self._current()):
            painter.setPen(QColor(colours.bad if wrong else colours.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(area.adjusted(1, 1, -2, -2))
        painter.restore()

    def _lines(self, index: Index) -> Lines:
        model, text = index.model(), str(index.data() or "")
        wrong = isinstance(model, DepthTableModel) and model.draft(index) is not None
        return Lines([text]) if wrong else layout_lines(text)

    def _current(self) -> QModelIndex:
        view = self.parent()
        return view.currentIndex() if isinstance(view, QTableView) else QModelIndex()

    def _commit(self, editor: CellEditor) -> None:
        self.typing = True
        self.commitData.emit(editor)
        self.typing = False

    @Slot()
    def _done(self) -> None:
        self.close()


def _colours(model: DepthTableModel, index: Index, wrong: bool) -> tuple[str, str]:
    """Ground and ink of a cell."""
    colours = theme.current()
    row, net = model.rows[index.row()], model.net(index)
    if wrong:
        return colours.bad_soft, colours.bad
    if net is None:
        stage = model.stage_colour(row)
        if index.column() == ROW_NAME and stage is not None:
            return colours.stage_colours(stage)
        return colours.panel, colours.dim
    ground = colours.accent_soft if index.column() == model.selected_index + FIRST_NET else colours.panel
    if row is TotalRow.PRINTED:
        return ground, colours.dim if net.claim is None else colours.good if net.claim.agrees else colours.warn
    return ground, colours.text


def _shrink_font(painter: QPainter, fits: Callable[[], bool]) -> None:
    """Smaller type for what a column is too narrow for, as long as it can be read."""
    while not fits() and painter.font().pointSizeF() > _MIN_POINTS:
        font = painter.font()
        font.setPointSizeF(font.pointSizeF() - 0.5)
        painter.setFont(font)


def _paint_block(painter: QPainter, area: QRect, cell: Lines) -> None:
    """A bracket around the lines, the repeats behind it; what a column is too narrow for is written smaller."""
    lines, repeats = cell.lines, "" if cell.repeats == "×1" else cell.repeats  # the papers print none

    def needed() -> tuple[int, int]:
        metrics = painter.fontMetrics()
        return max(map(metrics.horizontalAdvance, lines)) + 10, metrics.horizontalAdvance(repeats) + 4

    _shrink_font(painter, lambda: sum(needed()) <= area.width() - 4)
    (width, tail), metrics = needed(), painter.fontMetrics()
    if not cell.bracketed and width > area.width():
        width, tail = area.width() - 4, 0
        lines = [metrics.elidedText(line, Qt.TextElideMode.ElideRight, width) for line in lines]
    left = area.center().x() - (width + tail) // 2
    pitch = min(metrics.height(), max(6, area.height() // max(1, len(lines))))
    height = pitch * len(lines)
    top = area.center().y() - height // 2
    bottom = top + height
    for number, line in enumerate(lines):
        painter.drawText(left, top + number * pitch, width, pitch, Qt.AlignmentFlag.AlignCenter, line)
    if not cell.bracketed:
        return
    for x, foot in ((left, left + 3), (left + width, left + width - 3)):
        painter.drawPolyline([QPoint(foot, top), QPoint(x, top), QPoint(x, bottom), QPoint(foot, bottom)])
    vertical = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    painter.drawText(left + width + 4, area.top(), tail + 8, area.height(), vertical, repeats)
