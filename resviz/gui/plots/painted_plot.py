"""A picture drawn with a painter, with what every plot here can do: values at the mouse, zoom, copy and save."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QSizeF, Qt, Slot
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QMenu, QMessageBox, QToolTip, QWidget
from typing_extensions import override

from resviz.base.clean_text import spreadsheet_cell
from resviz.base.translation import _
from resviz.gui.files import dialogs
from resviz.gui.files.painting import ENDINGS, NUMBERS, paint_to_file
from resviz.gui.style import theme
from resviz.gui.style.widgets import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QFocusEvent

_NOTCH, _MOST = 1.25, 20.0
"""How much larger one notch of the wheel makes a picture, and the largest it gets."""


class PaintedPlot(QWidget):
    """Subclasses say what is drawn, what stands at a place, and which numbers that are.

    The wheel zooms at the mouse, a drag moves what is zoomed, a double click or key 0 shows the whole picture.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Make an empty picture. `name` is the title that a saved file carries."""
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setWhatsThis(
            _("Point at the picture to read its numbers. The wheel and + and − zoom, 0 shows all, a right click saves.")
        )
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._view = QTransform()
        self._grabbed: QPointF | None = None
        theme.changed().connect(self._again)

    def draw(self, painter: QPainter) -> None:
        """Draw the whole picture, as large as the widget."""
        raise NotImplementedError

    def reading(self, place: QPointF) -> str:
        """Return what stands at a place of the whole picture; "" if nothing does."""
        return ""

    def numbers(self) -> list[Sequence[object]]:
        """Return what is drawn as a table, headings first; nothing for a picture without numbers."""
        return []

    @property
    def zoom(self) -> float:
        """How many times larger than the whole picture it is drawn."""
        return self._view.m11()

    def place_at(self, position: QPointF) -> QPointF:
        """Return the place of the whole picture at a position of the widget."""
        return self._view.inverted()[0].map(position)

    def zoom_by(self, factor: float, centre: QPointF) -> None:
        """Draw the picture larger or smaller about `centre`, as far as it then still fills the widget."""
        scale = min(max(self.zoom * factor, 1.0), _MOST)
        kept = self.place_at(centre)
        self._look(scale, centre.x() - kept.x() * scale, centre.y() - kept.y() * scale)

    @Slot()
    def show_whole(self) -> None:
        """Draw the whole picture."""
        self._look(1.0, 0.0, 0.0)

    def content(self, ending: str) -> bytes:
        """Return a file's content: svg, pdf or png in the light theme's colours, or csv for the numbers."""
        if ending == "csv":
            out = io.StringIO()
            csv.writer(out, lineterminator="\n").writerows(map(spreadsheet_cell, row) for row in self.numbers())
            return out.getvalue().encode()

        def paint(painter: QPainter) -> None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(self.font())
            painter.fillRect(self.rect(), theme.LIGHT.panel)
            self.draw(painter)

        with theme.painted_in(self, theme.LIGHT):
            return paint_to_file(ending, paint, QSizeF(self.size()), self.accessibleName())

    @Slot()
    def save(self) -> None:
        """Ask for a file and save the picture or its numbers. A failure is shown."""
        endings = [*ENDINGS, NUMBERS] if self.numbers() else ENDINGS
        name = f"{dialogs.file_name(self.accessibleName())}.svg"
        path = dialogs.ask_where(self, _("Save figure"), name, endings)
        if path is None:
            return
        try:
            dialogs.write(path, self.content(path.suffix.lower().lstrip(".")))
        except dialogs.FileProblem as problem:
            QMessageBox.warning(self, _("The figure was not saved"), plain(str(problem)))
            return
        dialogs.tell_written(self, path)

    @Slot()
    def copy_picture(self) -> None:
        """Copy what is drawn."""
        QGuiApplication.clipboard().setPixmap(self.grab())

    @Slot()
    def copy_numbers(self) -> None:
        """Copy the numbers that are drawn, as a table of text."""
        rows = ("\t".join(str(spreadsheet_cell(cell)) for cell in row) for row in self.numbers())
        QGuiApplication.clipboard().setText("\n".join(rows) + "\n")

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setTransform(self._view)
        self.draw(painter)
        if self.hasFocus():
            painter.resetTransform()
            painter.setPen(theme.of(self).accent)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    @override
    def wheelEvent(self, event: QWheelEvent) -> None:
        self.zoom_by(_NOTCH ** (event.angleDelta().y() / 120), event.position())
        event.accept()

    @override
    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._grabbed = event.position()

    @override
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() and self._grabbed is not None:
            moved, self._grabbed = event.position() - self._grabbed, event.position()
            self._look(self.zoom, self._view.dx() + moved.x(), self._view.dy() + moved.y())
            return
        text = self.reading(self.place_at(event.position()))
        if text:
            QToolTip.showText(event.globalPosition().toPoint(), plain(text), self)
        else:
            QToolTip.hideText()

    @override
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grabbed = None

    @override
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.show_whole()

    @override
    def leaveEvent(self, event: QEvent) -> None:
        QToolTip.hideText()

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        factors = {"+": _NOTCH, "=": _NOTCH, "-": 1 / _NOTCH, "0": 0.0}
        if event.text() in factors:
            self.zoom_by(factors[event.text()], QPointF(self.rect().center()))
        else:
            super().keyPressEvent(event)

    @override
    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    @override
    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    @override
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.addAction(_("Save figure…")).triggered.connect(self.save)
        menu.addAction(_("Copy picture")).triggered.connect(self.copy_picture)
        if self.numbers():
            menu.addAction(_("Copy numbers")).triggered.connect(self.copy_numbers)
        menu.addSeparator()
        whole = menu.addAction(_("Whole picture"))
        whole.setEnabled(self.zoom > 1)
        whole.triggered.connect(self.show_whole)
        menu.popup(event.globalPos())

    def _look(self, scale: float, x: float, y: float) -> None:
        """Draw the picture `scale` times as large, its corner at (x, y) or as near as the picture fills the widget."""
        x = min(0.0, max(x, self.width() * (1 - scale)))
        y = min(0.0, max(y, self.height() * (1 - scale)))
        self._view = QTransform(scale, 0, 0, scale, x, y)
        self.update()

    @Slot()
    def _again(self) -> None:
        self.update()
