"""Accuracy against operations, the area of each mark its parameters."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from typing_extensions import override

from resviz.analysis.counts import exact, short
from resviz.base.translation import _
from resviz.gui.plots.painted_plot import PaintedPlot
from resviz.gui.style import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from resviz.analysis.claims.accuracy import AccuracyPoint

_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 24, 22, 46
_PIXELS = 26.0
"""Radius of the mark of a net of a hundred million parameters, in a picture 500 pixels high."""
_FEW_TICKS = 12
"""Per cent of the accuracy axis up to which each has its line."""
_TICKS = tuple(factor * 10**9 for factor in (1, 2, 5, 10, 20, 50, 100))
_HEADROOM = 0.08
"""Free room above the best net, as a share of the range of accuracies. The net's large mark needs it."""
_ROOM = 1.35
"""By which factor the axis goes beyond the nets: one that costs thirty times as much must not squeeze the others."""
_LEGEND = (10_000_000, 50_000_000, 150_000_000)


class Scatter(PaintedPlot):
    """A mark a net: to the right what it costs, upwards how often it is right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_("accuracy against operations"), parent)
        self._points: tuple[AccuracyPoint, ...] = ()
        self.setMinimumSize(480, 320)

    def set_points(self, points: Sequence[AccuracyPoint]) -> None:
        """Show these nets. The area of a mark is proportional to the net's parameters."""
        # The large ones first, so that no small one is hidden behind them.
        self._points = tuple(sorted(points, key=lambda point: -point.parameters))
        self.update()

    def place(self, point: AccuracyPoint) -> QPointF:
        """Return where a net's mark is."""
        area, (low, high) = self._area(), self._accuracies()
        x = area.left() + area.width() * self._share(point.flops)
        y = area.bottom() - area.height() * (point.accuracy - low) / (high - low)
        return QPointF(x, y)

    def radius(self, parameters: int) -> float:
        """Return the radius of a mark. Its area is proportional to the parameters."""
        return _PIXELS * self.height() / 500 * math.sqrt(parameters / 1e8)

    @override
    def draw(self, painter: QPainter) -> None:
        if not self._points:
            return
        self._draw_axes(painter)
        colours = theme.of(self)
        taken = [self._mark(point) for point in self._points]
        for point in self._points:
            colour = QColor(colours.net_colour(point.unit))
            painter.setPen(QPen(colour, 1.4))
            colour.setAlpha(80)
            painter.setBrush(colour)
            radius = self.radius(point.parameters)
            painter.drawEllipse(self.place(point), radius, radius)
        for point in self._points:
            painter.setPen(QColor(colours.net_colour(point.unit)))
            painter.drawText(self._label(painter, point, taken), Qt.AlignmentFlag.AlignCenter, point.name)
        self._draw_legend(painter)

    def _draw_axes(self, painter: QPainter) -> None:
        colours, area = theme.of(self), self._area()
        low, high = self._accuracies()
        step = 1 if high - low <= _FEW_TICKS else 5
        for accuracy in range(int(-(-low // step) * step), int(high) + 1, step):
            y = area.bottom() - area.height() * (accuracy - low) / (high - low)
            painter.setPen(QPen(QColor(colours.line), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(colours.dim))
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, y - 10, _LEFT - 8, 20), right, f"{accuracy} %")
        for flops in _TICKS:
            share = self._share(flops)
            if not 0 <= share <= 1:
                continue
            x = area.left() + area.width() * share
            painter.drawText(QRectF(x - 40, area.bottom() + 4, 80, 18), Qt.AlignmentFlag.AlignCenter, short(flops, 0))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        below = QRectF(area.left(), area.bottom() + 22, area.width(), 20)
        painter.drawText(
            below, Qt.AlignmentFlag.AlignCenter, _("multiply-adds of one image, computed from the net, on a log scale")
        )
        heading = _("top-1 accuracy: {source}").format(source=self._points[0].source)
        painter.drawText(QRectF(8, 0, self.width() - 16, 20), Qt.AlignmentFlag.AlignLeft, heading)

    def _draw_legend(self, painter: QPainter) -> None:
        colours, area = theme.of(self), self._area()
        # At the upper right, where a net would cost much and be right often, if there is none; else at the lower right.
        x, y = area.right() - 20, area.top() + 18 + self.radius(_LEGEND[-1])
        height = 2 * self.radius(_LEGEND[-1]) + 50
        wide = sum(2 * self.radius(parameters) + 36 for parameters in _LEGEND)
        corner = QRectF(area.right() - wide, area.top(), wide, height)
        if any(self._mark(point).intersects(corner) for point in self._points):
            y = area.bottom() - height + 18 + self.radius(_LEGEND[-1])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for parameters in reversed(_LEGEND):
            radius = self.radius(parameters)
            painter.setPen(QPen(QColor(colours.dim), 1))
            painter.drawEllipse(QPointF(x - radius, y - 8), radius, radius)
            text = QRectF(x - radius - 40, y + 2 + radius - 8, 80, 18)
            painter.drawText(text, Qt.AlignmentFlag.AlignCenter, short(parameters, 0))
            x -= 2 * radius + 36
        below = QRectF(area.right() - 160, y + self.radius(_LEGEND[-1]) + 10, 160, 18)
        painter.drawText(below, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, _("parameters"))

    def _mark(self, point: AccuracyPoint) -> QRectF:
        """Return what no name may lie on: the mark's inner square."""
        side = self.radius(point.parameters) * 1.5
        return QRectF(-side / 2, -side / 2, side, side).translated(self.place(point))

    def _label(self, painter: QPainter, point: AccuracyPoint, taken: list[QRectF]) -> QRectF:
        """Return a place for a name beside its mark, where no other name is."""
        width, radius, centre = (
            painter.fontMetrics().horizontalAdvance(point.name) + 6,
            self.radius(point.parameters),
            self.place(point),
        )
        right = QRectF(centre.x() + radius + 2, centre.y() - 9, width, 18)
        places = [right, right.translated(0, -14), right.translated(0, 14)]
        places += [right.translated(-width - 2 * radius - 4, 0)]
        places += [QRectF(centre.x() - width / 2, centre.y() + way * (radius + 10) - 9, width, 18) for way in (-1, 1)]
        whole = QRectF(0, _TOP, self.width(), self.height() - _TOP)
        inside = [place for place in places if whole.contains(place)] or places
        free = next((place for place in inside if not any(place.intersects(one) for one in taken)), inside[0])
        taken.append(free)
        return free

    @override
    def reading(self, place: QPointF) -> str:
        near = [point for point in self._points if self._reaches(point, place)]
        if not near:
            return ""
        point = near[-1]  # the smallest: it lies on top
        return _("{net}: {accuracy} % ({source})\n{flops} multiply-adds\n{parameters} parameters").format(
            net=point.name,
            accuracy=f"{point.accuracy:.2f}",
            source=point.source,
            flops=exact(point.flops),
            parameters=exact(point.parameters),
        )

    @override
    def numbers(self) -> list[Sequence[object]]:
        rows: list[Sequence[object]] = [("net", "top-1 accuracy, %", "multiply-adds", "parameters", "source")]
        rows += [(p.name, f"{p.accuracy:.2f}", p.flops, p.parameters, p.source) for p in self._points]
        return rows

    def _reaches(self, point: AccuracyPoint, place: QPointF) -> bool:
        away = place - self.place(point)
        return math.hypot(away.x(), away.y()) <= max(6.0, self.radius(point.parameters))

    def _area(self) -> QRectF:
        return QRectF(_LEFT, _TOP, max(1, self.width() - _LEFT - _RIGHT), max(1, self.height() - _TOP - _BOTTOM))

    def _accuracies(self) -> tuple[float, float]:
        known = [point.accuracy for point in self._points]
        low, high = math.floor(min(known)), math.ceil(max(known))
        return low, high + _HEADROOM * (high - low)

    def _share(self, flops: float) -> float:
        """Return where a number of multiply-adds stands on the axis, from 0 at its left end to 1."""
        known = [point.flops for point in self._points]
        low, high = math.log10(min(known) / _ROOM), math.log10(max(known) * _ROOM)
        return (math.log10(flops) - low) / (high - low)
