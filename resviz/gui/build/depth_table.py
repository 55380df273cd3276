"""The depth table on screen: cells drawn as the paper prints them, edited as text."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from resviz.gui import theme
from resviz.gui.build.column import Column
from resviz.gui.build.depth_table_model import FIRST_NET, OUTPUT, ROW_NAME, DepthTableModel, Draft

Index = QModelIndex | QPersistentModelIndex
_LEAST_SCALE, _MOST_SCALE, _MOST_SHARE = 0.82, 1.5, 2.2
_EDITOR_WIDTH = 250


class CellDelegate(QStyledItemDelegate):
    """Draws a stage as the paper does, a convolution a line in one bracket; edits it as a line of text.

    What is typed goes to the model at each keystroke; Escape puts back what stood there.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.scale = 1.0
        """Of the text: what has room is written larger, so that the last row of a lecture hall can read it."""
        self._editing: tuple[QPersistentModelIndex, str] | None = None

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setFrame(False)
        editor.setMinimumWidth(_EDITOR_WIDTH)
        self._editing = QPersistentModelIndex(index), str(index.data(Qt.ItemDataRole.EditRole))
        editor.textEdited.connect(self._typed)
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        # Not again while typing: the model's own change must not move the cursor.
        if isinstance(editor, QLineEdit) and not editor.isModified():
            editor.setText(str(index.data(Qt.ItemDataRole.EditRole)))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        if isinstance(editor, QLineEdit) and editor.isModified():
            model.setData(index, editor.text())

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        area = option.rect.adjusted(1, 1, -1, -1)
        area.setWidth(max(area.width(), _EDITOR_WIDTH))
        parent = editor.parentWidget()
        room = parent.width() if parent is not None else area.right()
        if area.right() > room:
            area.moveRight(room - 2)
        editor.setGeometry(area)

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and self._editing:
            index, before = self._editing
            if event.type() == QEvent.Type.KeyPress and index.isValid():
                model = index.model()
                model.setData(model.index(index.row(), index.column()), before)
        return super().eventFilter(editor, event)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        lines = len(_lines(str(index.data() or ""))[0])
        return QSize(60, 5 + lines * QFontMetrics(option.font).height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        if not isinstance(model, DepthTableModel):
            return
        colours = theme.current()
        area: QRect = option.rect
        row, net, wrong = model.rows[index.row()], model.net(index), model.draft(index) is not None
        stage = model.stage_index(row)
        painter.save()
        ground, ink = _colours(model, index, wrong)
        painter.fillRect(area, QColor(ground))
        painter.setPen(QColor(ink))
        font = QFont(option.font)
        font.setPointSizeF(font.pointSizeF() * self.scale)
        font.setBold(row in ("parameters", "FLOPs") and net is not None)
        painter.setFont(font)
        text = str(index.data() or "")
        if stage is not None and net and text and not wrong:
            _paint_block(painter, area, text)
        else:
            lines = [
                painter.fontMetrics().elidedText(line, Qt.TextElideMode.ElideRight, area.width() - 2)
                for line in _lines(text)[0]
            ]
            side = Qt.AlignmentFlag.AlignLeft if index.column() == ROW_NAME else Qt.AlignmentFlag.AlignHCenter
            painter.drawText(
                area.adjusted(6 if index.column() == ROW_NAME else 0, 0, 0, 0),
                side | Qt.AlignmentFlag.AlignVCenter,
                "\n".join(lines),
            )
        if wrong or (net and index == self._current()):
            painter.setPen(QColor(colours.bad if wrong else colours.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(area.adjusted(1, 1, -2, -2))
        painter.restore()

    def _current(self) -> QModelIndex:
        view = self.parent()
        return view.currentIndex() if isinstance(view, QTableView) else QModelIndex()

    @Slot()
    def _typed(self) -> None:
        editor = self.sender()
        if isinstance(editor, QLineEdit):
            self.commitData.emit(editor)


def _colours(model: DepthTableModel, index: Index, wrong: bool) -> tuple[str, str]:
    """Ground and ink of a cell."""
    colours = theme.current()
    row, net = model.rows[index.row()], model.net(index)
    if wrong:
        return colours.bad_soft, colours.bad
    if net is None:
        stage = model.stage_index(row)
        if index.column() == ROW_NAME and stage is not None:
            return colours.stage_colours(stage)
        return colours.panel, colours.dim
    ground = colours.accent_soft if index.column() == model.chosen + FIRST_NET else colours.panel
    if row == "paper prints":
        return ground, colours.dim if net.claim is None else colours.good if net.claim.agrees else colours.warn
    return ground, colours.text


def _lines(text: str) -> tuple[list[str], str]:
    """The convolutions of a cell, a line each, and its repeats."""
    if text.startswith("[") and "]" in text:
        body, _, repeats = text[1:].partition("]")
        return [line.strip() for line in body.split(";")], repeats.strip()
    return [line.strip() for line in text.split(";")], ""


def _paint_block(painter: QPainter, area: QRect, text: str) -> None:
    """A bracket around the lines, the repeats behind it."""
    lines, repeats = _lines(text)
    metrics = painter.fontMetrics()
    width = max(metrics.horizontalAdvance(line) for line in lines) + 10
    tail = metrics.horizontalAdvance(repeats) + 4
    left = area.center().x() - (width + tail) // 2
    pitch = metrics.height()
    height = pitch * len(lines)
    top = area.center().y() - height // 2
    bottom = top + height
    for number, line in enumerate(lines):
        painter.drawText(left, top + number * pitch, width, pitch, Qt.AlignmentFlag.AlignCenter, line)
    for x, foot in ((left, left + 3), (left + width, left + width - 3)):
        painter.drawPolyline([QPoint(foot, top), QPoint(x, top), QPoint(x, bottom), QPoint(foot, bottom)])
    vertical = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    painter.drawText(left + width + 4, area.top(), tail + 8, area.height(), vertical, repeats)


class DepthTable(QTableView):
    """Emits which net, and which row of it, a person chooses, and what is typed into a cell."""

    cell_edited = Signal(int, str, str)
    chosen = Signal(int, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("depth table")
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
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setSectionsClickable(True)
        self.verticalHeader().setMinimumSectionSize(16)
        self.verticalHeader().hide()
        self._telling = False
        self._model.cell_edited.connect(self.cell_edited)
        self.selectionModel().currentChanged.connect(self._current_changed)
        self.horizontalHeader().sectionClicked.connect(self._section_clicked)

    def set_columns(self, columns: list[Column], drafts: dict[tuple[int, str], Draft], chosen: int) -> None:
        self._telling = True
        self._model.set_columns(columns, drafts, chosen)
        self._telling = False
        self._share_height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_height()

    def _share_height(self) -> None:
        """Rows as high as their text, and what is left of the view's height shared out among them."""
        rows = range(self._model.rowCount())
        if not rows:
            return
        needed = sum(heights := [self.sizeHintForRow(row) for row in rows])
        room, metrics = self.viewport().size(), self.fontMetrics()
        names = [metrics.horizontalAdvance(longest) + 16 for longest in ("weight layers", "112×112")]
        column = (room.width() - sum(names)) / max(1, len(self._model.columns))
        wide = column / (metrics.horizontalAdvance("[1×1, 2048] ×36") + 26)
        self._delegate.scale = scale = min(max(min(room.height() / needed, wide), _LEAST_SCALE), _MOST_SCALE)
        for section, width in zip((ROW_NAME, OUTPUT), names, strict=True):
            self.horizontalHeader().setSectionResizeMode(section, QHeaderView.ResizeMode.Fixed)
            self.horizontalHeader().resizeSection(section, int(width * scale))
        share = max(1.0, min((room.height() - 2) / needed, _MOST_SHARE))
        for row in rows:
            self.verticalHeader().resizeSection(row, int(heights[row] * share))

    def set_row(self, column: int, row: str | None) -> None:
        """Moves the table's cursor to a row of a net without emitting."""
        current = self.currentIndex()
        if row is None or row not in self._model.rows:
            row = self._model.rows[current.row()] if current.isValid() else self._model.rows[0]
        index = self._model.index(self._model.rows.index(row), column + FIRST_NET)
        self._telling = True
        self.setCurrentIndex(index)
        self._telling = False
        self.viewport().update()

    def cell_index(self, column: int, row: str) -> QModelIndex:
        return self._model.index(self._model.rows.index(row), column + FIRST_NET)

    @Slot(QModelIndex, QModelIndex)
    def _current_changed(self, now: QModelIndex, before: QModelIndex) -> None:
        if now.isValid() and not self._telling:
            net = now.column() - FIRST_NET if now.column() >= FIRST_NET else self._model.chosen
            self.chosen.emit(net, self._model.rows[now.row()])

    @Slot(int)
    def _section_clicked(self, section: int) -> None:
        if section >= FIRST_NET:
            self.chosen.emit(section - FIRST_NET, "")
