"""An image on its way through a net: its maps behind each stage, and the probabilities of the classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPen
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.plots.painted_plot import PaintedPlot
from resviz.gui.style import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

    from resviz.training.detection import DetectedBox
    from resviz.training.inspection import InspectedImage, PixelAnswers

_TITLE, _GAP, _COLUMNS = 40.0, 4.0, 2
_WRITTEN = 15.0
"""Pixels of a cell of the confusion matrix from which its count is written."""
_CENTRE = Qt.AlignmentFlag.AlignCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def grey(values: np.ndarray) -> QImage:
    """Return a map (height, width) as an image from its least value, black, to its largest, white."""
    low, high = float(values.min()), float(values.max())
    scaled = (values - low) / (high - low) if high > low else np.zeros_like(values)
    pixels = np.ascontiguousarray((scaled * 255).astype(np.uint8))
    height, width = pixels.shape
    return QImage(pixels.tobytes(), width, height, width, QImage.Format.Format_Grayscale8).copy()


def picture(image: np.ndarray) -> QImage:
    """Return an image (channels, height, width), 0 to 1, as it looks."""
    pixels = (np.clip(image, 0, 1) * 255).astype(np.uint8)
    if len(pixels) != 3:
        return grey(image[0])
    rows = np.ascontiguousarray(pixels.transpose(1, 2, 0))
    height, width, _channels = rows.shape
    return QImage(rows.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()


class ImageWay(PaintedPlot):
    """The image at the left, a column for each stage, and the answer at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_("an image on its way through the net"), parent)
        self.shown: InspectedImage | None = None
        self.colour = ""
        self._places: list[tuple[QRectF, str]] = []
        self.setMinimumSize(QSize(420, 200))

    def set_image(self, image: InspectedImage | None, colour: str = "") -> None:
        """Draw the way of an image through a net of this colour."""
        self.shown, self.colour = image, colour
        self.update()

    @override
    def numbers(self) -> list[Sequence[object]]:
        """Return the probability of each class."""
        if self.shown is None:
            return []
        rows: list[Sequence[object]] = [("class", "probability")]
        return rows + [(number, f"{value:.9g}") for number, value in enumerate(self.shown.probabilities)]

    @override
    def reading(self, place: QPointF) -> str:
        """Return what is drawn at a place."""
        return next((text for area, text in self._places if area.contains(place)), "")

    @override
    def draw(self, painter: QPainter) -> None:
        """Draw every column in an equal share of the width."""
        self._places = []
        if self.shown is None:
            return
        columns = 2 + len(self.shown.stages)
        share = self.width() / columns
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        room = self.height() - _TITLE - 26
        side = min(share - 12, room if self.shown.pixels is None else (room - 26) / 2)
        heading = _("drawing") if self.shown.is_drawing else _("image {index}").format(index=self.shown.index)
        self._heading(painter, QRectF(0, 0, share, _TITLE), heading, "")
        area = QRectF((share - side) / 2, _TITLE, side, side)
        painter.drawImage(area, picture(self.shown.image))
        painter.setPen(QColor(theme.of(self).text))
        painter.drawText(QRectF(0, _TITLE + side + 3, share, 20), _CENTRE, _class_text(self.shown))
        for box in self.shown.boxes:
            self._box(painter, area, box)
        if self.shown.pixels is not None:
            self._pixels(painter, QRectF((share - side) / 2, _TITLE + side + 26, side, side), self.shown.pixels)
        for number, stage in enumerate(self.shown.stages, 1):
            self._heading(painter, QRectF(number * share, 0, share, _TITLE), stage.stage, stage.shape)
            self._maps(painter, QRectF(number * share + 4, _TITLE, share - 8, self.height() - _TITLE - 4), number - 1)
        self._answer(painter, QRectF((columns - 1) * share + 4, 0, share - 8, self.height()))

    def _heading(self, painter: QPainter, area: QRectF, text: str, below: str) -> None:
        colours, font = theme.of(self), QFont(painter.font())
        font.setBold(True)
        painter.save()
        painter.setFont(font)
        painter.setPen(QColor(colours.text))
        painter.drawText(QRectF(area.x(), area.y(), area.width(), 20), _CENTRE, text)
        painter.restore()
        painter.setPen(QColor(colours.dim))
        painter.drawText(QRectF(area.x(), area.y() + 18, area.width(), 20), _CENTRE, below)

    def _box(self, painter: QPainter, area: QRectF, box: DetectedBox) -> None:
        """Draw a box that was found, over the image, with its class."""
        assert self.shown is not None
        colours, (_channels, height, width) = theme.of(self), self.shown.image.shape
        x, y = area.width() / width, area.height() / height
        place = QRectF(
            area.x() + box.left * x,
            area.y() + box.top * y,
            (box.right - box.left + 1) * x,
            (box.bottom - box.top + 1) * y,
        )
        is_known = not self.shown.is_drawing
        wrong = is_known and box.label != self.shown.label
        colour = QColor(colours.bad if wrong else colours.good if is_known else colours.accent)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour, 2.5))
        painter.drawRect(place)
        tag = QRectF(place.x(), place.y(), 16, 16)
        painter.fillRect(tag, colour)
        painter.setPen(QColor(colours.panel))
        painter.drawText(tag, _CENTRE, str(box.label))
        text = _("box of class {label}: {probability}")
        self._places.append((tag, text.format(label=box.label, probability=f"{box.probability:.1%}")))

    def _pixels(self, painter: QPainter, area: QRectF, pixels: PixelAnswers) -> None:
        """Draw the net's answer at each pixel: background dark, right answers in one colour, wrong ones in another."""
        colours, is_drawing = theme.of(self), self.shown is not None and self.shown.is_drawing
        rows, columns = pixels.answers.shape
        high, wide = area.height() / rows, area.width() / columns
        painter.fillRect(area, QColor(colours.text))
        for row, column in zip(*np.nonzero(pixels.answers), strict=True):
            right = pixels.answers[row, column] == pixels.labels[row, column]
            place = QRectF(area.x() + column * wide, area.y() + row * high, wide, high)
            painter.fillRect(place, QColor(colours.accent if is_drawing else colours.good if right else colours.bad))
        if is_drawing:
            return
        missed = (pixels.answers == 0) & (pixels.labels > 0)
        for row, column in zip(*np.nonzero(missed), strict=True):
            painter.fillRect(QRectF(area.x() + column * wide, area.y() + row * high, wide, high), QColor(colours.dim))
        painter.setPen(QColor(colours.text))
        below = QRectF(0, area.bottom() + 3, area.width() + 2 * area.x(), 20)
        painter.drawText(below, _CENTRE, _("each pixel: {error} wrong").format(error=f"{pixels.error:.1%}"))
        self._places.append((area, _("green: right, red: wrong, grey: missed")))

    def _maps(self, painter: QPainter, area: QRectF, index: int) -> None:
        """Draw the maps of a stage in a grid, all as large as the room allows."""
        assert self.shown is not None
        stage = self.shown.stages[index]
        rows = -(-len(stage.maps) // _COLUMNS)
        side = min(area.width() / _COLUMNS, area.height() / max(1, rows)) - _GAP
        left = area.x() + (area.width() - _COLUMNS * (side + _GAP)) / 2
        for number, values in enumerate(stage.maps):
            place = QRectF(
                left + number % _COLUMNS * (side + _GAP),
                area.y() + number // _COLUMNS * (side + _GAP),
                side,
                side * values.shape[0] / max(1, values.shape[1]),
            )
            painter.drawImage(place, grey(values))
            text = _("{layer}, map {number}: {low} to {high}").format(
                layer=stage.layer, number=number + 1, low=f"{values.min():.3g}", high=f"{values.max():.3g}"
            )
            self._places.append((place, text))

    def _answer(self, painter: QPainter, area: QRectF) -> None:
        """Draw a bar for each class, or for the ten most probable ones."""
        assert self.shown is not None
        shown, colours = self.shown, theme.of(self)
        right = shown.answer == shown.label
        self._heading(painter, QRectF(area.x(), 0, area.width(), _TITLE), _("answer"), "")
        painter.setPen(QColor(colours.text if shown.is_drawing else colours.good if right else colours.bad))
        said = _("{answer}: right") if right else _("{answer}: wrong")
        if shown.is_drawing:
            said = "{answer}"
        painter.drawText(QRectF(area.x(), 18, area.width(), 20), _CENTRE, said.format(answer=shown.answer))
        classes = np.sort(np.argsort(-shown.probabilities, kind="stable")[:10])
        pitch = min(26.0, (area.height() - _TITLE - 4) / len(classes))
        room = area.width() - 22 - 48
        for row, number in enumerate(classes):
            y, value = _TITLE + row * pitch, float(shown.probabilities[number])
            painter.setPen(QColor(colours.text))
            painter.drawText(QRectF(area.x(), y, 18, pitch), _RIGHT, str(number))
            bar = QRectF(area.x() + 22, y + 3, max(1.0, room * value), pitch - 6)
            painter.fillRect(bar, QColor(self.colour or colours.accent))
            if number == shown.label:
                painter.setPen(QPen(QColor(colours.good), 1.6))
                painter.drawRect(QRectF(area.x() + 22, y + 2, room, pitch - 4))
            painter.setPen(QColor(colours.dim))
            painter.drawText(QRectF(area.right() - 46, y, 46, pitch), _LEFT, f"{value:.1%}")
            self._places.append((QRectF(area.x(), y, area.width(), pitch), f"{number}: {value:.4%}"))


class Confusion(PaintedPlot):
    """How many images of each class got which answer. What is right is left pale, so that mistakes are seen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_("confusion matrix"), parent)
        self.counts = np.zeros((0, 0), np.int64)
        self.setMinimumSize(QSize(200, 160))

    def set_counts(self, counts: np.ndarray) -> None:
        """Draw a matrix (true class, answer)."""
        self.counts = counts
        self.update()

    @override
    def numbers(self) -> list[Sequence[object]]:
        """Return the matrix, a row for each true class."""
        head: list[Sequence[object]] = [("is, answered", *range(len(self.counts)))]
        return head + [(number, *map(int, row)) for number, row in enumerate(self.counts)] if len(self.counts) else []

    @override
    def reading(self, place: QPointF) -> str:
        """Return what the cell at a place counts."""
        left, top, side = self._grid()
        column, row = int((place.x() - left) // side), int((place.y() - top) // side)
        if not (0 <= row < len(self.counts) and 0 <= column < len(self.counts)):
            return ""
        return _("{count} images of class {label} are answered with {answer}").format(
            count=int(self.counts[row, column]), label=row, answer=column
        )

    @override
    def draw(self, painter: QPainter) -> None:
        """Draw a square for each pair of classes, with its count where there is room."""
        if not len(self.counts):
            return
        colours, (left, top, side) = theme.of(self), self._grid()
        count = len(self.counts)
        painter.setPen(QColor(colours.dim))
        painter.drawText(QRectF(0, 0, self.width(), 18), _CENTRE, _("answer"))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
        painter.drawImage(QRectF(left, top, side * count, side * count), self._image())
        if side < _WRITTEN:
            return
        for number in range(count):
            painter.drawText(QRectF(left + number * side, top - 16, side, 16), _CENTRE, str(number))
            painter.drawText(QRectF(left - 20, top + number * side, 16, side), _RIGHT, str(number))
        painter.setPen(QColor(colours.text))
        for row, column in zip(*np.nonzero(self.counts), strict=True):
            cell = QRectF(left + column * side, top + row * side, side, side)
            painter.drawText(cell, _CENTRE, str(int(self.counts[row, column])))

    def _image(self) -> QImage:
        """Return the matrix with a pixel for each cell: thousands of classes are drawn at once."""
        colours, count = theme.of(self), len(self.counts)
        most = max(1, int((self.counts - np.diag(np.diag(self.counts))).max()))
        ground, right, wrong = (_rgb(name) for name in (colours.ground, colours.accent_soft, colours.bad))
        share = np.where(self.counts > 0, 0.35 + 0.65 * self.counts / most, 0.0)[..., None].clip(0, 1)
        pixels = ground + (wrong - ground) * share
        pixels[np.arange(count), np.arange(count)] = right
        data = np.ascontiguousarray(pixels.astype(np.uint8))
        return QImage(data.tobytes(), count, count, 3 * count, QImage.Format.Format_RGB888).copy()

    def _grid(self) -> tuple[float, float, float]:
        """Return the left and upper edge of the squares, and the side of one."""
        side = max(1e-3, min(self.width() - 30, self.height() - 40) / max(1, len(self.counts)))
        return max(26.0, (self.width() - side * len(self.counts)) / 2), 36.0, side


def _rgb(name: str) -> np.ndarray:
    """Return a colour as three numbers from 0 to 255."""
    colour = QColor(name)
    return np.array([colour.red(), colour.green(), colour.blue()], np.float64)


def _class_text(image: InspectedImage) -> str:
    return _("drawn here") if image.is_drawing else _("its class: {label}").format(label=image.label)
