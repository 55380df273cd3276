"""A small pad to draw a digit on, with the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QImage, QImageReader, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.style import theme
from resviz.gui.style.widgets import plain

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SIDE = 64
"""Pixels of a side of what is drawn: a multiple of the digits' 8, 16 and 32."""
_PEN = 7.0
_FORMATS = (b"png", b"jpeg")
_MAX_PIXELS = 40_000_000
"""Largest number of pixels in a dropped picture. The GUI thread reads it, so it must be quick."""
_SMOOTH = Qt.TransformationMode.SmoothTransformation


class DrawingPad(QWidget):
    """White on black, as the digits are. `drawn` comes when the mouse is released, with the pixels (height, width)."""

    drawn = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image = QImage(_SIDE, _SIDE, QImage.Format.Format_Grayscale8)
        self._image.fill(0)
        self._last: QPointF | None = None
        self.is_empty = True
        self.setAccessibleName(_("drawing pad"))
        self.setToolTip(plain(_("Draw a digit with the mouse. The net answers when you release the button.")))
        self.setMinimumSize(QSize(96, 96))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.setCursor(Qt.CursorShape.CrossCursor)

    @property
    def pixels(self) -> NDArray[np.float32]:
        """What is drawn (height, width), from 0 to 1."""
        stored = np.frombuffer(bytes(self._image.constBits()), np.uint8)
        rows = stored.reshape(_SIDE, self._image.bytesPerLine())[:, :_SIDE]
        return rows.astype(np.float32) / np.float32(255)

    @Slot()
    def clear(self) -> None:
        """Begin again with an empty pad."""
        self._image.fill(0)
        self.is_empty = True
        self.update()

    def load(self, path: str) -> bool:
        """Show a picture, grey and as small as the pad, and emit `drawn`. Return False if the file is none.

        Digits are white on black, so a picture that is mostly bright is inverted.
        """
        reader = QImageReader(path)
        size = reader.size()
        if bytes(reader.format().data()) not in _FORMATS or size.width() * size.height() > _MAX_PIXELS:
            return False
        image = reader.read()
        if image.isNull():
            return False
        small = image.scaled(_SIDE, _SIDE, Qt.AspectRatioMode.IgnoreAspectRatio, _SMOOTH)
        self._image = small.convertToFormat(QImage.Format.Format_Grayscale8)
        if self.pixels.mean() > 0.5:
            self._image.invertPixels()
        self.is_empty = False
        self.update()
        self.drawn.emit(self.pixels)
        return True

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._last = self._place(event.position())
            self._stroke(self._last)

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._last is not None:
            self._stroke(self._place(event.position()))

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._last is not None:
            self._last = None
            self.drawn.emit(self.pixels)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        side = self._shown_side()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(self.rect().adjusted(0, 0, side - self.width(), side - self.height()), self._image)
        colours = theme.of(self)
        painter.setPen(QPen(QColor(colours.line), 1))
        painter.drawRect(0, 0, side - 1, side - 1)
        if self.is_empty:
            painter.setPen(QColor("#ffffff"))
            flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
            painter.drawText(0, 0, side, side, flags, _("Draw a digit"))

    def _shown_side(self) -> int:
        return min(self.width(), self.height())

    def _place(self, position: QPointF) -> QPointF:
        return position * (_SIDE / max(1, self._shown_side()))

    def _stroke(self, to: QPointF) -> None:
        painter = QPainter(self._image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor("#ffffff"), _PEN, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.drawLine(self._last or to, to)
        painter.end()
        self._last, self.is_empty = to, False
        self.update()
