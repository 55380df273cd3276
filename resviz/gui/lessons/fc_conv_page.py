"""A fully connected layer against a convolution of the same image: what each reads, and how many weights that takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from typing_extensions import override

from resviz.analysis.counts import exact
from resviz.base.translation import _
from resviz.gui.lessons.lesson_page import LessonPage
from resviz.gui.plots.painted_plot import PaintedPlot
from resviz.gui.plots.sum_bars import Bar, SumBars
from resviz.gui.style import theme
from resviz.nets.ops import Conv2d, Linear

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from resviz.nets.op import Op

_CELLS = 8
"""A side of the drawn maps: a few pixels stand for all."""


class FcAgainstConv(LessonPage):
    """The page that compares the weights of a fully connected layer and a convolution."""

    title = _("Fully connected or convolution")

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            _(
                "What does one output see? In a fully connected layer every pixel, each with its own weight. "
                "In a convolution a small window, with the same weights everywhere."
            ),
            _("Lab 2: Deep Residual Learning: 3072 × 3072 against 3 × 3 × 3 × 3 · weights only, without biases"),
            parent,
        )
        self.side = self.add_count(_("side"), 32, 4, 256)
        self.channels = self.add_count(_("channels"), 3, 1, 64)
        self.kernel = self.add_count(_("kernel"), 3, 1, 11, 2)
        self.picture = Reading()
        self.bars = SumBars(_("weights of both layers"), text_width=470)
        self.body.addWidget(self.picture, 1)
        self.body.addWidget(self.bars)
        self.finish()

    def weights(self) -> tuple[int, int]:
        """Of the fully connected layer, and of the convolution."""
        fc, conv = (next(term for term in op.parameter_terms() if term.what == "weights").value for op in self._ops())
        return fc, conv

    def _ops(self) -> tuple[Op, Op]:
        side, channels, kernel = self.side.value(), self.channels.value(), self.kernel.value()
        pixels = side * side * channels
        return Linear(pixels, pixels), Conv2d(channels, channels, kernel, padding=kernel // 2)

    @override
    def refresh(self) -> None:
        self.picture.kernel = self.kernel.value()
        self.picture.update()
        bars = []
        for stage, (name, op) in enumerate(zip((_("fully connected"), _("convolution")), self._ops(), strict=True)):
            (weights, *_biases) = op.parameter_terms()
            sums = " · ".join(str(factor) for factor, _name in weights.factors)
            bars.append(
                Bar(
                    name,
                    weights.value,
                    _("{factors} = {count} weights").format(factors=sums, count=exact(weights.value)),
                    (2, 1)[stage],
                )
            )
        self.bars.set_bars(bars)


class Reading(PaintedPlot):
    """Two maps twice: lines from what one output reads to it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_("what one output reads"), parent)
        self.kernel = 3
        self.setMinimumHeight(220)

    @override
    def draw(self, painter: QPainter) -> None:
        half = self.width() / 2
        for index, (title, reach) in enumerate(((_("fully connected"), _CELLS), (_("convolution"), self.kernel // 2))):
            self._draw(painter, QRectF(index * half, 0, half, self.height()), title, reach, (2, 1)[index])

    def _draw(self, painter: QPainter, area: QRectF, title: str, reach: int, stage: int) -> None:
        colours = theme.of(self)
        fill, edge = colours.stage_colours(stage)
        side = min(area.height() - 50, area.width() * 0.4)
        cell, top = side / _CELLS, area.center().y() - side / 2
        left, right = area.center().x() - side * 1.15, area.center().x() + side * 0.15
        painter.setPen(QColor(colours.dim))
        painter.drawText(QRectF(area.left(), top - 26, area.width(), 22), Qt.AlignmentFlag.AlignCenter, title)
        output = (3, 4)
        target = QPointF(right + (output[1] + 0.5) * cell, top + (output[0] + 0.5) * cell)
        for row in range(_CELLS):
            for column in range(_CELLS):
                read = abs(row - output[0]) <= reach and abs(column - output[1]) <= reach
                painter.setPen(QPen(QColor(colours.line), 1))
                painter.setBrush(QColor(fill) if read else Qt.BrushStyle.NoBrush)
                painter.drawRect(QRectF(left + column * cell, top + row * cell, cell, cell))
                painter.setBrush(QColor(edge) if (row, column) == output else Qt.BrushStyle.NoBrush)
                painter.drawRect(QRectF(right + column * cell, top + row * cell, cell, cell))
        line = QColor(edge)
        line.setAlpha(120)
        painter.setPen(QPen(line, 1))
        for row in range(_CELLS):
            for column in range(_CELLS):
                if abs(row - output[0]) <= reach and abs(column - output[1]) <= reach:
                    painter.drawLine(QPointF(left + (column + 0.5) * cell, top + (row + 0.5) * cell), target)
        painter.setPen(QColor(colours.dim))
        for x, text in ((left, _("image")), (right, _("output"))):
            painter.drawText(QRectF(x, top + side + 2, side, 18), Qt.AlignmentFlag.AlignCenter, text)
