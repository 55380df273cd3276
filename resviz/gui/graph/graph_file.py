"""The picture of nets as a file: SVG and PDF to be scaled, PNG to be pasted; with its legend, whatever is in sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from resviz.gui.files.dialogs import write
from resviz.gui.files.painting import paint_to_file
from resviz.gui.graph.graph_view import DrawnNet, GraphView
from resviz.gui.graph.legend import Legend, paint_legend
from resviz.gui.style.theme import LIGHT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from PySide6.QtWidgets import QGraphicsScene

_MARGIN, _TITLE, _NOTE = 16.0, 26.0, 18.0


def save_picture(
    path: Path,
    nets: Sequence[DrawnNet],
    fills: Sequence[Mapping[str, QColor]],
    legend: Legend,
    title: str,
    note: str,
) -> None:
    """Write nets in the format of the file's ending, in the light theme's colours: it is for paper and slides.

    They are drawn anew, so that no selection of the screen is in the file. Raise FileProblem if that is not possible.
    """
    view = GraphView(whole=True)
    view.set_theme(LIGHT)
    view.set_nets(nets)
    view.set_fills([dict(colours) for colours in fills])
    try:
        save_scene(path, view.scene(), legend, title, note)
    finally:
        view.deleteLater()


def save_scene(path: Path, scene: QGraphicsScene, legend: Legend, title: str, note: str) -> None:
    """Write all of a scene, with its legend, in the format of the file's ending. Raise FileProblem if that fails."""
    write(path, _content(path.suffix.lower().lstrip("."), scene, legend, title, note))


def _content(ending: str, scene: QGraphicsScene, legend: Legend, title: str, note: str) -> bytes:
    inner = scene.sceneRect()
    font = QFont()
    font.setPointSizeF(9)
    width = max(inner.width(), 420.0)
    foot = paint_legend(None, legend, width, font, LIGHT)
    lines = _wrapped(note, 8, width)
    size = QSizeF(width + 2 * _MARGIN, inner.height() + foot + _TITLE + _NOTE * len(lines) + 3 * _MARGIN)

    def paint(painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(QRectF(0, 0, size.width(), size.height()), QColor(LIGHT.panel))
        _write(painter, QRectF(_MARGIN, _MARGIN / 2, width, _TITLE), title, 11, bold=True)
        place = QRectF(_MARGIN + (width - inner.width()) / 2, _MARGIN / 2 + _TITLE, inner.width(), inner.height())
        scene.render(painter, place, inner)
        painter.save()
        painter.translate(_MARGIN, place.bottom() + _MARGIN)
        paint_legend(painter, legend, width, font, LIGHT)
        painter.restore()
        for number, line in enumerate(lines):
            area = QRectF(_MARGIN, place.bottom() + _MARGIN + foot + number * _NOTE, width, _NOTE)
            _write(painter, area, line, 8, bold=False)

    return paint_to_file(ending, paint, size, title)


def _wrapped(text: str, points: float, width: float) -> list[str]:
    """Return a text in lines that are no wider than the picture."""
    font = QFont()
    font.setPointSizeF(points)
    metrics = QFontMetricsF(font)
    lines: list[str] = []
    for paragraph in text.splitlines():
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if line and metrics.horizontalAdvance(longer) > width:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return lines


def _write(painter: QPainter, area: QRectF, text: str, points: float, *, bold: bool) -> None:
    font = QFont()
    font.setPointSizeF(points)
    font.setBold(bold)
    painter.setFont(font)
    painter.setPen(QColor(LIGHT.text if bold else LIGHT.dim))
    fitted = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(area.width()))
    painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, fitted)
