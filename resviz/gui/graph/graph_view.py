"""The picture of a net, drawn as figure 3: boxes downwards, shortcuts as arcs at their right."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFont,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPainterPathStroker,
    QPen,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsScene,
    QGraphicsView,
    QStyleOptionGraphicsItem,
    QWidget,
)

from resviz.gui import theme
from resviz.gui.graph.picture import Arc, Box, Picture

BOX_WIDTH, BOX_HEIGHT, PITCH, BULGE = 176.0, 19.0, 26.0, 46.0
_READABLE = 0.62
"""Below this scale a fitted picture's text can't be read, and the view shows its top at a readable one instead."""
_TEXT_FROM = 0.35
_SHAPES_FROM = 0.08
"""Below this scale a box is a pixel high: a net of a thousand layers is a column of colours, without its shortcuts."""
_ZOOM = 1.2


class BoxItem(QGraphicsItem):
    def __init__(self, box: Box, stage: int | None) -> None:
        super().__init__()
        self.box, self._stage = box, stage
        self._marked = self._in_stage = False
        self._fill: QColor | None = None
        self.setPos(0, box.row * PITCH)
        self.setToolTip("\n".join(box.layers))
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def mark(self, marked: bool, in_stage: bool) -> None:
        if (marked, in_stage) != (self._marked, self._in_stage):
            self._marked, self._in_stage = marked, in_stage
            self.update()

    def fill(self, colour: QColor | None) -> None:
        """A colour of what was measured there, in the place of the stage's; None gives the stage's back."""
        if colour != self._fill:
            self._fill = colour
            self.update()

    def boundingRect(self) -> QRectF:
        return QRectF(-2, -2, BOX_WIDTH + 4, PITCH + 4)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        colours = theme.current()
        fill, text = colours.stage_colours(self._stage)
        if self._fill is not None:
            fill, text = self._fill.name(), "#000000" if self._fill.lightnessF() > 0.42 else "#FFFFFF"
        detail = option.levelOfDetailFromTransform(painter.worldTransform())
        if detail < _SHAPES_FROM:
            painter.fillRect(QRectF(0, 0, BOX_WIDTH, PITCH), QColor(fill))
            return
        edge = colours.accent if self._marked else (text if self._in_stage else colours.line)
        painter.setPen(QPen(QColor(colours.dim), 1))
        painter.drawLine(QPointF(BOX_WIDTH / 2, BOX_HEIGHT), QPointF(BOX_WIDTH / 2, PITCH))
        painter.setPen(QPen(QColor(edge), 2.4 if self._marked else 1.2))
        painter.setBrush(QColor(fill))
        painter.drawRoundedRect(QRectF(0, 0, BOX_WIDTH, BOX_HEIGHT), 4, 4)
        if detail < _TEXT_FROM:
            return
        font = QFont(painter.font())
        font.setPixelSize(12)
        font.setBold(self._marked)
        painter.setFont(font)
        painter.setPen(QColor(colours.text if self._marked and self._fill is None else text))
        painter.drawText(QRectF(0, 0, BOX_WIDTH, BOX_HEIGHT), Qt.AlignmentFlag.AlignCenter, self.box.label)


class ArcItem(QGraphicsItem):
    """Solid, or dotted where the shortcut increases dimensions; with a square on it where it is a projection."""

    def __init__(self, arc: Arc) -> None:
        super().__init__()
        self.arc = arc
        self._marked = False
        top = arc.start * PITCH + (BOX_HEIGHT + PITCH) / 2
        bottom = arc.end * PITCH + (BOX_HEIGHT + PITCH) / 2
        self._end = QPointF(BOX_WIDTH / 2 + 3, bottom)
        self._path = QPainterPath(QPointF(BOX_WIDTH / 2, top))
        self._path.lineTo(BOX_WIDTH, top)
        out = BOX_WIDTH + BULGE
        self._path.cubicTo(QPointF(out, top), QPointF(out, bottom), QPointF(BOX_WIDTH, bottom))
        self._path.lineTo(self._end)
        self.setToolTip("shortcut: " + arc.label + ("\n" + "\n".join(arc.layers) if arc.layers else ""))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setZValue(-1)

    def mark(self, marked: bool) -> None:
        if marked != self._marked:
            self._marked = marked
            self.update()

    def boundingRect(self) -> QRectF:
        return self._path.boundingRect().adjusted(-4, -5, 4, 5)

    def shape(self) -> QPainterPath:
        stroker = QPainterPathStroker()
        stroker.setWidth(6)
        return stroker.createStroke(self._path)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if option.levelOfDetailFromTransform(painter.worldTransform()) < _SHAPES_FROM:
            return
        colours = theme.current()
        pen = QPen(QColor(colours.accent if self._marked else colours.text), 2.4 if self._marked else 1.4)
        if self.arc.dotted:
            pen.setStyle(Qt.PenStyle.CustomDashLine)
            pen.setDashPattern([2.0, 2.6])
        painter.setPen(pen)
        painter.drawPath(self._path)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(pen.color())
        if self.arc.projection:  # what tells a projection from an identity where neither is dotted
            painter.drawRect(QRectF(-4, -4, 8, 8).translated(self._path.pointAtPercent(0.5)))
        tip = self._end
        painter.drawPolygon(QPolygonF([tip, tip + QPointF(7, -3.5), tip + QPointF(7, 3.5)]))


class GraphView(QGraphicsView):
    """Shows a Picture. Wheel scrolls, Ctrl+wheel zooms, a click or the arrow keys choose a box."""

    layer_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None, whole: bool = False) -> None:
        """`whole` fits the whole net into the view even where its text can't be read any more."""
        super().__init__(parent)
        self._whole = whole
        self.setScene(QGraphicsScene(self))
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setAccessibleName("graph of the net")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor)
        self._picture = Picture((), ())
        self._boxes: list[BoxItem] = []
        self._arcs: list[ArcItem] = []
        self._chosen: str | None = None

    def set_picture(self, picture: Picture, stages: list[str]) -> None:
        """Draws another net; `stages` are its stages' names, in the order of their colours."""
        if picture == self._picture:
            return
        shape_before = (len(self._boxes), bool(self._arcs))
        self._picture = picture
        self._chosen = None
        self.scene().clear()
        self._boxes = [BoxItem(box, stages.index(box.stage) if box.stage in stages else None) for box in picture.boxes]
        self._arcs = [ArcItem(arc) for arc in picture.arcs]
        for item in (*self._boxes, *self._arcs):
            self.scene().addItem(item)
        height = len(self._boxes) * PITCH
        bulge = BULGE if self._arcs else 0
        self.scene().setSceneRect(-14, -10, BOX_WIDTH + bulge + 24, height + 14)
        if (len(self._boxes), bool(self._arcs)) != shape_before:
            self.fit()

    def set_fills(self, fills: Mapping[str, QColor]) -> None:
        """Colours boxes by the layers that they stand for; a box of several takes the first's."""
        for box in self._boxes:
            box.fill(next((fills[layer] for layer in box.box.layers if layer in fills), None))

    def set_selection(self, layer: str | None, stage: str | None) -> None:
        """Marks the part that stands for a layer, and the boxes of a stage."""
        place = self._picture.place_of(layer) if layer else None
        for index, box in enumerate(self._boxes):
            box.mark(place == ("box", index), stage is not None and box.box.stage == stage)
        for index, arc in enumerate(self._arcs):
            arc.mark(place == ("arc", index))
        if layer != self._chosen and place is not None:
            self.ensureVisible(self._item(place).sceneBoundingRect(), 0, 60)
        elif place is None and stage is not None:
            first = next((box for box in self._boxes if box.box.stage == stage), None)
            if first is not None:
                self.ensureVisible(first.sceneBoundingRect(), 0, 60)
        self._chosen = layer

    @Slot()
    def fit(self) -> None:
        """The whole net, or where that is too small to read, its top as wide as the view."""
        area = self.scene().sceneRect()
        if area.isEmpty() or self.viewport().width() < 20:
            return
        wide = (self.viewport().width() - 4) / area.width()
        whole = (self.viewport().height() - 4) / area.height()
        fits = self._whole or whole >= _READABLE
        scale = min(wide, whole, 1.6) if fits else min(wide, 1.0)
        self.resetTransform()
        self.scale(scale, scale)
        self.centerOn(area.center().x(), area.center().y() if fits else 0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            factor = _ZOOM if event.angleDelta().y() > 0 else 1 / _ZOOM
            if 0.05 < self.transform().m11() * factor < 6:
                self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
                self.scale(factor, factor)
            event.accept()
        else:
            super().wheelEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        item = self.itemAt(event.position().toPoint())
        if isinstance(item, BoxItem):
            self.layer_chosen.emit(item.box.layers[0])
        elif isinstance(item, ArcItem) and item.arc.layers:
            self.layer_chosen.emit(item.arc.layers[0])
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        if step is None or not self._boxes:
            super().keyPressEvent(event)
            return
        place = self._picture.place_of(self._chosen) if self._chosen else None
        row = place[1] + step if place and place[0] == "box" else 0
        box = self._boxes[min(max(row, 0), len(self._boxes) - 1)]
        self.layer_chosen.emit(box.box.layers[0])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def box_centre(self, layer: str) -> QPointF:
        """Where a layer's box is, in the viewport's coordinates: for whoever points at it."""
        place = self._picture.place_of(layer)
        if place is None:
            raise KeyError(layer)
        return QPointF(self.mapFromScene(self._item(place).sceneBoundingRect().center()))

    def _item(self, place: tuple[str, int]) -> BoxItem | ArcItem:
        return self._boxes[place[1]] if place[0] == "box" else self._arcs[place[1]]
