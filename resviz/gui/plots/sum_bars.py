"""Numbers as bars with their sums: a row each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from typing_extensions import override

from resviz.gui.plots.painted_plot import PaintedPlot
from resviz.gui.style import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

_ROW, _GAP, _TEXT = 26, 6, 320
_LEAST_NAME = 150
"""Pixels for the names at least, so that bars of two widgets begin at one place."""


class Bar(NamedTuple):
    """`text` stands behind the bar: the sum, or the figure. `stage` is the number of its colour."""

    name: str
    value: float
    text: str
    stage: int = 3


class SumBars(PaintedPlot):
    """On a linear scale from 0: what is a hundred thousand times as much is to look so."""

    def __init__(self, name: str, text_width: int = _TEXT, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._text_width, self._most = text_width, 0.0
        self._bars: list[Bar] = []

    def set_bars(self, bars: Sequence[Bar], most: float = 0.0) -> None:
        """`most` is the value of the longest bar there could be; the largest of these if 0."""
        self._bars = list(bars)
        self._most = most or max(bar.value for bar in bars)
        self.setMinimumHeight(len(bars) * (_ROW + _GAP))
        self.setMaximumHeight(len(bars) * (_ROW + _GAP))
        self.update()

    def length(self, value: float) -> float:
        """Of a bar, as a share of the room that there is for the longest."""
        return value / self._most if self._most else 0.0

    @override
    def draw(self, painter: QPainter) -> None:
        colours = theme.of(self)
        names = (painter.fontMetrics().horizontalAdvance(bar.name) + 20 for bar in self._bars)
        left_of_bars = max((_LEAST_NAME, *names))
        room = max(40, self.width() - left_of_bars - self._text_width)
        for number, bar in enumerate(self._bars):
            top = number * (_ROW + _GAP)
            painter.setPen(QColor(colours.text))
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, top, left_of_bars - 10, _ROW), right, bar.name)
            fill, edge = colours.stage_colours(bar.stage)
            painter.setPen(QPen(QColor(edge), 1))
            painter.setBrush(QColor(fill))
            length = max(1.5, self.length(bar.value) * room)
            painter.drawRoundedRect(QRectF(left_of_bars, top + 3, length, _ROW - 6), 3, 3)
            painter.setPen(QColor(colours.text))
            left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(left_of_bars + length + 8, top, self.width(), _ROW), left, bar.text)

    @override
    def reading(self, place: QPointF) -> str:
        row = int(place.y() // (_ROW + _GAP))
        return f"{self._bars[row].name}: {self._bars[row].text}" if 0 <= row < len(self._bars) else ""

    @override
    def numbers(self) -> list[Sequence[object]]:
        rows: list[Sequence[object]] = [("name", "value", "sum")]
        return rows + [
            (bar.name, f"{bar.value:g}" if bar.value % 1 else int(bar.value), bar.text) for bar in self._bars
        ]
