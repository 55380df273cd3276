"""The picture of nets as a file: SVG and PDF to be scaled, PNG to be pasted; with its legend, whatever is in sight."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QImage,
    QImageWriter,
    QPageLayout,
    QPageSize,
    QPaintDevice,
    QPainter,
    QPdfWriter,
)
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QGraphicsScene

from resviz.gui import theme
from resviz.gui.files import write
from resviz.gui.graph.legend import Legend, paint_legend

ENDINGS = (("svg", "SVG"), ("png", "PNG"), ("pdf", "PDF"))
_MARGIN, _TITLE, _NOTE = 16.0, 26.0, 18.0
_PNG_QUALITY = 70
"""Of 0 to 100, from slow and small to fast and large: a picture is written while the window waits."""
_PNG_SCALE, _PNG_MOST = 2.0, 30_000
"""Twice the size on screen; and no side of more pixels than image viewers open."""


def save_picture(path: Path, scene: QGraphicsScene, legend: Legend, title: str, note: str) -> None:
    """Writes what the scene shows, in the format of the file's ending and in the light theme's colours, whatever is on:
    it is for paper and slides. Raises FileProblem."""
    with theme.painted_as(theme.LIGHT):
        content = _content(path.suffix.lower().lstrip("."), scene, legend, title, note)
    write(path, content)


def _content(ending: str, scene: QGraphicsScene, legend: Legend, title: str, note: str) -> bytes:
    inner = scene.sceneRect()
    font = QFont()
    font.setPointSizeF(9)
    width = max(inner.width(), 420.0)
    foot = paint_legend(None, legend, width, font)
    lines = note.splitlines()
    size = QSizeF(width + 2 * _MARGIN, inner.height() + foot + _TITLE + _NOTE * len(lines) + 3 * _MARGIN)

    def paint(painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(QRectF(0, 0, size.width(), size.height()), QColor(theme.current().panel))
        _write(painter, QRectF(_MARGIN, _MARGIN / 2, width, _TITLE), title, 11, bold=True)
        place = QRectF(_MARGIN + (width - inner.width()) / 2, _MARGIN / 2 + _TITLE, inner.width(), inner.height())
        scene.render(painter, place, inner)
        painter.save()
        painter.translate(_MARGIN, place.bottom() + _MARGIN)
        paint_legend(painter, legend, width, font)
        painter.restore()
        for number, line in enumerate(lines):
            area = QRectF(_MARGIN, place.bottom() + _MARGIN + foot + number * _NOTE, width, _NOTE)
            _write(painter, area, line, 8, bold=False)

    return {"svg": _svg, "png": _png, "pdf": _pdf}[ending](paint, size, title)


def _write(painter: QPainter, area: QRectF, text: str, points: float, *, bold: bool) -> None:
    font = QFont()
    font.setPointSizeF(points)
    font.setBold(bold)
    painter.setFont(font)
    painter.setPen(QColor(theme.current().text if bold else theme.current().dim))
    fitted = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(area.width()))
    painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, fitted)


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


def _png(paint: Callable[[QPainter], None], size: QSizeF, title: str) -> bytes:
    scale = min(_PNG_SCALE, _PNG_MOST / max(size.width(), size.height()))
    image = QImage((size * scale).toSize(), QImage.Format.Format_RGB32)
    image.setDotsPerMeterX(round(96 / 0.0254))
    image.setDotsPerMeterY(round(96 / 0.0254))
    image.setText("Title", title)

    def scaled(painter: QPainter) -> None:
        painter.scale(scale, scale)
        paint(painter)

    _on(image, scaled)
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
