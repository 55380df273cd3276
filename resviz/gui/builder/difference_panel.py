"""What the chosen net and another one cost, side by side as bars."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.style import theme
from resviz.gui.style.widgets import Chips, dim

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from resviz.analysis.differences import Difference

BY = (("stage", _("Stages")), ("kind", _("Kinds")), ("layer", _("Layers")))
QUANTITIES = (("parameters", _("Parameters")), ("flops", "FLOPs"), ("activations", _("Memory")))
_ROW, _BAR, _NAME, _NUMBER = 42, 9, 96, 104


@dataclass(frozen=True)
class BarRow:
    """A part, its two numbers, how they are written, and what differs."""

    part: str
    a: int
    b: int
    a_text: str
    b_text: str
    delta_text: str
    what: str = ""


class DifferenceBars(QWidget):
    """Two bars a row, the first net's above the second's, on one scale; `chosen` emits a row's part."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(_("differences as bars"))
        self.setObjectName("bare")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.rows: list[BarRow] = []

    def set_rows(self, rows: Sequence[BarRow]) -> None:
        """Show these differences, one bar each."""
        self.rows = list(rows)
        self.setMinimumHeight(_ROW * len(self.rows))
        self.updateGeometry()
        self.update()

    @override
    def sizeHint(self) -> QSize:
        return QSize(200, _ROW * len(self.rows))

    def row_at(self, y: float) -> BarRow | None:
        """Return the row at a height in pixels, or None."""
        index = int(y // _ROW)
        return self.rows[index] if 0 <= index < len(self.rows) else None

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self.row_at(event.position().y())
        if row is not None:
            self.chosen.emit(row.part)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        # One scale for all, but for single layers: beside the total they would be dots, and it goes without bars.
        single = any(row.what for row in self.rows)
        scaled = self.rows[1:] if single else self.rows
        most = max((max(row.a, row.b) for row in scaled), default=0) or 1
        area = event.rect()
        for index in range(area.top() // _ROW, min(len(self.rows), area.bottom() // _ROW + 1)):
            row = self.rows[index]
            font = painter.font()
            font.setBold(index == 0)
            painter.setFont(font)
            paint = self._paint_layer if row.what else self._paint_part
            paint(painter, row, index * _ROW, 0 if single and index == 0 else most)

    def _paint_part(self, painter: QPainter, row: BarRow, top: int, scale: int) -> None:
        """Its name over how much more, and a bar and a number for each net."""
        colours, room = theme.current(), self.width() - _NAME - _NUMBER
        half = _ROW / 2
        _write(painter, QRectF(0, top, _NAME - 4, half + 2), row.part, colours.text)
        ink = colours.text if row.a != row.b else colours.dim
        _write(painter, QRectF(0, top + half - 3, _NAME - 4, half), row.delta_text, ink)
        for at, (number, text, colour) in enumerate(self._ends(row)):
            y = top + 5 + at * (_BAR + 4)
            if scale:
                painter.fillRect(QRectF(_NAME, y, max(0.0, room * number / scale), _BAR), QColor(colour))
            place = QRectF(self.width() - _NUMBER + 4, y - 3, _NUMBER - 6, _BAR + 6)
            _write(painter, place, text, colours.dim, right=True)

    def _paint_layer(self, painter: QPainter, row: BarRow, top: int, scale: int) -> None:
        """Its whole name, what differs in it, and two thin bars below."""
        colours, width = theme.current(), self.width()
        _write(painter, QRectF(0, top, width - _NUMBER, 16), row.part, colours.text)
        _write(painter, QRectF(width - _NUMBER, top, _NUMBER - 2, 16), row.delta_text, colours.text, right=True)
        _write(painter, QRectF(0, top + 15, width - 2, 15), row.what, colours.dim)
        for at, (number, _width, colour) in enumerate(self._ends(row)):
            painter.fillRect(QRectF(0, top + 33 + 3 * at, (width - 2) * number / scale, 2), QColor(colour))

    def _ends(self, row: BarRow) -> tuple[tuple[int, str, str], ...]:
        colours = theme.current()
        return (row.a, row.a_text, colours.dim), (row.b, row.b_text, colours.accent)


def _write(painter: QPainter, area: QRectF, text: str, ink: str, right: bool = False) -> None:
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    painter.setPen(QColor(ink))
    fitted = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, int(area.width()))
    painter.drawText(area, side | Qt.AlignmentFlag.AlignVCenter, fitted)


class DifferencesPanel(QWidget):
    """Emits which other net is wanted, and by what and in what it is compared."""

    other_chosen = Signal(int)
    by_chosen = Signal(str)
    quantity_chosen = Signal(str)
    part_chosen = Signal(str)
    add_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.others = QComboBox()
        self.others.setAccessibleName(_("compare with"))
        self.others.setToolTip(
            _("Choose the net to compare with: another net of the table, or this net with one change.")
        )
        self.others.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.others.activated.connect(self.other_chosen)
        self.add = QPushButton(_("Add to table"))
        self.add.setObjectName("chip")
        self.add.setToolTip(_("Add the other net to the depth table."))
        self.add.clicked.connect(self.add_wanted)
        self.by = Chips(BY, _("by"), tip=_("Divide the nets into stages, kinds of layers or single layers."))
        self.quantity = Chips(QUANTITIES, _("quantity"), tip=_("Choose the number that is compared."))
        self.by.chosen.connect(self.by_chosen)
        self.quantity.chosen.connect(self.quantity_chosen)
        self.names = QLabel()
        self.names.setWordWrap(True)
        self.bars = DifferenceBars()
        self.bars.chosen.connect(self.part_chosen)
        self.note = dim()
        self.note.setWordWrap(True)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(self.bars)
        first, second = QHBoxLayout(), QHBoxLayout()
        first.addWidget(QLabel(_("with")))
        first.addWidget(self.others, 1)
        first.addWidget(self.add)
        second.addWidget(self.by)
        second.addWidget(self.quantity)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(5)
        column.addLayout(first)
        column.addWidget(self.by)
        column.addWidget(self.quantity)
        column.addWidget(self.names)
        column.addWidget(area, 1)
        column.addWidget(self.note)
        self._names = ("", "")
        theme.changed().connect(self._tint)

    def set_others(self, titles: list[str], chosen: int, addable: bool) -> None:
        """Show with which nets the net can be compared.

        `addable` says whether the other net is not in the table yet.
        """
        if [self.others.itemText(index) for index in range(self.others.count())] != titles:
            self.others.clear()
            self.others.addItems(titles)
        self.others.setCurrentIndex(chosen)
        self.add.setEnabled(addable)

    def set_rows(self, rows: Sequence[BarRow], names: tuple[str, str], by: str, quantity: str, note: str) -> None:
        """Show the differences between two nets.

        Args:
            rows: One bar each.
            names: The two nets.
            by: Key of how the nets are cut into parts.
            quantity: Key of what is compared.
            note: A line below the bars.
        """
        self.by.set_choice(by)
        self.quantity.set_choice(quantity)
        self._names = names
        self._tint()
        self.bars.set_rows(rows)
        self.note.setText(note)

    @Slot()
    def _tint(self) -> None:
        colours = theme.current()
        swatch = "<span style='color:{}'>■</span> {}"
        first, second = map(escape, self._names)
        sign = escape(_("+ means that {net} has more").format(net=self._names[1])) if second else ""
        self.names.setText(
            f"{swatch.format(colours.dim, first)} &nbsp; {swatch.format(colours.accent, second)} &nbsp; "
            f"<span style='color:{colours.dim}'>{sign}</span>"
        )


def bar_rows(parts: Sequence[Difference], quantity: str, write: Callable[[int], str]) -> list[BarRow]:
    """Return the rows of the differences in a quantity. `write` formats a number."""
    rows = []
    for part in parts:
        a, b = getattr(part.a, quantity), getattr(part.b, quantity)
        delta = part.delta(quantity)
        sign = "+" if delta > 0 else "−" if delta < 0 else ""
        text = f"{sign}{write(abs(delta))}" if delta else _("not counted") if part.what else _("equal")
        rows.append(BarRow(part.part, a, b, write(a), write(b), text, part.what))
    return rows
