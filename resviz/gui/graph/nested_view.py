"""The picture of a net of modules: frames that open and close, laid out anew each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QAction, QColor, QContextMenuEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QMenu, QWidget
from typing_extensions import override

from resviz.analysis.nested_layout import lay_out
from resviz.analysis.nested_picture import NestedPicture, count_boxes, draw, first_opened
from resviz.base.translation import _
from resviz.gui.graph.nested_items import EdgeItem, FrameItem, NodeItem, scene_rect
from resviz.gui.graph.zoom_view import ZOOM, ZoomView

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Set

    from resviz.analysis.module_tree import ModuleTree
    from resviz.analysis.nested_layout import Area
    from resviz.analysis.nested_picture import Cost, Node

MAX_BOXES = 1500
"""More boxes than this are no picture, and take longer than a click may."""
_MARGIN = 14.0


class NestedView(ZoomView):
    """A net of modules, with mouse and keyboard.

    A click or the arrow keys select a box. A double-click, Return and Right open a module, Left closes the one around
    the box. Which modules are open is the view's own.
    """

    node_chosen = Signal(object)
    """The Node that was chosen."""
    opened_changed = Signal()
    refused = Signal(str)
    """Why something was not opened."""

    def __init__(self, parent: QWidget | None = None, whole: bool = False) -> None:
        self._nodes: list[NodeItem] = []
        super().__init__(parent, whole)
        self.setAccessibleName(_("picture of the modules"))
        self.setWhatsThis(
            _(
                "The modules of the model, from the input at the top to the output. The arrow keys move between boxes, "
                "Return opens a module, ← closes the one around a box, and Ctrl and the wheel zoom."
            )
        )
        self._tree: ModuleTree | None = None
        self._stages: Mapping[str, int] = {}
        self._cost: Cost = lambda layers: ""
        self._opened: frozenset[str] = frozenset()
        self._edges: list[EdgeItem] = []
        self._frames: list[FrameItem] = []
        self._layer = self._failed = ""
        self._colour: Callable[[Node], QColor | None] | None = None
        self._badge: Callable[[Node], str] = lambda node: ""
        self.picture = NestedPicture((), (), ())

    @override
    def drawn_boxes(self) -> list[NodeItem]:
        return self._nodes

    @property
    def opened(self) -> frozenset[str]:
        """What is open: paths of modules, and of runs."""
        return self._opened

    @property
    def selected(self) -> str:
        """The layer that is selected, or ""."""
        return self._layer

    def set_net(self, tree: ModuleTree, stages: Mapping[str, int], cost: Cost, failed: str = "") -> None:
        """Draw a net, with as many levels open as can be looked at.

        Args:
            tree: Its modules.
            stages: The number of each stage's colour.
            cost: Words what some layers cost, in one line.
            failed: The layer that raised an error, if one did.
        """
        self._tree, self._stages, self._cost, self._layer, self._failed = tree, stages, cost, "", failed
        self._opened = first_opened(tree)
        self._draw()
        self.fit()

    @override
    def fit(self, whole: bool = False) -> None:
        """Show the whole picture, or its beginning if the text would be too small."""
        if self._whole or whole or self.scale_to_fit() >= self.readable or not self._nodes:
            super().fit(whole)
            return
        self.resetTransform()
        self.scale(self.readable, self.readable)
        self._leave_room(0.0)
        self.centerOn(self._nodes[0].area.center().x(), self.scene().sceneRect().top())
        if self.minimap:
            self.minimap.place()

    def set_opened(self, opened: Set[str]) -> None:
        """Open these modules and close all others."""
        if self._change(frozenset(opened)):
            self.fit()

    def set_colours(self, colour: Callable[[Node], QColor | None] | None) -> None:
        """Colour the boxes by what is known of them; None gives them the colours of their stages."""
        self._colour = colour
        for item in self._nodes:
            item.fill(colour(item.node) if colour else None)
        if self.minimap:
            self.minimap.refresh()

    def set_badges(self, badge: Callable[[Node], str]) -> None:
        """Write a sign before the titles of boxes."""
        self._badge = badge
        for item in self._nodes:
            item.set_badge(badge(item.node))

    def set_selection(self, layer: str | None) -> None:
        """Mark the box that has a layer, and its lines, and show it."""
        self._layer = layer or ""
        index = self.picture.places.get(self._layer)
        for item in self._nodes:
            item.mark(item.index == index)
        for edge in self._edges:
            edge.mark(index is not None and index in (edge.start, edge.end))
        if index is not None:
            self.ensureVisible(self._nodes[index].area, 20, 60)

    def open_module(self, key: str) -> None:
        """Open a module, or show each module of a run. What is beside it stays where it is."""
        self._keeping_place(key, self._opened | {key})

    def close_module(self, key: str) -> None:
        """Draw a module as one box again, or a run of modules once."""
        self._keeping_place(key, self._opened - {key})

    def reveal(self, layer: str) -> None:
        """Open what is around a layer, and select it."""
        if self._tree is not None and layer in self._tree.around:
            first = {other.path: run.modules[0].path for run in self._tree.repeats() for other in run.modules}
            self._change(self._opened | {first.get(one.path, one.path) for one in self._tree.chain(layer)})
            self.set_selection(layer)

    def _change(self, opened: frozenset[str]) -> bool:
        if self._tree is None:
            return False
        count = count_boxes(self._tree, opened)
        if count > MAX_BOXES:
            self.refused.emit(
                _("That would be {count} boxes. The most are {most}: open single modules instead.").format(
                    count=count, most=MAX_BOXES
                )
            )
            return False
        self._opened = opened
        self._draw()
        self.opened_changed.emit()
        return True

    def _keeping_place(self, key: str, opened: frozenset[str]) -> None:
        before = self._place_of(key)
        seen = QPointF(self.mapFromScene(before)) if before is not None else None
        if not self._change(opened):
            return
        if self.scale_to_fit() >= self.readable:
            self.fit()
            return
        self._fitted = False
        after, scale = self._place_of(key), self.transform().m11()
        if scale < self.readable:
            scale = self.readable
            self.resetTransform()
            self.scale(scale, scale)
        if seen is not None and after is not None:
            middle = QPointF(self.viewport().rect().center())
            self.centerOn(after + (middle - seen) / scale)

    def _place_of(self, key: str) -> QPointF | None:
        """Return where the box or the frame of a module begins."""
        keys = [(item.frame.key, item.frame.run, item.area) for item in self._frames]
        keys += [(item.node.opens, item.node.run, item.area) for item in self._nodes]
        for own, run, area in keys:
            if key in (own, run):
                return QPointF(area.center().x(), area.top())
        return None

    def _draw(self) -> None:
        assert self._tree is not None
        self.picture = draw(self._tree, self._opened, self._cost)
        layout = lay_out(self.picture)
        graph = self._tree.graph
        scene = self.scene()
        scene.clear()
        depths: list[int] = []
        for frame in self.picture.frames:
            depths.append(depths[frame.outer] + 1 if frame.outer >= 0 else 0)
        self._frames = [
            FrameItem(frame, area, depth)
            for frame, area, depth in zip(self.picture.frames, layout.frames, depths, strict=True)
        ]
        self._edges = [
            EdgeItem(start, end, points)
            for (start, end), points in zip(self.picture.edges, layout.edges, strict=True)
            if points
        ]
        self._nodes = [
            NodeItem(index, node, area, self._stages.get(graph[node.layers[0]].stage))
            for index, (node, area) in enumerate(zip(self.picture.nodes, layout.nodes, strict=True))
        ]
        for item in (*self._frames, *self._edges, *self._nodes):
            scene.addItem(item)
        if self._failed in self.picture.places:
            self._nodes[self.picture.places[self._failed]].set_failed()
        area = _around([*layout.nodes, *layout.frames])
        for edge in self._edges:
            area = area.united(edge.boundingRect())
        scene.setSceneRect(area.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN))
        self._leave_room(0.0)  # what the view shows is as large as the new picture
        self.set_colours(self._colour)
        self.set_badges(self._badge)
        self.set_selection(self._layer)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        item = self.itemAt(event.position().toPoint())
        if isinstance(item, NodeItem):
            self.node_chosen.emit(item.node)
        super().mousePressEvent(event)

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        item = self.itemAt(event.position().toPoint())
        if isinstance(item, NodeItem) and item.node.opens:
            self.open_module(item.node.opens)
        elif isinstance(item, FrameItem):
            self.close_module(item.frame.key)
        else:
            super().mouseDoubleClickEvent(event)

    @override
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        item = self.itemAt(event.pos())
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if isinstance(item, NodeItem):
            self.node_chosen.emit(item.node)
            around = self.picture.frames[item.node.frame] if item.node.frame >= 0 else None
            choices = [(_("Open (→)"), item.node.opens, True)] if item.node.opens else []
            run = item.node.run or (around.run if around else "")
            choices += [(_("Show each of them"), run, True)] if run else []
            choices += [(_("Close {module} (←)").format(module=around.title), around.key, False)] if around else []
        elif isinstance(item, FrameItem):
            choices = [(_("Close {module} (←)").format(module=item.frame.title), item.frame.key, False)]
            choices += [(_("Show each of them"), item.frame.run, True)] if item.frame.run else []
        else:
            choices = []
        for text, key, opens in choices:
            menu.addAction(text.replace("&", "&&")).setData((key, opens))
        menu.triggered.connect(self._menu_chosen)
        menu.popup(event.globalPos())

    @Slot(QAction)
    def _menu_chosen(self, action: QAction) -> None:
        key, opens = action.data()
        if opens:
            self.open_module(key)
        else:
            self.close_module(key)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        zooms = {Qt.Key.Key_Plus: ZOOM, Qt.Key.Key_Equal: ZOOM, Qt.Key.Key_Minus: 1 / ZOOM}
        chosen = self.picture.places.get(self._layer)
        node = self.picture.nodes[chosen] if chosen is not None else None
        if key in zooms:
            self.zoom(zooms[key])
        elif key == Qt.Key.Key_0:
            self.fit_whole()
        elif self._nodes and key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Home, Qt.Key.Key_End):
            self._walk(key, chosen)
        elif node is not None and key in (Qt.Key.Key_Right, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if node.opens:
                self.open_module(node.opens)
        elif node is not None and key == Qt.Key.Key_Left:
            if node.frame >= 0:
                self.close_module(self.picture.frames[node.frame].key)
        else:
            super().keyPressEvent(event)

    def _walk(self, key: Qt.Key, chosen: int | None) -> None:
        """To the box before or behind in the order of the calls, or to the first or the last one."""
        last = len(self._nodes) - 1
        if key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            index = 0 if key == Qt.Key.Key_Home else last
        elif chosen is None:
            index = 0
        else:
            index = min(max(chosen + (1 if key == Qt.Key.Key_Down else -1), 0), last)
        self.node_chosen.emit(self._nodes[index].node)


def _around(areas: list[Area]) -> QRectF:
    found = QRectF()
    for area in areas:
        found = found.united(scene_rect(area))
    return found
