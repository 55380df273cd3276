"""ILSVRC by year: the error falls as the depth of the nets grows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF
from typing_extensions import override

from resviz.base.translation import _, ngettext
from resviz.gui.plots.painted_plot import PaintedPlot
from resviz.gui.style import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from resviz.analysis.claims.history import Winner

_LEFT, _TOP, _BOTTOM = 16.0, 54.0, 66.0
_LEAST_POINTS = 6.0
"""Down to which an entry's name is written smaller."""
_CENTRE = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter


class WinnerChart(PaintedPlot):
    """A bar for each entry's error, and a line for the depth of its net, each on its own scale from 0."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_("ILSVRC by year: error and depth"), parent)
        self._winners: tuple[Winner, ...] = ()
        self._source = ""
        self.setMinimumSize(480, 320)

    def set_winners(self, winners: Sequence[Winner], source: str) -> None:
        """Draw these entries."""
        self._winners, self._source = tuple(winners), source
        self.update()

    @override
    def numbers(self) -> list[Sequence[object]]:
        """Return a row for each entry."""
        rows: list[Sequence[object]] = [("year", "entry", "top-5 error, %", "layers")]
        return rows + [(one.year, one.name, one.error, "" if one.depth is None else one.depth) for one in self._winners]

    @override
    def reading(self, place: QPointF) -> str:
        """Return what is printed and counted of the entry at a place."""
        if not self._winners or place.x() < _LEFT:
            return ""
        number = int((place.x() - _LEFT) // self._pitch())
        return _said(self._winners[number]) if number < len(self._winners) else ""

    @override
    def draw(self, painter: QPainter) -> None:
        """Draw the bars, then the line of the depths over them."""
        if not self._winners:
            return
        colours, pitch, floor = theme.of(self), self._pitch(), self.height() - _BOTTOM
        most = max(one.error for one in self._winners)
        deepest = max(one.depth or 1 for one in self._winners)
        bold = QFont(painter.font())
        bold.setBold(True)
        bold.setPointSizeF(bold.pointSizeF() * 1.25)
        points = []
        for number, one in enumerate(self._winners):
            left = _LEFT + number * pitch
            height = (floor - _TOP) * one.error / most
            bar = QRectF(left + pitch * 0.18, floor - height, pitch * 0.64, height)
            painter.fillRect(bar, QColor(colours.stage_colours(3)[0]))
            painter.setPen(QPen(QColor(colours.stage_colours(3)[1]), 1))
            painter.drawRect(bar)
            painter.save()
            painter.setFont(bold)
            painter.drawText(QRectF(left, floor - height - 26, pitch, 24), _CENTRE, f"{one.error:g}")
            painter.setPen(QColor(colours.text))
            fitted = QFont(bold)
            while painter.fontMetrics().horizontalAdvance(one.name) > pitch - 6 and fitted.pointSizeF() > _LEAST_POINTS:
                fitted.setPointSizeF(fitted.pointSizeF() - 0.5)
                painter.setFont(fitted)
            painter.drawText(QRectF(left, floor + 4, pitch, 22), _CENTRE, one.name)
            painter.restore()
            painter.setPen(QColor(colours.dim))
            painter.drawText(QRectF(left, floor + 26, pitch, 18), _CENTRE, str(one.year))
            if one.depth is not None:
                points.append((QPointF(left + pitch / 2, floor - (floor - _TOP) * one.depth / deepest), one.depth))
        painter.setPen(QColor(colours.dim))
        heading = _("bars: top-5 error on the test set, %, mostly of several nets together  ·  line: layers of one net")
        painter.drawText(QRectF(_LEFT, 2, self.width() - 2 * _LEFT, 20), Qt.AlignmentFlag.AlignLeft, heading)
        painter.drawText(
            QRectF(_LEFT, self.height() - 20, self.width() - 2 * _LEFT, 18), Qt.AlignmentFlag.AlignLeft, self._source
        )
        self._line(painter, points)

    def _line(self, painter: QPainter, points: list[tuple[QPointF, int]]) -> None:
        accent = QColor(theme.of(self).net_colour("residual"))
        painter.setPen(QPen(accent, 3))
        painter.drawPolyline(QPolygonF([place for place, _depth in points]))
        font = QFont(painter.font())
        font.setBold(True)
        painter.setFont(font)
        for place, depth in points:
            painter.setBrush(accent)
            painter.drawEllipse(place, 5, 5)
            text = ngettext("{count} layer", "{count} layers", depth).format(count=depth)
            wide = painter.fontMetrics().horizontalAdvance(text) + 8.0
            area = QRectF(place.x() - wide - 6, place.y() - 30, wide, 20)
            painter.fillRect(area, QColor(theme.of(self).panel))
            painter.drawText(area, _CENTRE, text)

    def _pitch(self) -> float:
        return (self.width() - 2 * _LEFT) / max(1, len(self._winners))


def _said(one: Winner) -> str:
    said = _("{name}, {year}: top-5 error {error}%").format(name=one.name, year=one.year, error=f"{one.error:g}")
    if one.depth is None:
        return said
    return said + "\n" + ngettext("{count} layer", "{count} layers", one.depth).format(count=one.depth)
