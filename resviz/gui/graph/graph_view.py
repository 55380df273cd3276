"""The picture of one to three nets, drawn as figure 3: boxes downwards, shortcuts as arcs at their right."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QAction, QColor, QContextMenuEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QMenu, QWidget
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.graph.graph_items import (
    BOX_WIDTH,
    NETS_APART,
    PITCH,
    ArcItem,
    BoxItem,
    TextItem,
    extent,
    net_items,
)
from resviz.gui.graph.layout import side_by_side
from resviz.gui.graph.zoom_view import ZOOM, ZoomView

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from resviz.gui.graph.layout_parts import GraphLayout

_READABLE_BESIDE = 0.4
_TITLE, _LEVELS = 34.0, 76.0
"""Room above nets for their names, and left of them for the sizes of their maps, where there are several."""


@dataclass(frozen=True)
class DrawnNet:
    """A net's picture, the name above it, and the number of each of its stages' colours."""

    picture: GraphLayout
    title: str = ""
    stages: Mapping[str, int] = field(default_factory=dict)


class GraphView(ZoomView):
    """The picture of one or several nets, with mouse and keyboard.

    The wheel scrolls; Ctrl+wheel, + and - zoom, 0 fits the picture. A click or the arrow keys select a box. A
    double-click, Return, Left and Right fold and unfold. Ctrl+Left and Ctrl+Right go to the next net.
    """

    box_chosen = Signal(int, object)
    """Which of the nets drawn, and the Box."""
    arc_chosen = Signal(int, str)
    """Which of the nets drawn, and the first layer on the shortcut."""
    fold_wanted = Signal(int, str, bool)
    """Which of the nets, the layer chosen, and whether to fold what it is in (or else to unfold it)."""

    def __init__(self, parent: QWidget | None = None, whole: bool = False) -> None:
        """Prepare an empty view. `whole` fits the whole net even if its text becomes too small to read."""
        self._nets: list[DrawnNet] = []
        self._boxes: list[BoxItem] = []
        self._arcs: list[ArcItem] = []
        self._by_net: list[list[BoxItem]] = []
        self._chosen: tuple[int, str | None] = (0, None)
        super().__init__(parent, whole)
        self.setAccessibleName(_("graph of the net"))
        self.setWhatsThis(
            _(
                "The layers of the net, from the input at the top to the output. Arrows beside them are shortcuts. "
                "The arrow keys move between layers, Return folds and unfolds a block, and Ctrl and the wheel zoom."
            )
        )

    @override
    def drawn_boxes(self) -> list[BoxItem]:
        return self._boxes

    @property
    @override
    def readable(self) -> float:
        """Nets side by side are shown whole for longer: how they stand to each other is what is looked at."""
        return super().readable if len(self._nets) < 2 else _READABLE_BESIDE

    def set_picture(self, picture: GraphLayout) -> None:
        """Draw one net, without colours for its stages."""
        self.set_nets([DrawnNet(picture)])

    def set_nets(self, nets: Sequence[DrawnNet]) -> None:
        """Draw these, maps of one size at one height."""
        if list(nets) == self._nets:
            return
        others = [net.title for net in nets] != [net.title for net in self._nets]
        self._nets = list(nets)
        self._chosen = (0, None)
        self.scene().clear()
        pictures = side_by_side([net.picture for net in nets])
        self._by_net, self._arcs = [], []
        width, lefts = 0.0, []
        for index, (net, picture) in enumerate(zip(nets, pictures, strict=True)):
            before, behind = extent(picture)
            lefts.append(width + before)
            boxes, arcs, links = net_items(index, lefts[-1], picture, net.stages)
            self._by_net.append(boxes)
            self._arcs += arcs
            for item in (*boxes, *arcs, *links):
                self.scene().addItem(item)
            width += before + behind + NETS_APART
        width -= NETS_APART
        self._boxes = [box for boxes in self._by_net for box in boxes]
        height = max((picture.rows for picture in pictures), default=0) * PITCH
        if len(nets) > 1:
            self._write_side_by_side(pictures, lefts)
            self.scene().setSceneRect(-_LEVELS - 8, -_TITLE - 8, width + _LEVELS + 18, height + _TITLE + 12)
        else:
            self.scene().setSceneRect(-14, -10, width + 24, height + 14)
        if others or self._fitted:
            self.fit()
        if self.minimap:
            self.minimap.refresh()

    def _write_side_by_side(self, pictures: list[GraphLayout], lefts: list[float]) -> None:
        """Names above the columns, and at the left the height of the maps, as figure 3 has its "output size"."""
        for index, net in enumerate(self._nets):
            before, behind = extent(net.picture)
            reach = min(before, behind - BOX_WIDTH) + 10  # over the main column, as wide as there is room
            area = QRectF(lefts[index] - reach, -_TITLE, BOX_WIDTH + 2 * reach, _TITLE - 8)
            self.scene().addItem(TextItem(net.title, area, bold=True))
        tops: dict[int, tuple[int, str]] = {}
        for picture in pictures:
            for box in picture.boxes:
                size = f"{box.level}" if box.level == box.width else f"{box.level}×{box.width}"
                tops[box.level] = min(tops.get(box.level, (box.row, size)), (box.row, size))
        for level, (row, size) in tops.items():
            if not level:
                continue
            area = QRectF(-_LEVELS - 4, row * PITCH, _LEVELS - 4, PITCH - 6)
            self.scene().addItem(TextItem(_("output {size}").format(size=size), area, bold=False))

    def set_fills(self, fills: Sequence[Mapping[str, QColor]]) -> None:
        """Colour the boxes by their layers, with a mapping for each net.

        A box of several layers takes the first one's.
        """
        for box in self._boxes:
            colours = fills[box.net] if box.net < len(fills) else {}
            box.fill(next((colours[layer] for layer in box.box.layers if layer in colours), None))
        if self.minimap:
            self.minimap.refresh()

    def set_selection(self, net: int, layer: str | None, stage: str | None) -> None:
        """Mark the part of a net that has a layer, and the boxes of a stage."""
        item = self._item(net, layer)
        for box in self._boxes:
            box.mark(box is item, box.net == net and stage is not None and box.box.stage == stage)
        for arc in self._arcs:
            arc.mark(arc is item)
        if (net, layer) != self._chosen and item is not None:
            self.ensureVisible(item.sceneBoundingRect(), 0, 60)
        elif item is None and stage is not None:
            first = next((box for box in self._boxes if box.net == net and box.box.stage == stage), None)
            if first is not None:
                self.ensureVisible(first.sceneBoundingRect(), 0, 60)
        self._chosen = (net, layer)

    @property
    def boxes(self) -> list[BoxItem]:
        """The boxes in the scene."""
        return self._boxes

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        item = self.itemAt(event.position().toPoint())
        if isinstance(item, BoxItem):
            self._choose(item)
        elif isinstance(item, ArcItem) and item.arc.layers:
            self.arc_chosen.emit(item.net, item.arc.layers[0])
        super().mousePressEvent(event)

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        item = self.itemAt(event.position().toPoint())
        if isinstance(item, BoxItem):
            self.fold_wanted.emit(item.net, item.box.layers[0], not item.box.fold)
        else:
            super().mouseDoubleClickEvent(event)

    @override
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        item = self.itemAt(event.pos())
        if not isinstance(item, BoxItem):
            return
        self._choose(item)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, fold in ((_("Fold (←)"), True), (_("Unfold (→)"), False)):
            menu.addAction(text).setData(fold)
        menu.triggered.connect(self._fold_chosen)
        menu.popup(event.globalPos())

    @Slot(QAction)
    def _fold_chosen(self, action: QAction) -> None:
        net, layer = self._chosen
        if layer is not None:
            self.fold_wanted.emit(net, layer, bool(action.data()))

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, control = Qt.Key(event.key()), bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        zooms = {Qt.Key.Key_Plus: ZOOM, Qt.Key.Key_Equal: ZOOM, Qt.Key.Key_Minus: 1 / ZOOM}
        if key in zooms:
            self.zoom(zooms[key])
        elif key == Qt.Key.Key_0:
            self.fit_whole()
        elif self._boxes and key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and control:
            self._to_net(1 if key == Qt.Key.Key_Right else -1)
        elif self._boxes and key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Home, Qt.Key.Key_End):
            self._walk(key)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            item = self._item(*self._chosen)
            if isinstance(item, BoxItem):
                fold = key == Qt.Key.Key_Left or (key != Qt.Key.Key_Right and not item.box.fold)
                self.fold_wanted.emit(item.net, item.box.layers[0], fold)
        else:
            super().keyPressEvent(event)

    def _walk(self, key: Qt.Key) -> None:
        """To the box above or below, or to the first or the last one."""
        net, item = self._chosen[0], self._item(*self._chosen)
        boxes = self._by_net[net]
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(key)
        if step is None:
            row = 0 if key == Qt.Key.Key_Home else len(boxes) - 1
        else:
            row = boxes.index(item) + step if isinstance(item, BoxItem) else 0
        self._choose(boxes[min(max(row, 0), len(boxes) - 1)])

    def _to_net(self, step: int) -> None:
        """To the box at the same height in the net beside."""
        net, item = self._chosen[0], self._item(*self._chosen)
        other = min(max(net + step, 0), len(self._by_net) - 1)
        if other == net:
            return
        row = item.box.row if isinstance(item, BoxItem) else 0
        nearest = min(self._by_net[other], key=lambda box: abs(box.box.row - row))
        self._choose(nearest)

    def _choose(self, item: BoxItem) -> None:
        self.box_chosen.emit(item.net, item.box)

    def box_centre(self, layer: str, net: int = 0) -> QPointF:
        """Return where a layer's box is, in the viewport's coordinates: for whoever points at it."""
        item = self._item(net, layer)
        if item is None:
            raise KeyError(layer)
        area = item.mapRectToScene(item.shape().boundingRect())
        return QPointF(self.mapFromScene(area.center()))

    def _item(self, net: int, layer: str | None) -> BoxItem | ArcItem | None:
        place = self._nets[net].picture.find_layer(layer) if layer and net < len(self._nets) else None
        if place is None:
            return None
        if place[0] == "box":
            return self._by_net[net][place[1]]
        return [arc for arc in self._arcs if arc.net == net][place[1]]
