"""A convolution that slides over a digit, and pooling: every output with its sum written out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget
from typing_extensions import override

from resviz.analysis.sliding import KERNELS, Map, Operation, Sliding, digits, shifted, unchanged
from resviz.base.translation import _
from resviz.gui.lessons.lesson_page import LessonPage
from resviz.gui.plots.painted_plot import PaintedPlot
from resviz.gui.style import theme
from resviz.gui.style.widgets import StillComboBox, dim

if TYPE_CHECKING:
    from collections.abc import Sequence

_KERNEL_WORDS = {
    "edges, upright": _("vertical edges"),
    "edges, level": _("horizontal edges"),
    "outline": _("outline"),
    "blur": _("blur"),
    "identity": _("identity"),
}
_OPERATIONS: tuple[tuple[Operation, str], ...] = (
    ("convolution", _("convolution")),
    ("max pool", _("max pool")),
    ("average pool", _("average pool")),
)
_CENTRE = Qt.AlignmentFlag.AlignCenter
_STEP_MS = 350
_BRIGHTEST = 16.0


class SlidingPage(LessonPage):
    """The page of the sliding window: the mouse, the arrow keys or Slide choose an output."""

    title = _("A sliding window")

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            _(
                "How is one number of a map computed? The window lies over a few pixels; the kernel weighs them, or a "
                "pool keeps the largest. The same window gives every other number. Shift the digit and compare."
            ),
            _(
                "A digit of 8×8 pixels that comes with Resviz, values from 0 to 16. Kernels: Sobel's two, Laplace's, "
                "the mean. Pools have windows of 2×2 and no padding."
            ),
            parent,
        )
        self.operation = self.add_chips(_("operation"), _OPERATIONS, _("What the window does with what it covers."))
        self.kernel = StillComboBox()
        for key, words in _KERNEL_WORDS.items():
            self.kernel.addItem(words, key)
        self.kernel.setAccessibleName(_("kernel"))
        self.kernel.setToolTip(_("The weights of the convolution."))
        self.kernel.currentIndexChanged.connect(self._again)
        self.numbers.addWidget(self.kernel)
        self.digit = self.add_count(_("digit"), 3, 0, 9)
        self.stride = self.add_count(_("stride"), 1, 1, 3)
        self.padding = self.add_count(_("padding"), 1, 0, 2)
        self.shift = self.add_count(_("shift"), 0, -2, 2)
        self.slide = self.add_player(_("Slide"), _("Move the window from output to output."), _STEP_MS, self._next)
        self.picture = Window()
        self.picture.place_chosen.connect(self._again)
        self.result = QLabel()
        self.result.setTextFormat(Qt.TextFormat.PlainText)
        self.result.setWordWrap(True)
        self.result.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.compared = dim()
        self.body.addWidget(self.picture, 1)
        self.body.addWidget(self.result)
        self.body.addWidget(self.compared)
        self.finish()

    @property
    def sliding(self) -> Sliding:
        """The window that the controls describe."""
        return self._sliding(self.shift.value())

    def _sliding(self, shift: int) -> Sliding:
        operation: Operation = self.operation.choice  # type: ignore[assignment]
        _label, image = digits()[self.digit.value()]
        padding = self.padding.value() if operation == "convolution" else 0
        kernel = KERNELS[self.kernel.currentData()]
        return Sliding(shifted(image, shift), operation, kernel, 2, self.stride.value(), padding)

    @override
    def refresh(self) -> None:
        """Draw the map, the kernel and the output, and write out the chosen sum."""
        is_convolution = self.operation.choice == "convolution"
        for control in (self.kernel, self.padding):
            control.setEnabled(is_convolution)
        sliding = self.sliding
        self.picture.set_sliding(sliding)
        row, column = self.picture.place
        value = sliding.output(row, column)
        self.result.setText(
            _("output at row {row}, column {column}: {sum} = {value}").format(
                row=row + 1, column=column + 1, sum=sliding.written(row, column), value=f"{value:.4g}"
            )
        )
        same, count = unchanged(self._sliding(0), sliding)
        text = _("the output has {size}×{size} numbers").format(size=sliding.size)
        if self.shift.value():
            text += "; " + _("after the shift {same} of {count} outputs are the same").format(same=same, count=count)
        self.compared.setText(text)

    def _next(self) -> bool:
        """Go to the next output; after the last one comes the first."""
        self.picture.step(1)
        return True


class Window(PaintedPlot):
    """The padded map with the window over it, the kernel, and the output. A click on an output chooses it."""

    place_chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_("a window that slides over a digit"), parent)
        self._sliding: Sliding | None = None
        self.place = (0, 0)
        """Row and column of the chosen output."""
        self.setMinimumSize(QSize(480, 240))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_sliding(self, sliding: Sliding) -> None:
        """Draw another window; the chosen output stays, if there still is one at its place."""
        self._sliding = sliding
        last = sliding.size - 1
        self.place = (min(self.place[0], last), min(self.place[1], last))
        self.update()

    def step(self, by: int) -> None:
        """Choose another output, row by row."""
        if self._sliding is None:
            return
        size = self._sliding.size
        number = (self.place[0] * size + self.place[1] + by) % (size * size)
        self.place = divmod(number, size)
        self.place_chosen.emit()

    @override
    def numbers(self) -> list[Sequence[object]]:
        """Return the output, row by row."""
        return [[f"{value:.6g}" for value in row] for row in self._sliding.outputs] if self._sliding else []

    @override
    def reading(self, place: QPointF) -> str:
        """Return the output at a place, or the pixel."""
        if self._sliding is None:
            return ""
        for number, values in ((0, self._sliding.padded), (2, self._sliding.outputs)):
            cell = self._cell(number, place)
            if cell is not None:
                words = _("pixel: {value}") if number == 0 else _("output: {value}")
                return words.format(value=f"{values[cell[0]][cell[1]]:.4g}")
        return ""

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        cell = self._cell(2, self.place_at(event.position())) if self._sliding else None
        if cell is not None:
            self.place = cell
            self.place_chosen.emit()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        size = self._sliding.size if self._sliding else 1
        steps = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Down: size, Qt.Key.Key_Up: -size}
        if Qt.Key(event.key()) in steps:
            self.step(steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    @override
    def draw(self, painter: QPainter) -> None:
        """Draw three grids side by side."""
        if self._sliding is None:
            return
        sliding, colours = self._sliding, theme.of(self)
        row, column = self.place
        ringed = (row * sliding.stride, column * sliding.stride, sliding.window)
        self._grid(painter, 0, sliding.padded, _("the digit with padding, {side}×{side}"), ringed, _BRIGHTEST)
        if sliding.operation == "convolution":
            self._grid(painter, 1, sliding.kernel, _("kernel, {side}×{side}"), None, None)
        else:
            area = self._area(1)
            painter.setPen(QColor(colours.text))
            painter.drawText(area, _CENTRE, _("largest") if sliding.operation == "max pool" else _("mean"))
        most = max((abs(value) for line in sliding.outputs for value in line), default=1.0) or 1.0
        self._grid(painter, 2, sliding.outputs, _("output, {side}×{side}"), (row, column, 1), most)

    def _grid(
        self,
        painter: QPainter,
        number: int,
        values: Map,
        title: str,
        ringed: tuple[int, int, int] | None,
        most: float | None,
    ) -> None:
        """Draw the cells of a map: positive values in the accent's colour, negative ones in that of plain nets."""
        colours, area = theme.of(self), self._area(number)
        side = self._side(number)
        font = painter.font()
        font.setPixelSize(max(7, min(13, int(side * 0.34))))
        painter.save()
        painter.setFont(font)
        for row, line in enumerate(values):
            for column, value in enumerate(line):
                cell = QRectF(area.x() + column * side, area.y() + row * side, side - 1, side - 1)
                fill = QColor(colours.accent if value >= 0 else colours.net_colour("plain"))
                fill.setAlphaF(0.0 if most is None else min(1.0, abs(value) / most) * 0.75)
                painter.fillRect(cell, QColor(colours.ground))
                painter.fillRect(cell, fill)
                painter.setPen(QColor(colours.text))
                text = "1/9" if abs(value - 1 / 9) < 1e-12 else f"{value:.3g}"
                painter.drawText(cell, _CENTRE, text)
        painter.restore()
        painter.setPen(QColor(colours.dim))
        heading = QRectF(area.x() - 30, area.y() - 24, side * len(values) + 60, 20)
        painter.drawText(heading, _CENTRE, title.format(side=len(values)))
        if ringed is not None:
            top, left, count = ringed
            painter.setPen(QPen(QColor(colours.bad), 3))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(area.x() + left * side, area.y() + top * side, count * side - 1, count * side - 1))

    def _shares(self) -> tuple[int, int, int]:
        """Return the sides of the three grids, in cells."""
        assert self._sliding is not None
        return len(self._sliding.padded), 3, max(1, self._sliding.size)

    def _side(self, number: int) -> float:
        """Return the side of a cell in pixels. The kernel's are as large as the digit's."""
        cells = sum(self._shares()) + 5
        return min(self.width() / cells, (self.height() - 40) / max(self._shares()))

    def _area(self, number: int) -> QRectF:
        shares, side = self._shares(), self._side(number)
        free = (self.width() - sum(shares) * side) / 4
        left = free * (number + 1) + sum(shares[:number]) * side
        wide = shares[number] * side
        return QRectF(left, 30 + (self.height() - 34 - wide) / 2, wide, wide)

    def _cell(self, number: int, place: QPointF) -> tuple[int, int] | None:
        area, side = self._area(number), self._side(number)
        row, column = int((place.y() - area.y()) // side), int((place.x() - area.x()) // side)
        count = self._shares()[number]
        return (row, column) if 0 <= row < count and 0 <= column < count else None
