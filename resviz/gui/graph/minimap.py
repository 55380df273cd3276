"""The whole picture in a corner of its view, and what of it is in sight; a click goes there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QGraphicsView, QWidget
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.style import theme

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_WIDTH, _HEIGHT, _MARGIN = 26, 150, 6
_COLUMN = 12
"""Pixels of a net's column."""


class DrawnBox(Protocol):
    """A box that the overview shows."""

    @property
    def net(self) -> int:
        """Index of its net among those side by side."""

    @property
    def area(self) -> QRectF:
        """Where it stands in the scene."""

    def ground(self) -> QColor:
        """Return the colour it is filled with."""


class Minimap(QWidget):
    """Shown only where not all of the picture is in sight."""

    def __init__(self, view: QGraphicsView, boxes: Callable[[], Sequence[DrawnBox]]) -> None:
        """`boxes` returns the boxes that `view` shows now."""
        super().__init__(view)
        self._view, self._boxes = view, boxes
        self._drawn: QPixmap | None = None
        self.setAccessibleName(_("overview of the graph"))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.hide()
        theme.changed().connect(self.refresh)

    def refresh(self) -> None:
        """The picture is another one, or has other colours."""
        self._drawn = None
        self.place()
        self.update()

    def place(self) -> None:
        """At the view's lower right corner, where it is needed."""
        scene, seen = self._view.scene().sceneRect(), self._seen()
        self.setVisible(not scene.isEmpty() and seen.height() < 0.8 * scene.height())
        nets = 1 + max((box.net for box in self._boxes()), default=0)
        size = QSize(_WIDTH + (nets - 1) * _COLUMN, min(_HEIGHT, max(60, self._view.viewport().height() // 3)))
        if size != self.size():
            self._drawn = None
        self.resize(size)
        viewport = self._view.viewport().geometry()
        self.move(viewport.right() - self.width() - _MARGIN, viewport.bottom() - self.height() - _MARGIN)

    @property
    def room(self) -> int:
        """Pixels that it takes at the right of the picture, which it never covers."""
        return 0 if self.isHidden() else self.width() + 2 * _MARGIN

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        if self._drawn is None:
            self._drawn = self._draw()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._drawn)
        scene, seen = self._view.scene().sceneRect(), self._seen()
        top = (seen.top() - scene.top()) / scene.height() * self.height()
        height = max(4.0, seen.height() / scene.height() * self.height())
        painter.setPen(QPen(QColor(theme.current().accent), 2))
        painter.drawRect(QRectF(1, max(1.0, top), self.width() - 2, min(height, self.height() - 2)))

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go(event.position())

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position())

    def _go(self, place: QPointF) -> None:
        scene = self._view.scene().sceneRect()
        self._view.centerOn(scene.center().x(), scene.top() + place.y() / self.height() * scene.height())

    def _seen(self) -> QRectF:
        return self._view.mapToScene(self._view.viewport().rect()).boundingRect()

    def _draw(self) -> QPixmap:
        """Return the boxes alone, each in its colour: once a picture, not once a step of the scroll bar."""
        drawn = QPixmap(self.size() * self.devicePixelRatioF())
        drawn.setDevicePixelRatio(self.devicePixelRatioF())
        drawn.fill(QColor(theme.current().panel))
        scene = self._view.scene().sceneRect()
        scale = self.height() / max(scene.height(), 1.0)
        painter = QPainter(drawn)
        painter.fillRect(0, 0, self.width(), self.height(), QColor(theme.current().line))
        boxes = [(box, box.area) for box in self._boxes()]
        ends: dict[int, tuple[float, float]] = {}
        for box, area in boxes:
            first, last = ends.get(box.net, (area.left(), area.left()))
            ends[box.net] = min(first, area.left()), max(last, area.right())
        for box, area in boxes:
            first, last = ends[box.net]
            across = (_COLUMN - 2) / (last - first)
            left = 7 + box.net * _COLUMN + (area.left() - first) * across
            top = (area.top() - scene.top()) * scale
            height = max(1.0, area.height() * scale - 0.5)
            painter.fillRect(QRectF(left, top, max(1.0, area.width() * across), height), box.ground())
        painter.end()
        return drawn
