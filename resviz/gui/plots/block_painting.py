"""How one building block is painted: marks, arrows as wide as a gradient, and numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF

from resviz.base.numbers import format_measurement
from resviz.base.translation import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resviz.analysis.block_layout import Arrow, BlockLayout, Gradient, Mark, MarkKind
    from resviz.gui.style.theme import Theme

MARK_WIDTH, _HEIGHT, LANE, ROW = 150.0, 40.0, 168.0, 64.0
_CIRCLE = 13.0
TITLE, MARGIN, INPUT = 34.0, 14.0, 20.0
_THIN, _WIDE = 1.6, 15.0
"""Widths of an arrow without a value, and of that with the largest."""
_STAGES: dict[MarkKind, int | None] = {
    "weights": 3,
    "normalization": 1,
    "activation": 2,
    "pool": 4,
    "sum": None,
    "other": None,
}
"""Which of the theme's pairs of colours a mark has."""
TERMS = {"shortcut": "x: ", "residual": "F: ", "response": ""}
Found = Callable[[QRectF, str], None]
"""Told where something was drawn, and what it says."""


@dataclass(frozen=True)
class DrawnBlock:
    """A block, its title and colour, and what was measured at its arrows."""

    title: str
    colour: str
    layout: BlockLayout
    values: Mapping[Gradient, float] = field(default_factory=dict)


class BlockPainting:
    """One block, in its own coordinates: the column of F has its middle at x = 0."""

    def __init__(
        self, painter: QPainter, block: DrawnBlock, colours: Theme, low: float, high: float, found: Found
    ) -> None:
        self.painter, self.block, self.colours = painter, block, colours
        self.layout, self.found = block.layout, found
        self.low, self.high = low, high

    def draw(self, area: QRectF) -> None:
        """Draw the title, the arrows, the marks over them, and the numbers over all."""
        title = QRectF(area.left(), 4, area.width(), TITLE - 6)
        self._write(title, self.block.title, 17, self.block.colour, bold=True)
        top = QRectF(-MARK_WIDTH / 2, TITLE, MARK_WIDTH, INPUT)
        self._write(top, f"x  {self.layout.shape}", 12, self.colours.dim)
        labels = [self._arrow(arrow) for arrow in self.layout.arrows]
        last = len(self.layout.marks) - 1
        end = self._middle(last) + QPointF(0, _CIRCLE if self._is_circle(self.layout.marks[last]) else _HEIGHT / 2)
        self._line([end, end + QPointF(0, ROW - _HEIGHT)], _THIN, self.colours.dim)
        for index, mark in enumerate(self.layout.marks):
            self._mark(index, mark)
        for row, lane in self.layout.ellipses:
            place = QPointF(lane * LANE, self._top(row) + _HEIGHT / 2)
            self._write(QRectF(place.x() - 20, place.y() - 14, 40, 28), "…", 20, self.colours.text)
        for label in labels:
            if label:
                side = Qt.AlignmentFlag.AlignLeft
                self._write(label[0], label[1], 12, self.block.colour, bold=True, side=side, ground=True)

    def _top(self, row: int) -> float:
        return TITLE + INPUT + row * ROW - (ROW - 24)

    def _middle(self, index: int) -> QPointF:
        mark = self.layout.marks[index]
        return QPointF(mark.lane * LANE, self._top(mark.row) + _HEIGHT / 2)

    @staticmethod
    def _is_circle(mark: Mark) -> bool:
        return mark.kind == "sum" and len(mark.text) == 1

    def _mark(self, index: int, mark: Mark) -> None:
        painter, middle = self.painter, self._middle(index)
        stage = _STAGES[mark.kind]
        fill, ink = self.colours.stage_colours(stage) if stage is not None else (self.colours.panel, self.colours.text)
        painter.setPen(QPen(QColor(ink), 1.2))
        painter.setBrush(QColor(fill))
        if self._is_circle(mark):
            painter.drawEllipse(middle, _CIRCLE, _CIRCLE)
            area = QRectF(middle.x() - _CIRCLE, middle.y() - _CIRCLE, 2 * _CIRCLE, 2 * _CIRCLE)
            self._write(area, mark.text, 20, ink, bold=True)
            if mark.formula:
                beside = QRectF(area.left() - 128, area.top(), 120, area.height())
                self._write(beside, mark.formula, 13, ink, side=Qt.AlignmentFlag.AlignRight)
        else:
            area = self._area(index)
            painter.drawRoundedRect(area, 6, 6)
            half = area.height() / 2
            self._write(area.adjusted(4, 2, -4, -half + 4), mark.text, 13, ink)
            self._write(area.adjusted(4, half, -4, -3), mark.detail, 10, ink)
        self.found(area, f"{mark.layer}: {mark.text}\n{mark.detail}")

    def _area(self, index: int) -> QRectF:
        """Return the rectangle of a mark: over all that it joins, where that lies side by side."""
        mark, middle = self.layout.marks[index], self._middle(index)
        lanes = [mark.lane]
        if mark.kind == "sum":
            lanes += [self.layout.place(arrow.source)[1] for arrow in self.layout.arrows if arrow.target == index]
        left, right = min(lanes) * LANE - MARK_WIDTH / 2, max(lanes) * LANE + MARK_WIDTH / 2
        return QRectF(left, middle.y() - _HEIGHT / 2, right - left, _HEIGHT)

    def _arrow(self, arrow: Arrow) -> tuple[QRectF, str] | None:
        """Draw an arrow; return where its number goes, and the number."""
        points, width = self._points(arrow), _THIN
        value = self.block.values.get(arrow.gradient) if arrow.gradient else None
        if value is None or not math.isfinite(value) or value <= 0:
            self._line(points, _THIN, self.colours.dim)
        else:
            span = max(self.high - self.low, 1e-9)
            part = min(max((math.log10(value) - self.low) / span, 0.0), 1.0)
            width = 2.5 + part * (_WIDE - 2.5)
            self._line(points, width, self.block.colour)
        if value is None or arrow.gradient is None:
            return None
        text = f"{TERMS[arrow.gradient.term]}{format_measurement(value)}"
        upright = [(b.y() - a.y(), (a + b) / 2) for a, b in pairwise(points)]
        place = max(upright, key=lambda found: found[0])[1]
        area = QRectF(place.x() + width / 2 + 5, place.y() - 9, 92, 18)
        self.found(area.adjusted(-14, 0, 0, 0), _("gradient that comes back here: {value}").format(value=text))
        return area, text

    def _points(self, arrow: Arrow) -> list[QPointF]:
        """Return the corners of an arrow, from its source to its tip."""
        row, lane = self.layout.place(arrow.source)
        target = self.layout.marks[arrow.target]
        start = QPointF(lane * LANE, TITLE + INPUT if arrow.source < 0 else self._top(row) + _HEIGHT)
        if arrow.source >= 0 and self._is_circle(self.layout.marks[arrow.source]):
            start.setY(self._top(row) + _HEIGHT / 2 + _CIRCLE)
        tip = QPointF(target.lane * LANE, self._top(target.row))
        is_circle = self._is_circle(target)
        if is_circle:
            tip.setY(self._top(target.row) + _HEIGHT / 2 - _CIRCLE)
        side = self.layout.side_lane(arrow)
        if target.kind == "sum" and not is_circle:
            return [start, QPointF(start.x(), tip.y())]
        if side == target.lane == lane:
            return [start, tip]
        beside = QPointF(tip.x() + (_CIRCLE if is_circle else MARK_WIDTH / 2), self._top(target.row) + _HEIGHT / 2)
        if side != target.lane:  # around what stands between
            across = start.y() + (ROW - _HEIGHT) * 0.3
            x = side * LANE
            return [start, QPointF(start.x(), across), QPointF(x, across), QPointF(x, beside.y()), beside]
        if is_circle:
            return [start, QPointF(start.x(), beside.y()), beside]
        if arrow.source < 0 or row + 1 == target.row:
            across = start.y() + (ROW - _HEIGHT) * 0.3 if arrow.way != "main" or arrow.source < 0 else tip.y() - 12
        else:
            across = tip.y() - 12
        return [start, QPointF(start.x(), across), QPointF(tip.x(), across), tip]

    def _line(self, points: list[QPointF], width: float, colour: str) -> None:
        """Draw a bent line with a head. The line ends where the head begins."""
        painter, tip, before = self.painter, points[-1], points[-2]
        length = max(math.hypot(tip.x() - before.x(), tip.y() - before.y()), 1e-6)
        along = (tip - before) / length
        head = min(4.5 + width * 0.9, length * 0.7)
        across = QPointF(-along.y(), along.x()) * (3.2 + width * 0.62)
        neck = tip - along * head
        pen = QPen(QColor(colour), width)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF([*points[:-1], neck + along]))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        painter.drawPolygon(QPolygonF([tip, neck + across, neck - across]))

    def _write(
        self,
        area: QRectF,
        text: str,
        pixels: int,
        colour: str,
        *,
        bold: bool = False,
        side: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignHCenter,
        ground: bool = False,
    ) -> None:
        """Write a text in an area, smaller where it is too long."""
        painter, font = self.painter, QFont(self.painter.font())
        font.setPixelSize(pixels)
        font.setBold(bold)
        painter.setFont(font)
        while painter.fontMetrics().horizontalAdvance(text) > area.width() and font.pixelSize() > 8:
            font.setPixelSize(font.pixelSize() - 1)
            painter.setFont(font)
        if ground:
            wide = painter.fontMetrics().horizontalAdvance(text)
            painter.fillRect(
                QRectF(area.x() - 2, area.y() + 1, wide + 4, area.height() - 2), QColor(self.colours.panel)
            )
        painter.setPen(QColor(colour))
        painter.drawText(area, side | Qt.AlignmentFlag.AlignVCenter, text)
