"""What a painter draws, as a file: SVG and PDF to be scaled, PNG to be pasted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF, QSizeF
from PySide6.QtGui import QImage, QImageWriter, QPageLayout, QPageSize, QPaintDevice, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from resviz.base.translation import _

if TYPE_CHECKING:
    from collections.abc import Callable

ENDINGS = (("svg", "SVG"), ("png", "PNG"), ("pdf", "PDF"))
NUMBERS = ("csv", _("CSV, the numbers"))
"""What a plot can be saved as besides a picture."""
PNG_SCALE = 2.0
"""Pixels of a PNG for one on screen."""
_MAX_PNG = 30_000
"""No side has more pixels than image viewers open."""
_PNG_QUALITY = 70
"""Of 0 to 100, from slow and small to fast and large: a picture is written while the window waits."""


def paint_to_file(
    ending: str, paint: Callable[[QPainter], None], size: QSizeF, title: str, png_scale: float = PNG_SCALE
) -> bytes:
    """Return the file's content; `size` is in pixels at 96 an inch, and what `paint` draws in."""
    if ending == "png":
        return _png(paint, size, title, png_scale)
    return (_svg if ending == "svg" else _pdf)(paint, size, title)


def _svg(paint: Callable[[QPainter], None], size: QSizeF, title: str) -> bytes:
    content, generator = QBuffer(), QSvgGenerator()
    generator.setOutputDevice(content)
    generator.setResolution(96)
    generator.setSize(size.toSize())
    generator.setViewBox(QRectF(0, 0, size.width(), size.height()))
    generator.setTitle(title)
    _on(generator, paint)
    return _bytes(content)


def _pdf(paint: Callable[[QPainter], None], size: QSizeF, title: str) -> bytes:
    content = QBuffer()
    content.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(content)
    writer.setTitle(title)
    writer.setCreator("Resviz")
    writer.setResolution(96)
    points = QSizeF(size.width() * 0.75, size.height() * 0.75)
    page = QPageSize(points, QPageSize.Unit.Point, matchPolicy=QPageSize.SizeMatchPolicy.ExactMatch)
    writer.setPageLayout(QPageLayout(page, QPageLayout.Orientation.Portrait, QMarginsF()))
    _on(writer, paint)
    return _bytes(content)


def _png(paint: Callable[[QPainter], None], size: QSizeF, title: str, scale: float) -> bytes:
    scale = min(scale, _MAX_PNG / max(size.width(), size.height()))
    image = QImage((size * scale).toSize(), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)  # and no painter's scale: lines of so many pixels would stay that thin
    image.setDotsPerMeterX(round(96 / 0.0254))
    image.setDotsPerMeterY(round(96 / 0.0254))
    image.setText("Title", title)
    _on(image, paint)
    image.setDevicePixelRatio(1)
    content = QBuffer()
    content.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(content, b"PNG")
    writer.setQuality(_PNG_QUALITY)
    writer.write(image)
    return _bytes(content)


def _on(device: QPaintDevice, paint: Callable[[QPainter], None]) -> None:
    painter = QPainter(device)
    try:
        paint(painter)
    finally:
        painter.end()


def _bytes(content: QBuffer) -> bytes:
    return bytes(content.data().data())
