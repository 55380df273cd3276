"""The picture of nets as a file: SVG and PDF to be scaled, PNG to be pasted; with its legend, whatever is in sight."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QGraphicsScene

from resviz.gui.files.dialogs import write
from resviz.gui.files.painting import paint_to_file
from resviz.gui.graph.legend import Legend, paint_legend
from resviz.gui.style import theme

_MARGIN, _TITLE, _NOTE = 16.0, 26.0, 18.0


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

    return paint_to_file(ending, paint, size, title)


def _write(painter: QPainter, area: QRectF, text: str, points: float, *, bold: bool) -> None:
    font = QFont()
    font.setPointSizeF(points)
    font.setBold(bold)
    painter.setFont(font)
    painter.setPen(QColor(theme.current().text if bold else theme.current().dim))
    fitted = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(area.width()))
    painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, fitted)
