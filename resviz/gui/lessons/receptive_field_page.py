"""The receptive field of any place of any layer, as a window over an image."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget
from typing_extensions import override

from resviz.analysis.receptive_field import Region, receptive_fields, seen_region
from resviz.analysis.sliding import digits
from resviz.base.translation import _
from resviz.gui.lessons.image_way_picture import grey
from resviz.gui.lessons.lesson_page import LessonPage
from resviz.gui.plots.curve import Curve
from resviz.gui.plots.curve_plot import CurvePlot
from resviz.gui.plots.painted_plot import PaintedPlot
from resviz.gui.style import theme
from resviz.nets import catalogue
from resviz.nets.build import build

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resviz.nets.graph import Graph, Layer

_NETS = ("cifar-resnet20", "alexnet", "vgg16", "googlenet", "resnet34")
_DIGIT = 3
_GROW_MS = 700


@cache
def _net(name: str) -> tuple[Graph, tuple[Layer, ...]]:
    """Return a net, and its layers that are maps made by a window: convolutions and pools."""
    graph = build(catalogue.find(name))
    maps = [layer for layer in graph.layers if len(layer.shape) == 3 and layer.inputs and not layer.auxiliary]
    kinds = ("conv", "max pool")
    return graph, tuple(layer for layer in maps if layer.op.kind in kinds and not layer.on_shortcut)


class ReceptiveFieldPage(LessonPage):
    """The page of the receptive fields: choose a layer, and click on the image to choose a place."""

    title = _("Receptive field")

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            _(
                "How much of the image does one number of a map depend on? Each layer sees a little more than the one "
                "before it. Click on the image to look at another place."
            ),
            _(
                "The window is found layer by layer from the net's kernels, strides and paddings. A dashed frame "
                "reaches beyond the image, where maps are padded. The image is a digit, enlarged to the net's input."
            ),
            parent,
        )
        titles = [(name, catalogue.find(name).label) for name in _NETS]
        self.net = self.add_chips(_("net"), titles, _("Look at the layers of this net."))
        self.layer = self.add_count(_("layer"), 3, 1, 1)
        self.grow = self.add_player(_("Grow"), _("Go from layer to layer."), _GROW_MS, self._next)
        self.picture = FieldPicture()
        self.picture.place_chosen.connect(self._again)
        self.plot = CurvePlot()
        self.plot.set_log(False)
        self.plot.set_from_zero(True)
        self.plot.set_labels(_("convolutions and pools, from the input"), _("side of the window, pixels"))
        self.result = QLabel()
        self.result.setTextFormat(Qt.TextFormat.PlainText)
        self.result.setWordWrap(True)
        row = QHBoxLayout()
        row.addWidget(self.picture, 1)
        row.addWidget(self.plot, 1)
        self.body.addLayout(row, 1)
        self.body.addWidget(self.result)
        self.finish()

    @override
    def refresh(self) -> None:
        """Draw the window of the chosen layer at the chosen place, and all sizes."""
        graph, layers = _net(self.net.choice)
        if self.layer.maximum() != len(layers):
            self.layer.setMaximum(len(layers))
        number = self.layer.value() - 1
        layer = layers[number]
        _channels, side, width = graph.layers[0].shape
        _maps, rows, columns = layer.shape
        across, down = self.picture.share
        row, column = min(int(down * rows), rows - 1), min(int(across * columns), columns - 1)
        region = seen_region(graph, layer.name, row, column)
        self.picture.set_region(region, side, width)
        fields = receptive_fields(graph)
        sizes = np.array([fields[one.name].size[0] for one in layers], np.float64)
        x = np.arange(1, len(layers) + 1, dtype=np.float64)
        names = tuple(one.name for one in layers)
        self.plot.set_curves(
            [Curve(catalogue.find(self.net.choice).label, x, sizes, "residual", dots=True, places=names)]
        )
        self.plot.set_level(float(side), _("the whole image"))
        self.plot.set_cursor(float(number + 1))
        size = fields[layer.name].size[0]
        inside = region.within(side, width)
        share = (inside.bottom - inside.top + 1) * (inside.right - inside.left + 1) / (side * width)
        text = _(
            "{layer} ({label}): one of {rows}×{columns} places, at row {row} and column {column}, depends on "
            "{size}×{size} pixels, {share} of the image."
        )
        self.result.setText(
            text.format(
                layer=layer.name,
                label=layer.op.label(),
                rows=rows,
                columns=columns,
                row=row + 1,
                column=column + 1,
                size=size,
                share=f"{share:.0%}",
            )
        )

    def _next(self) -> bool:
        """Go to the next layer. Return False at the last one."""
        self.layer.stepUp()
        return self.layer.value() < self.layer.maximum()


class FieldPicture(PaintedPlot):
    """An image with the window over it. A click, or an arrow key, chooses another place."""

    place_chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_("a window over an image"), parent)
        self.share = (0.5, 0.5)
        """Where the place is, across and down, as shares of the image."""
        self.region = Region(0, 0, 0, 0)
        self._size = (1, 1)
        self._image = grey(np.array(digits()[_DIGIT][1]))
        self.setMinimumSize(QSize(240, 240))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_region(self, region: Region, height: int, width: int) -> None:
        """Draw another window over an image of so many pixels."""
        self.region, self._size = region, (height, width)
        self.update()

    @override
    def numbers(self) -> list[Sequence[object]]:
        """Return the window's first and last row and column."""
        return [("top", "left", "bottom", "right"), tuple(self.region)]

    @override
    def reading(self, place: QPointF) -> str:
        """Return the pixel at a place."""
        area = self._area()
        if not area.contains(place):
            return ""
        height, width = self._size
        row = int((place.y() - area.y()) / area.height() * height)
        column = int((place.x() - area.x()) / area.width() * width)
        return _("pixel at row {row}, column {column}").format(row=row + 1, column=column + 1)

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        area, place = self._area(), self.place_at(event.position())
        if area.contains(place):
            self.share = (place.x() - area.x()) / area.width(), (place.y() - area.y()) / area.height()
            self.place_chosen.emit()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
        if Qt.Key(event.key()) not in moves:
            super().keyPressEvent(event)
            return
        across, down = moves[Qt.Key(event.key())]
        self.share = _kept(self.share[0] + across / 16), _kept(self.share[1] + down / 16)
        self.place_chosen.emit()

    @override
    def draw(self, painter: QPainter) -> None:
        """Draw the image, what is outside the window dimmed, and the window."""
        colours, area = theme.of(self), self._area()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(area, self._image)
        inside = self._rectangle(self.region.within(*self._size))
        outside, window = QPainterPath(), QPainterPath()
        outside.addRect(area)
        window.addRect(inside)
        shade = QColor(colours.panel)
        shade.setAlphaF(0.6)
        painter.fillPath(outside.subtracted(window), shade)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(colours.bad), 2, Qt.PenStyle.DashLine))
        painter.drawRect(self._rectangle(self.region).intersected(QRectF(self.rect()).adjusted(2, 2, -2, -2)))
        painter.setPen(QPen(QColor(colours.bad), 3))
        painter.drawRect(inside)

    def _area(self) -> QRectF:
        side = min(self.width(), self.height()) * 0.7
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    def _rectangle(self, region: Region) -> QRectF:
        area = self._area()
        height, width = self._size
        x, y = area.width() / width, area.height() / height
        wide, high = (region.right - region.left + 1) * x, (region.bottom - region.top + 1) * y
        return QRectF(area.x() + region.left * x, area.y() + region.top * y, wide, high)


def _kept(share: float) -> float:
    return min(max(share, 0.0), 0.999)
