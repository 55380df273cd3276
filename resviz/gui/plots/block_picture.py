"""Blocks side by side: a mark for every operation, and arrows as wide as the gradient that comes back through them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.plots.block_painting import (
    INPUT,
    LANE,
    MARGIN,
    MARK_WIDTH,
    ROW,
    TERMS,
    TITLE,
    BlockPainting,
    DrawnBlock,
    Found,
)
from resviz.gui.plots.painted_plot import PaintedPlot
from resviz.gui.style import theme
from resviz.gui.style.widgets import dim

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPainter

_LARGEST_SCALE = 1.7


class BlockPicture(PaintedPlot):
    """The blocks of several nets in one row, as large as fits."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.blocks: list[DrawnBlock] = []
        self._low = self._high = 0.0
        self._places: list[tuple[QRectF, str]] = []
        self.setMinimumSize(QSize(280, 220))

    def set_blocks(self, blocks: Sequence[DrawnBlock], low: float = 0.0, high: float = 0.0) -> None:
        """Draw these. `low` and `high` are the logarithms of the gradients of the least and of the largest width."""
        self.blocks, self._low, self._high = list(blocks), low, high
        self.update()

    @override
    def numbers(self) -> list[Sequence[object]]:
        """Return what is measured at the arrows, then what stands in the marks."""
        rows: list[Sequence[object]] = [("net", "block", "place", "value")]
        for block in self.blocks:
            name = block.layout.name
            rows += [
                (block.title, name, f"{TERMS[gradient.term]}{gradient.place}", f"{value:.9g}")
                for gradient, value in block.values.items()
            ]
            rows += [(block.title, name, mark.layer, f"{mark.text} · {mark.detail}") for mark in block.layout.marks]
        return rows

    @override
    def reading(self, place: QPointF) -> str:
        """Return what the mark or arrow at a place says."""
        return next((text for area, text in reversed(self._places) if area.contains(place)), "")

    @override
    def draw(self, painter: QPainter) -> None:
        """Draw every block in its share of the width, all at one scale."""
        self._places = []
        if not self.blocks:
            return
        wide = [(right - left) * LANE + MARK_WIDTH + 4 * MARGIN for left, right in self._lanes()]
        tall = max(TITLE + INPUT + (block.layout.rows - 1) * ROW + 2 * MARGIN for block in self.blocks)
        scale = min(_LARGEST_SCALE, self.width() / sum(wide), self.height() / tall)
        free = (self.width() - sum(wide) * scale) / len(self.blocks)
        left = 0.0
        for block, width, (first, last) in zip(self.blocks, wide, self._lanes(), strict=True):
            share = width * scale + free
            middle = left + share / 2 - (first + last) / 2 * LANE * scale
            painter.save()
            painter.translate(middle, 0)
            painter.scale(scale, scale)
            BlockPainting(painter, block, theme.of(self), self._low, self._high, self._found(middle, scale)).draw(
                QRectF((left - middle) / scale, 0, share / scale, self.height() / scale)
            )
            painter.restore()
            left += share

    def _lanes(self) -> list[tuple[float, float]]:
        return [block.layout.lanes for block in self.blocks]

    def _found(self, middle: float, scale: float) -> Found:
        def found(area: QRectF, text: str) -> None:
            place = QRectF(middle + area.x() * scale, area.y() * scale, area.width() * scale, area.height() * scale)
            self._places.append((place, text))

        return found


class BlockPane(QWidget):
    """The blocks, and a note below them: what views draw on."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture = BlockPicture(_("building blocks"))
        self._note = dim()
        self._note.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._note.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.picture, 1)
        column.addWidget(self._note)

    @property
    def note_text(self) -> str:
        """The note."""
        return self._note.text()

    def set_note(self, text: str) -> None:
        """Show a note below the picture. "" hides it."""
        self._note.setText(text)
        self._note.setVisible(bool(text))
