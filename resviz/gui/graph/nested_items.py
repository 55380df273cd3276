"""The parts of a nested picture in a scene: boxes, frames around them, and lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget
from typing_extensions import override

from resviz.analysis.nested_layout import HEADER, LINE
from resviz.base.translation import _
from resviz.gui.graph.graph_items import SHAPES_FROM, FilledItem, item_scene, item_theme

if TYPE_CHECKING:
    from resviz.analysis.nested_layout import Area, Points
    from resviz.analysis.nested_picture import Frame, Node

_CORNER = 6.0
_SHADOW = 3.0
_SHOWN_READS = 2
_DETAIL_LIMIT = 0.2
"""At a smaller scale than this, arrowheads are too small to be seen, and are not drawn."""


def scene_rect(area: Area) -> QRectF:
    """Return an area of the layout as Qt has it."""
    return QRectF(*area)


class NodeItem(FilledItem):
    """A box: a layer, or a closed module with a sheet behind it for each further one like it, up to two."""

    net = 0

    def __init__(self, index: int, node: Node, area: Area, stage: int | None) -> None:
        super().__init__(stage)
        self.index, self.node = index, node
        self._rect = QRectF(0, 0, area.width, area.height)
        self._marked = self._failed = False
        self._badge = ""
        self.setPos(area.x, area.y)
        lines = [*node.layers[:1], node.note] if node.opens else list(node.layers[:8])
        if node.times > 1 and node.opens:
            lines = [_("{count} modules of one structure").format(count=node.times), node.note]
        if node.reads:
            lines.append(_("reads {boxes}").format(boxes=", ".join(node.reads)))
        if node.opens:
            lines.append(_("Double-click, or press →, to open it."))
        self.setToolTip("\n".join(filter(None, lines)))
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    @property
    def area(self) -> QRectF:
        """Where it stands in the scene."""
        return self._rect.translated(self.pos())

    def mark(self, marked: bool) -> None:
        """Mark the box as selected."""
        if marked != self._marked:
            self._marked = marked
            self.update()

    def set_failed(self) -> None:
        """Show that what the box stands for raised an error."""
        self._failed = True
        self.setToolTip(f"{self.toolTip()}\n{_('The model raised an error here.')}")

    def set_badge(self, badge: str) -> None:
        """Write a sign before the title."""
        if badge != self._badge:
            self._badge = badge
            self.update()

    @override
    def boundingRect(self) -> QRectF:
        return self._rect.adjusted(-2, -2, 2 * _SHADOW + 2, 2 * _SHADOW + 2)

    @override
    def shape(self) -> QPainterPath:
        """Return the area that can be clicked: the box without its sheets."""
        path = QPainterPath()
        path.addRect(self._rect)
        return path

    @override
    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        colours = item_theme(self)
        fill, text = self.fill_and_text()
        edge, wide = (colours.accent, 2.4) if self._marked else (colours.dim, 1.0)
        if self._failed:
            fill, text, edge, wide = colours.bad_soft, colours.bad, colours.bad, 2.4
        detail = option.levelOfDetailFromTransform(painter.worldTransform())
        if detail < SHAPES_FROM:
            painter.fillRect(self._rect, QColor(fill))
            return
        painter.setPen(QPen(QColor(edge), wide))
        painter.setBrush(QColor(fill))
        sheets = min(self.node.times, 3) if self.node.times > 1 else 1 + bool(self.node.opens)
        for sheet in range(sheets - 1, -1, -1):
            painter.drawRoundedRect(self._rect.translated(sheet * _SHADOW, sheet * _SHADOW), 4, 4)
        if detail < item_scene(self).text_floor - 1e-6:
            return
        painter.setPen(QColor(text))
        self._write(painter, text)

    def _write(self, painter: QPainter, text: str) -> None:
        line = QRectF(0, 2.5, self._rect.width(), LINE)
        times = f"×{self.node.times}" if self.node.times > 1 else ""
        room = line.adjusted(6, 0, -6, 0)
        if times:
            painter.setFont(_font(painter, 12, bold=True))
            painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, times)
            room.setRight(room.right() - painter.fontMetrics().horizontalAdvance(times) - 4)
        _fit(painter, room, f"{self._badge} {self.node.title}".lstrip(), 12, bold=bool(self.node.opens) or self._marked)
        small = [self.node.note] if self.node.note else []
        small += [f"← {name}" for name in self.node.reads[:_SHOWN_READS]]
        if len(self.node.reads) > _SHOWN_READS:
            more = len(self.node.reads) - _SHOWN_READS + 1
            small[-1] = _("← and {count} more").format(count=more)
        for number, words in enumerate(small, 1):
            _fit(painter, line.translated(0, number * LINE).adjusted(6, 0, -6, 0), words, 11, bold=False)


class FrameItem(QGraphicsItem):
    """The frame of an open module, with its name. It is clicked at its title."""

    def __init__(self, frame: Frame, area: Area, depth: int) -> None:
        super().__init__()
        self.frame = frame
        self._rect = QRectF(0, 0, area.width, area.height)
        self.setPos(area.x, area.y)
        self.setZValue(-10 + depth * 0.01)
        self.setToolTip(f"{frame.title}\n" + _("Double-click its name, or press ←, to close it."))

    @property
    def area(self) -> QRectF:
        """Where it stands in the scene."""
        return self._rect.translated(self.pos())

    @override
    def boundingRect(self) -> QRectF:
        return self._rect.adjusted(-1, -1, 1, 1)

    @override
    def shape(self) -> QPainterPath:
        """Return the area that can be clicked: the title."""
        path = QPainterPath()
        path.addRect(QRectF(0, 0, self._rect.width(), HEADER))
        return path

    @override
    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        colours = item_theme(self)
        painter.setPen(QPen(QColor(colours.line), 1.2))
        ground = QColor(colours.dim)
        ground.setAlpha(14)
        painter.setBrush(ground)
        painter.drawRoundedRect(self._rect, _CORNER, _CORNER)
        if option.levelOfDetailFromTransform(painter.worldTransform()) < item_scene(self).text_floor - 1e-6:
            return
        painter.setPen(QColor(colours.text))
        title = f"{self.frame.title}  ×{self.frame.times}" if self.frame.times > 1 else self.frame.title
        # At the left: lines come in at the middle.
        room = QRectF(8, 1, self._rect.width() - 16, HEADER)
        _fit(painter, room, title, 12, bold=True, flags=Qt.AlignmentFlag.AlignLeft)


class EdgeItem(QGraphicsItem):
    """A line from box to box, with an arrow at its end."""

    def __init__(self, start: int, end: int, points: Points) -> None:
        super().__init__()
        self.start, self.end = start, end
        self._marked = False
        corners = [QPointF(*point) for point in points]
        self._path = _rounded(corners)
        self._tip = corners[-1]
        before = corners[-2] if len(corners) > 1 else corners[-1] - QPointF(0, 1)
        along = self._tip - before
        length = max((along.x() ** 2 + along.y() ** 2) ** 0.5, 1e-6)
        along /= length
        across = QPointF(-along.y(), along.x())
        back = self._tip - along * 7
        self._arrow = QPolygonF([self._tip, back + across * 3.5, back - across * 3.5])
        self.setZValue(-1)

    def mark(self, marked: bool) -> None:
        """Mark the line as one of the selected box."""
        if marked != self._marked:
            self._marked = marked
            self.setZValue(1 if marked else -1)
            self.update()

    @override
    def boundingRect(self) -> QRectF:
        return self._path.boundingRect().adjusted(-5, -5, 5, 5)

    @override
    def shape(self) -> QPainterPath:
        """Return nothing that can be clicked."""
        return QPainterPath()

    @override
    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        detail = option.levelOfDetailFromTransform(painter.worldTransform())
        if detail < SHAPES_FROM:
            return
        colours = item_theme(self)
        colour = QColor(colours.accent if self._marked else colours.dim)
        painter.setPen(QPen(colour, 2.2 if self._marked else 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(self._path)
        if detail >= _DETAIL_LIMIT:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawPolygon(self._arrow)


def _rounded(corners: list[QPointF]) -> QPainterPath:
    """Return a line through corners that are a little round."""
    path = QPainterPath(corners[0])
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        for end, first in ((before, True), (after, False)):
            along = end - corner
            length = abs(along.x()) + abs(along.y())
            near = corner + along * (min(_CORNER, length / 2) / max(length, 1e-6))
            if first:
                path.lineTo(near)
            else:
                path.quadTo(corner, near)
    path.lineTo(corners[-1])
    return path


def _font(painter: QPainter, pixels: int, *, bold: bool) -> QFont:
    font = QFont(painter.font())
    font.setPixelSize(pixels)
    font.setBold(bold)
    return font


def _fit(
    painter: QPainter,
    room: QRectF,
    text: str,
    pixels: int,
    *,
    bold: bool,
    flags: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignHCenter,
) -> None:
    """Write a text, smaller where there is no room for it."""
    painter.setFont(_font(painter, pixels, bold=bold))
    while painter.fontMetrics().horizontalAdvance(text) > room.width() and pixels > 9:
        pixels -= 1
        painter.setFont(_font(painter, pixels, bold=bold))
    fitted = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(room.width()))
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | flags, fitted)
