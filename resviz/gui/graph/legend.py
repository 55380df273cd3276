"""What the colours and the lines of a net's picture mean: below the picture, and in every file of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.style import theme, viridis

if TYPE_CHECKING:
    from resviz.gui.style.theme import Theme

_LINE, _GAP, _SWATCH, _MARK = 19, 8, 11, 26


@dataclass(frozen=True)
class Legend:
    """What the colours and lines of a picture mean.

    `swatches` are stages with the numbers of their colours. Or `scale` has the two ends of viridis and what the colours
    show. `lines` are the kinds of shortcut in the picture: "solid", "dotted", "projection".
    """

    swatches: tuple[tuple[str, int], ...] = ()
    scale: tuple[str, str, str] | None = None
    lines: tuple[str, ...] = ()


_LINES = {"solid": _("identity shortcut"), "dotted": _("dimensions increase"), "projection": _("1×1 projection")}


def paint_legend(painter: QPainter | None, legend: Legend, width: float, font: QFont, colours: Theme) -> float:
    """Paint a legend from the painter's origin and returns its height; without a painter it is measured alone."""
    metrics = QFontMetrics(font)
    x, y = 0.0, 0.0

    def place(needed: float) -> QPointF:
        nonlocal x, y
        if x and x + needed > width:
            x, y = 0.0, y + _LINE
        at = QPointF(x, y)
        x += needed + _GAP
        return at

    def write(at: QPointF, text: str) -> None:
        if painter is not None:
            painter.setFont(font)
            painter.setPen(QColor(colours.dim))
            area = QRectF(at.x(), at.y(), metrics.horizontalAdvance(text) + 2, _LINE)
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, text)

    if legend.scale:
        low, high, of = legend.scale
        write(place(width), of)
        x, y = 0.0, y + _LINE
        ends = metrics.horizontalAdvance(low), metrics.horizontalAdvance(high)
        write(QPointF(0, y), low)
        write(QPointF(width - ends[1] - 2, y), high)
        if painter is not None:
            bar = QRectF(ends[0] + 6, y + 4, max(10.0, width - sum(ends) - 14), _LINE - 8)
            painter.drawImage(bar, _viridis())
        y += _LINE
    for name, number in legend.swatches:
        at = place(_SWATCH + 4 + metrics.horizontalAdvance(name))
        if painter is not None:
            fill, ink = colours.stage_colours(number)
            painter.setPen(QPen(QColor(ink), 1))
            painter.setBrush(QColor(fill))
            painter.drawRoundedRect(QRectF(at.x() + 0.5, at.y() + 4.5, _SWATCH, _SWATCH), 2, 2)
        write(at + QPointF(_SWATCH + 4, 0), name)
    if legend.swatches:
        x, y = 0.0, y + _LINE
    for kind in legend.lines:
        at = place(_MARK + metrics.horizontalAdvance(_LINES[kind]))
        if painter is not None:
            _paint_line(painter, kind, at, colours)
        write(at + QPointF(_MARK, 0), _LINES[kind])
    return y + (_LINE if legend.lines else 0)


def _paint_line(painter: QPainter, kind: str, at: QPointF, colours: Theme) -> None:
    ink = QColor(colours.text)
    middle = at.y() + _LINE / 2
    pen = QPen(ink, 1.4)
    if kind == "dotted":
        pen.setDashPattern([2.0, 2.6])
    painter.setPen(pen)
    painter.drawLine(QPointF(at.x(), middle), QPointF(at.x() + _MARK - 6, middle))
    if kind == "projection":
        painter.fillRect(QRectF(at.x() + 6, middle - 4, 8, 8), ink)


def _viridis() -> QImage:
    """Return the colours of numbers, low at the left."""
    colours = viridis.colours()
    content = bytes(part for colour in colours for part in colour)
    return QImage(content, len(colours), 1, len(content), QImage.Format.Format_RGB888).copy()


class LegendBar(QWidget):
    """A legend as wide as there is room, and as high as it needs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("legend")
        self.legend = Legend()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changed().connect(self._repaint)

    def set_legend(self, legend: Legend) -> None:
        """Show another legend."""
        if legend != self.legend:
            self.legend = legend
            self._take_height()
            self.update()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._take_height()

    def _take_height(self) -> None:
        self.setFixedHeight(int(paint_legend(None, self.legend, self.width(), self._font(), theme.of(self))) + 2)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_legend(painter, self.legend, self.width(), self._font(), theme.of(self))

    def _font(self) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(8.5)
        return font

    @Slot()
    def _repaint(self) -> None:
        self.update()
