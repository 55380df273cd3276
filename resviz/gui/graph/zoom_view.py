"""A view of a picture that scrolls, zooms and fits, with an overview in its corner. What is drawn is a subclass's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QMouseEvent, QPainter, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QGraphicsView, QWidget
from typing_extensions import override

from resviz.gui.graph.graph_items import GraphScene
from resviz.gui.graph.minimap import Minimap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resviz.gui.graph.minimap import DrawnBox
    from resviz.gui.style.theme import Theme

ZOOM = 1.2
_MIN, _MAX = 0.005, 6.0


class ZoomView(QGraphicsView):
    """The wheel scrolls; Ctrl+wheel, + and - zoom, 0 fits the picture."""

    def __init__(self, parent: QWidget | None = None, whole: bool = False) -> None:
        """Prepare an empty view. `whole` fits the whole picture even if its text becomes too small to read."""
        super().__init__(parent)
        self._whole = whole
        self._scene = GraphScene(self)
        self.setScene(self._scene)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        # A scroll bar would come and go with the scale, and the scale with the room beside it. The overview shows where
        # one is, and the wheel scrolls.
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor)
        self._fitted = True
        self.minimap = Minimap(self, self.drawn_boxes) if not whole else None

    def drawn_boxes(self) -> Sequence[DrawnBox]:
        """Return the boxes in the scene."""
        return ()

    @property
    def readable(self) -> float:
        """Below this scale a fitted picture's text can't be read, and its top is shown at a larger one instead."""
        return 0.5

    def set_theme(self, theme: Theme) -> None:
        """Paint the picture in this theme instead of the window's."""
        self._scene.painted_theme = theme

    def set_text_floor(self, scale: float) -> None:
        """Draw no text where the picture is shown at a smaller scale than this, and make no text smaller to fit."""
        self._scene.text_floor = scale
        self._scene.smallest_text = 11

    def scale_to_fit(self) -> float:
        """Return the scale at which the whole picture fits the view."""
        area = self.scene().sceneRect()
        if area.isEmpty():
            return 1.0
        return min((self.viewport().width() - 6) / area.width(), (self.viewport().height() - 4) / area.height())

    def show_at_least(self, scale: float) -> None:
        """Show the whole picture, or its top at a scale if it would be smaller."""
        fits = self.scale_to_fit() >= scale
        wanted = min(self.scale_to_fit(), _MAX) if fits else scale
        area = self.scene().sceneRect()
        self._fitted = False
        self.resetTransform()
        self.scale(wanted, wanted)
        self.centerOn(area.center().x(), area.center().y() if fits else area.top())

    @Slot()
    def fit_whole(self) -> None:
        """Show the whole picture, however small."""
        self.fit(whole=True)

    def fit(self, whole: bool = False) -> None:
        """Show the whole picture, or its top in the full width if the text would be too small."""
        self._fitted = not whole
        area = self.scene().sceneRect()
        if area.isEmpty() or self.viewport().width() < 20:
            return
        wide = (self.viewport().width() - 6) / area.width()
        high = (self.viewport().height() - 4) / area.height()
        fits = self._whole or whole or high >= self.readable
        scale = min(wide, high, 1.6) if fits else min(wide, 1.0)
        self.resetTransform()
        self.scale(scale, scale)
        self._leave_room(0.0)
        self.centerOn(area.center().x(), area.center().y() if fits else area.top())
        if self.minimap:
            self.minimap.place()
            if self.minimap.room and self.viewport().width() - area.width() * scale < 2 * self.minimap.room:
                # The overview stands beside the picture: the picture gets smaller, or goes to the left.
                smaller = min(scale, (self.viewport().width() - 6 - self.minimap.room) / area.width())
                self.resetTransform()
                self.scale(smaller, smaller)
                self._leave_room(self.minimap.room / smaller)
                self.centerOn(area.center().x() + self.minimap.room / smaller / 2, area.top())
                self.minimap.place()

    def _leave_room(self, at_right: float) -> None:
        """Let the view show this much more of the scene at the right, in the scene's units."""
        self.setSceneRect(self.scene().sceneRect().adjusted(0, 0, at_right, 0))

    def zoom(self, factor: float) -> None:
        """Zoom by a factor, within limits."""
        if _MIN < self.transform().m11() * factor < _MAX:
            self._fitted = False
            self.scale(factor, factor)
            if self.minimap:
                self.minimap.place()

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta().y()
        if turned and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
            self.zoom(ZOOM if turned > 0 else 1 / ZOOM)
            self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorViewCenter)
            event.accept()
        else:
            super().wheelEvent(event)

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self.viewport().setCursor(Qt.CursorShape.ArrowCursor)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fitted:
            self.fit()
        elif self.minimap:
            self.minimap.place()

    @override
    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        if self.minimap:
            self.minimap.update()
