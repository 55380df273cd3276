"""A 1×1 convolution: each output is a weighted sum of the channels at one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget
from typing_extensions import override

from resviz.analysis.sliding import KERNELS, Sliding, bracketed, digits
from resviz.base.translation import _
from resviz.gui.lessons.image_way_picture import grey
from resviz.gui.lessons.lesson_page import LessonPage
from resviz.gui.plots.painted_plot import PaintedPlot
from resviz.gui.style import theme
from resviz.nets.ops import Conv2d

if TYPE_CHECKING:
    from collections.abc import Sequence

_CHANNELS = ((_("vertical edges"), "edges, upright"), (_("horizontal edges"), "edges, level"), (_("blur"), "blur"))
_FIRST = (0.5, 0.5, 1.0)
"""Weights that are set at first."""
_TITLE, _SIDE = 26.0, 8


class MixingPage(LessonPage):
    """The page of the 1×1 convolution: three maps of a digit, a weight for each, and their sum."""

    title = _("A 1×1 convolution")

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            _(
                "What can a convolution of one pixel do? It sees no neighbours, but all channels: each output mixes "
                "the channels at its place. Change the weights, and click on a place."
            ),
            _(
                "Three maps of a digit of 8×8 pixels, by the kernels of Sobel and of the mean. With 64 channels and 32 "
                "outputs a 1×1 convolution has 64·32 weights: CS231n 2017, lecture 9, slide on 1×1 convolutions."
            ),
            parent,
        )
        self.digit = self.add_count(_("digit"), 3, 0, 9)
        self.weights = [self.add_number(f"w{number}", _FIRST[number - 1], -3, 3) for number in (1, 2, 3)]
        self.picture = MixedMaps()
        self.picture.place_chosen.connect(self._again)
        self.result = QLabel()
        self.result.setTextFormat(Qt.TextFormat.PlainText)
        self.result.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.result.setWordWrap(True)
        self.body.addWidget(self.picture, 1)
        self.body.addWidget(self.result)
        self.finish()

    @property
    def channels(self) -> np.ndarray:
        """The maps that are mixed (channel, row, column)."""
        image = digits()[self.digit.value()][1]
        return np.array([Sliding(image, kernel=KERNELS[key], padding=1).outputs for _text, key in _CHANNELS])

    @property
    def output(self) -> np.ndarray:
        """The weighted sum of the maps (row, column)."""
        mixed: np.ndarray = np.tensordot([box.value() for box in self.weights], self.channels, 1)
        return mixed

    @override
    def refresh(self) -> None:
        """Draw the maps and the sum, and write out the chosen output."""
        channels, output = self.channels, self.output
        self.picture.set_maps(channels, output)
        row, column = self.picture.place
        pairs = zip((box.value() for box in self.weights), map(float, channels[:, row, column]), strict=True)
        terms = " + ".join(f"{bracketed(f'{w:g}')}·{bracketed(f'{x:.3g}')}" for w, x in pairs)
        found = _("output at row {row}, column {column}: {sum} = {value}").format(
            row=row + 1, column=column + 1, sum=terms, value=f"{output[row, column]:.4g}"
        )
        cost = sum(term.value for term in Conv2d(64, 32, 1).parameter_terms() if term.what == "weights")
        self.result.setText(
            found
            + "\n"
            + _("From 64 channels to 32 it has {weights} weights, a 3×3 convolution {nine}.").format(
                weights=cost, nine=9 * cost
            )
        )


class MixedMaps(PaintedPlot):
    """Maps side by side, and their sum at the right. A click or the arrow keys choose a place."""

    place_chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_("channels and their weighted sum"), parent)
        self.place = (3, 3)
        """Row and column of the chosen output."""
        self._channels = np.zeros((len(_CHANNELS), _SIDE, _SIDE))
        self._output = np.zeros((_SIDE, _SIDE))
        self.setMinimumSize(QSize(420, 160))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_maps(self, channels: np.ndarray, output: np.ndarray) -> None:
        """Draw other maps."""
        self._channels, self._output = channels, output
        self.update()

    @override
    def numbers(self) -> list[Sequence[object]]:
        """Return the output, row by row."""
        return [[f"{value:.6g}" for value in row] for row in self._output]

    @override
    def reading(self, place: QPointF) -> str:
        """Return the value at a place of one of the maps."""
        for number, values in enumerate((*self._channels, self._output)):
            cell = self._cell(number, place)
            if cell is not None:
                return f"{values[cell]:.4g}"
        return ""

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        for number in range(len(self._channels) + 1):
            cell = self._cell(number, self.place_at(event.position()))
            if cell is not None:
                self.place = cell
                self.place_chosen.emit()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}
        if Qt.Key(event.key()) not in moves:
            super().keyPressEvent(event)
            return
        down, across = moves[Qt.Key(event.key())]
        self.place = ((self.place[0] + down) % _SIDE, (self.place[1] + across) % _SIDE)
        self.place_chosen.emit()

    @override
    def draw(self, painter: QPainter) -> None:
        """Draw each map with its name, and a ring around the chosen place in all of them."""
        colours = theme.of(self)
        names = [*(text for text, _key in _CHANNELS), _("their weighted sum")]
        for number, (name, values) in enumerate(zip(names, (*self._channels, self._output), strict=True)):
            area = self._area(number)
            painter.setPen(QColor(colours.text))
            heading = QRectF(area.x() - 20, area.y() - _TITLE, area.width() + 40, _TITLE - 4)
            painter.drawText(heading, Qt.AlignmentFlag.AlignCenter, name)
            painter.drawImage(area, grey(values))
            side = area.width() / _SIDE
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colours.bad), 3))
            painter.drawRect(QRectF(area.x() + self.place[1] * side, area.y() + self.place[0] * side, side, side))
            sign = ("+", "+", "=")[number] if number < len(self._channels) else ""
            painter.setPen(QColor(colours.text))
            painter.drawText(
                QRectF(area.right(), area.y(), self._gap(), area.height()), Qt.AlignmentFlag.AlignCenter, sign
            )

    def _gap(self) -> float:
        return self.width() * 0.06

    def _area(self, number: int) -> QRectF:
        count = len(self._channels) + 1
        side = min((self.width() - (count + 1) * self._gap()) / count, self.height() - _TITLE - 6)
        left = (self.width() - count * side - (count - 1) * self._gap()) / 2
        top = _TITLE + (self.height() - _TITLE - 6 - side) / 2
        return QRectF(left + number * (side + self._gap()), top, side, side)

    def _cell(self, number: int, place: QPointF) -> tuple[int, int] | None:
        area = self._area(number)
        if not area.contains(place):
            return None
        side = area.width() / _SIDE
        return (
            min(int((place.y() - area.y()) / side), _SIDE - 1),
            min(int((place.x() - area.x()) / side), _SIDE - 1),
        )
