"""The parts of a net's picture in a scene: boxes, shortcuts, and what is written beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPainterPathStroker, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QGraphicsPathItem, QGraphicsScene, QStyleOptionGraphicsItem, QWidget
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.style import theme

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resviz.gui.graph.layout_parts import Arc, Box, GraphLayout
    from resviz.gui.style.theme import Theme

BOX_WIDTH, BOX_HEIGHT, PITCH, BULGE = 176.0, 19.0, 26.0, 46.0
LANE, LANE_GAP = 112.0, 10.0
"""From one branch to the next, and what is free between their boxes."""
NETS_APART = 28.0
SHAPES_FROM = 0.08
"""Below this scale a box is a pixel high: a net of a thousand layers is a column of colours, without its shortcuts."""


class GraphScene(QGraphicsScene):
    """A scene that can be painted in its own theme, for a file."""

    painted_theme: Theme | None = None
    text_floor: float = 0.35
    """Scale below which no text is drawn."""
    smallest_text: int = 9
    """Pixels, at scale 1, down to which a text is made smaller where there is no room for it."""


def item_scene(item: QGraphicsItem) -> GraphScene:
    """Return the scene that an item is painted in."""
    scene = item.scene()
    assert isinstance(scene, GraphScene)
    return scene


def item_theme(item: QGraphicsItem) -> Theme:
    """Return the theme that an item is painted in."""
    return item_scene(item).painted_theme or theme.current()


class FilledItem(QGraphicsItem):
    """A box in the colour of its stage, or in that of a measured value."""

    def __init__(self, stage: int | None) -> None:
        super().__init__()
        self._stage = stage
        self._fill: QColor | None = None

    def fill(self, colour: QColor | None) -> None:
        """Fill the box with the colour of a value. None restores the stage's colour."""
        if colour != self._fill:
            self._fill = colour
            self.update()

    def ground(self) -> QColor:
        """Return the colour it is filled with."""
        return self._fill or QColor(item_theme(self).stage_colours(self._stage)[0])

    def fill_and_text(self) -> tuple[str, str]:
        """Return the colour it is filled with, and one that can be read on it."""
        if self._fill is not None:
            return self._fill.name(), "#000000" if self._fill.lightnessF() > 0.42 else "#FFFFFF"
        return item_theme(self).stage_colours(self._stage)


class BoxItem(FilledItem):
    """A box of the picture: a layer, a folded block or a folded stage."""

    def __init__(self, net: int, left: float, box: Box, stage: int | None, gap: int) -> None:
        """Make the item of a box.

        Args:
            net: Index of the net among those side by side.
            left: Where the net's main column begins.
            box: What is drawn.
            stage: Number of the stage's colour.
            gap: Free rows down to the next box in the lane, or -1 if there is no such box.
        """
        super().__init__(stage)
        self.net, self.box, self._gap = net, box, gap
        self.height = BOX_HEIGHT + (box.rows - 1) * PITCH
        self.width = box_width(box)
        self._marked = self._in_stage = False
        self.setPos(left + box_middle(box) - self.width / 2, box.row * PITCH)
        if box.fold:
            self.setToolTip(f"{box.label}\n{box.note}\n" + _("Double-click, or press →, to unfold."))
        else:
            fold = "\n" + _("Double-click, or press ←, to fold its block.") if box.block else ""
            self.setToolTip("\n".join(box.layers) + fold)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def mark(self, marked: bool, in_stage: bool) -> None:
        """Mark the box as selected, or as part of the selected stage."""
        if (marked, in_stage) != (self._marked, self._in_stage):
            self._marked, self._in_stage = marked, in_stage
            self.update()

    @property
    def area(self) -> QRectF:
        """Where it stands in the scene, with the room below it."""
        return QRectF(self.x(), self.y(), self.width, self.box.rows * PITCH)

    @override
    def boundingRect(self) -> QRectF:
        return QRectF(-2, -2, self.width + 4, self.height + (max(self._gap, 0) + 1) * PITCH - BOX_HEIGHT + 4)

    @override
    def shape(self) -> QPainterPath:
        """Return the area that can be clicked: the box without its shadow."""
        path = QPainterPath()
        path.addRect(QRectF(0, 0, self.width, self.height))
        return path

    @override
    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        colours = item_theme(self)
        fill, text = self.fill_and_text()
        detail = option.levelOfDetailFromTransform(painter.worldTransform())
        if detail < SHAPES_FROM:
            painter.fillRect(QRectF(0, 0, self.width, self.box.rows * PITCH), QColor(fill))
            return
        edge = colours.accent if self._marked else (text if self._in_stage else colours.line)
        if self._gap >= 0:
            painter.setPen(QPen(QColor(colours.dim), 1))
            end = self.height + self._gap * PITCH + PITCH - BOX_HEIGHT
            painter.drawLine(QPointF(self.width / 2, self.height), QPointF(self.width / 2, end))
        painter.setPen(QPen(QColor(edge), 2.4 if self._marked else 1.2))
        painter.setBrush(QColor(fill))
        if self.box.fold:  # a sheet behind: there is more in it than can be seen
            painter.drawRoundedRect(QRectF(3, 3, self.width, self.height), 4, 4)
        painter.drawRoundedRect(QRectF(0, 0, self.width, self.height), 4, 4)
        if detail < item_scene(self).text_floor - 1e-6:
            return
        font = QFont(painter.font())
        font.setPixelSize(12)
        font.setBold(self._marked or bool(self.box.fold))
        painter.setFont(font)
        painter.setPen(QColor(colours.text if self._marked and self._fill is None else text))
        first = QRectF(0, 0, self.width, self.height / self.box.rows)
        self._write(painter, first, self.box.label)
        if self.box.fold:
            font.setBold(False)
            font.setPixelSize(11)
            painter.setFont(font)
            self._write(painter, first.translated(0, self.height / self.box.rows - 3), self.box.note)

    def _write(self, painter: QPainter, area: QRectF, text: str) -> None:
        """In the middle; smaller where there is no room, as long as it can be read."""
        font, room = QFont(painter.font()), int(self.width) - 6
        smallest = item_scene(self).smallest_text
        while painter.fontMetrics().horizontalAdvance(text) > room and font.pixelSize() > smallest:
            font.setPixelSize(font.pixelSize() - 1)
            painter.setFont(font)
        fitted = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, fitted)


class LinkItem(QGraphicsPathItem):
    """The line from a box to another that is not directly below it.

    The line goes down, then sideways where the two don't overlap, and down again.
    """

    def __init__(self, left: float, start: Box, end: Box) -> None:
        super().__init__()
        top, bottom = start.row * PITCH + BOX_HEIGHT + (start.rows - 1) * PITCH, end.row * PITCH
        x, y = _nearest(start, box_middle(end)), _nearest(end, box_middle(start))
        path = QPainterPath(QPointF(x, top))
        if x != y:
            # Where ways part they go across at once, where they meet at last.
            across = top + (PITCH - BOX_HEIGHT) / 2 if start.span == 0 else bottom - (PITCH - BOX_HEIGHT) / 2
            path.lineTo(x, across)
            path.lineTo(y, across)
        path.lineTo(y, bottom)
        self.setPath(path)
        self.setPos(left, 0)
        self.setZValue(-2)

    @override
    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        self.setPen(QPen(QColor(item_theme(self).dim), 1))
        super().paint(painter, option, widget)


def box_width(box: Box) -> float:
    """Return the width of a box in the scene. A box over several lanes is wider."""
    return box.span * LANE - LANE_GAP if box.span else BOX_WIDTH


def box_middle(box: Box) -> float:
    """Return the middle of a box, from the left edge of its net's main column."""
    return BOX_WIDTH / 2 + box.lane * LANE


def _nearest(box: Box, x: float) -> float:
    """Return the place of a box's edge that is nearest to x: its middle, where it is a branch's."""
    if box.span == 1:
        return box_middle(box)
    reach = box_width(box) / 2 - LANE_GAP
    return min(max(x, box_middle(box) - reach), box_middle(box) + reach)


class ArcItem(QGraphicsItem):
    """A shortcut of the picture: solid, or dotted if it increases dimensions, with a square if it is a projection."""

    def __init__(self, net: int, left: float, arc: Arc, boxes: tuple[Box, ...]) -> None:
        super().__init__()
        self.net, self.arc = net, arc
        self._marked = False
        start, end = boxes[arc.start], boxes[arc.end]
        top, bottom = ((box.row + box.rows - 1) * PITCH + (BOX_HEIGHT + PITCH) / 2 for box in (start, end))
        self._end = QPointF(BOX_WIDTH / 2 + 3, bottom)
        self._path = QPainterPath(QPointF(BOX_WIDTH / 2, top))
        self._path.lineTo(BOX_WIDTH, top)
        out = BOX_WIDTH + BULGE
        self._path.cubicTo(QPointF(out, top), QPointF(out, bottom), QPointF(BOX_WIDTH, bottom))
        self._path.lineTo(self._end)
        self.setPos(left, 0)
        self.setToolTip("shortcut: " + arc.label + ("\n" + "\n".join(arc.layers) if arc.layers else ""))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setZValue(-1)

    def mark(self, marked: bool) -> None:
        """Mark the shortcut as selected."""
        if marked != self._marked:
            self._marked = marked
            self.update()

    @override
    def boundingRect(self) -> QRectF:
        return self._path.boundingRect().adjusted(-4, -5, 4, 5)

    @override
    def shape(self) -> QPainterPath:
        """Return the area that can be clicked: a band around the line."""
        stroker = QPainterPathStroker()
        stroker.setWidth(6)
        return stroker.createStroke(self._path)

    @override
    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if option.levelOfDetailFromTransform(painter.worldTransform()) < SHAPES_FROM:
            return
        colours = item_theme(self)
        pen = QPen(QColor(colours.accent if self._marked else colours.text), 2.4 if self._marked else 1.4)
        if self.arc.dotted:
            pen.setStyle(Qt.PenStyle.CustomDashLine)
            pen.setDashPattern([2.0, 2.6])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(self._path)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(pen.color())
        if self.arc.projection:  # what tells a projection from an identity where neither is dotted
            painter.drawRect(QRectF(-4, -4, 8, 8).translated(self._path.pointAtPercent(0.5)))
        tip = self._end
        painter.drawPolygon(QPolygonF([tip, tip + QPointF(7, -3.5), tip + QPointF(7, 3.5)]))


class TextItem(QGraphicsItem):
    """A text of the picture: a net's name above its column, or the size of the maps at the left."""

    def __init__(self, text: str, area: QRectF, bold: bool) -> None:
        super().__init__()
        self._text, self._area, self._bold = text, area, bold

    @override
    def boundingRect(self) -> QRectF:
        return self._area

    @override
    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if option.levelOfDetailFromTransform(painter.worldTransform()) < item_scene(self).text_floor / 1.5:
            return
        colours = item_theme(self)
        font = QFont(painter.font())
        font.setPixelSize(15 if self._bold else 12)
        font.setBold(self._bold)
        painter.setFont(font)
        painter.setPen(QColor(colours.text if self._bold else colours.dim))
        text = painter.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, int(self._area.width()))
        painter.drawText(self._area, Qt.AlignmentFlag.AlignCenter, text)


def net_items(
    net: int, left: float, picture: GraphLayout, stages: Mapping[str, int]
) -> tuple[list[BoxItem], list[ArcItem], list[LinkItem]]:
    """Return the items of a net's picture, whose main column begins at `left`.

    `stages` has the number of each stage's colour.
    """
    gaps: dict[int, int] = {}
    links = []
    for start, end in picture.links:
        above, below = picture.boxes[start], picture.boxes[end]
        if start not in gaps and above.lane == below.lane:
            gaps[start] = below.row - above.row - above.rows
        else:
            links.append(LinkItem(left, above, below))
    boxes = [
        BoxItem(net, left, box, stages.get(box.stage), gaps.get(index, -1)) for index, box in enumerate(picture.boxes)
    ]
    return boxes, [ArcItem(net, left, arc, picture.boxes) for arc in picture.arcs], links


def extent(picture: GraphLayout) -> tuple[float, float]:
    """Return how much room a net's picture takes at the left of its main column's left edge, and at the right of it."""
    left, right = (reach * LANE for reach in picture.reach)
    bulge = BULGE if picture.arcs else 0
    return max(0.0, left - BOX_WIDTH / 2), max(BOX_WIDTH + bulge, BOX_WIDTH / 2 + right)
