"""The mouse, moved and its wheel turned over a widget."""

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget

_NONE = Qt.MouseButton.NoButton


def move_mouse(widget: QWidget, place: QPointF, held: Qt.MouseButton = _NONE) -> None:
    """Move the mouse to a place of the widget, with a button held down or not."""
    kind, keys = QEvent.Type.MouseMove, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(widget, QMouseEvent(kind, place, QPointF(widget.mapToGlobal(place)), _NONE, held, keys))


def turn_wheel(widget: QWidget, place: QPointF, up: int) -> None:
    """Turn the wheel by so many notches, away from the user if positive."""
    turned, keys = QPoint(0, 120 * up), Qt.KeyboardModifier.NoModifier
    at = QPointF(widget.mapToGlobal(place))
    phase = Qt.ScrollPhase.NoScrollPhase
    QApplication.sendEvent(widget, QWheelEvent(place, at, turned, turned, _NONE, keys, phase, False))
