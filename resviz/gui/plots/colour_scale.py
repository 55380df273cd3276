"""The colours of numbers: viridis, blue to orange for differences; and the bar that says which is which number."""

from __future__ import annotations

from functools import cache

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget
from typing_extensions import override

from resviz.base.numbers import power_of_ten
from resviz.gui.style import theme, viridis

_BAR = 14
_GAP = 5


_BLUE, _MIDDLE, _ORANGE = (29, 95, 191), (244, 244, 242), (194, 65, 12)


@cache
def table(difference: bool = False) -> np.ndarray:
    """Return the colours of a scale, dark to bright: viridis as (256, 3) uint8.

    For a difference, negative values are blue and positive ones orange, which colour-blind people can tell apart.
    """
    if not difference:
        return np.array(viridis.colours(), dtype=np.uint8)
    at, ends = np.linspace(0, 1, 256), (0.0, 0.5, 1.0)
    parts = zip(_BLUE, _MIDDLE, _ORANGE, strict=True)
    return np.stack([np.interp(at, ends, part) for part in parts], 1).astype(np.uint8)


def scale_colour(value: float, low: float, high: float) -> QColor | None:
    """Return the colour of a number on a scale; None for what is no number."""
    if not np.isfinite(value):
        return None
    return viridis.colour_at((value - low) / (high - low) if high > low else 0.5)


class ColourScale(QWidget):
    """A bar of colours with numbers, low at the bottom. With `log` the values are base-10 logarithms."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._low, self._high, self._log, self._of = 0.0, 1.0, False, ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self._image = _bar(difference=False)
        self._difference = False

    def set_scale(self, low: float, high: float, log: bool, of: str = "", *, difference: bool = False) -> None:
        """Show another scale. `of` names the numbers along the bar."""
        if difference != self._difference:
            self._difference, self._image = difference, _bar(difference)
            self.update()
        if (low, high, log, of) != (self._low, self._high, self._log, self._of):
            self._low, self._high, self._log, self._of = low, high, log, of
            self.updateGeometry()
            self.update()

    def ticks(self) -> list[tuple[float, str]]:
        """Return (value, text) of both ends, and of decades in between if there is room."""
        if not self._log:
            middle = (self._low + self._high) / 2
            return [(value, f"{value:.2g}") for value in (self._low, middle, self._high)]
        step = max(1, int(np.ceil((self._high - self._low) * 22 / max(self.height(), 60))))
        values = np.arange(self._low, self._high + 0.5, step)
        return [(float(value), power_of_ten(float(value))) for value in values]

    @override
    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        texts = [text for _, text in self.ticks()] + ["10⁻²⁴"]
        along = metrics.height() if self._of else 0
        return QSize(_BAR + _GAP + max(map(metrics.horizontalAdvance, texts)) + along, 80)

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        margin = QFontMetrics(self.font()).height() / 2
        bar = QRectF(0, margin, _BAR, max(1.0, self.height() - 2 * margin))
        painter.drawImage(bar, self._image)
        painter.setPen(QColor(theme.of(self).dim))
        for value, text in self.ticks():
            share = (value - self._low) / (self._high - self._low)
            y = bar.bottom() - share * bar.height()
            place = QRectF(_BAR + _GAP, y - margin, self.width(), 2 * margin)
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        if self._of:
            painter.translate(self.width() - 2 * margin, self.height() / 2)
            painter.rotate(90)
            along = QRectF(-self.height() / 2, -2 * margin, self.height(), 2 * margin)
            painter.drawText(along, Qt.AlignmentFlag.AlignCenter, self._of)


def _bar(difference: bool) -> QImage:
    colours = np.ascontiguousarray(table(difference)[::-1, None, :].repeat(2, 1))
    return QImage(colours.tobytes(), 2, 256, 6, QImage.Format.Format_RGB888).copy()


class ScaledRow(QWidget):
    """A row of pictures with one colour scale at the right and a note below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scale = ColourScale()
        self.row = QHBoxLayout()
        self.row.setSpacing(4)
        self.note = QLabel()
        self.note.setObjectName("dim")
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.note.setWordWrap(True)
        body = QHBoxLayout()
        body.addLayout(self.row, 1)
        body.addWidget(self.scale)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(body, 1)
        column.addWidget(self.note)

    @property
    def note_text(self) -> str:
        """The note."""
        return self.note.text()

    def set_note(self, text: str) -> None:
        """Show a note below the scale. "" hides it."""
        self.note.setText(text)
        self.note.setVisible(bool(text))
