"""Batch normalization as a graph: each equation computes one node from others, forward or backward."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.plots.painted_plot import PaintedPlot
from resviz.gui.style import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget

NODES = {
    "x": (0.08, 0.5),
    "μ": (0.3, 0.85),
    "σ²": (0.5, 0.85),
    "xhat": (0.62, 0.4),
    "γ": (0.72, 0.12),
    "β": (0.9, 0.12),
    "y": (0.9, 0.55),
}
"""Where each node stands, as shares of the width and the height."""
EDGES = (
    ("x", "μ"),
    ("x", "σ²"),
    ("μ", "σ²"),
    ("x", "xhat"),
    ("μ", "xhat"),
    ("σ²", "xhat"),
    ("xhat", "y"),
    ("γ", "y"),
    ("β", "y"),
)
"""From what is read to what is computed of it."""
_RADIUS, _ARROW = 17.0, 9.0


class EquationNode(NamedTuple):
    """The node that an equation computes, and the nodes that it reads."""

    node: str
    reads: tuple[str, ...]
    backward: bool


EQUATION_NODES = (
    *(
        EquationNode(node, tuple(source for source, target in EDGES if target == node), False)
        for node in ("μ", "σ²", "xhat", "y")
    ),
    *(
        EquationNode(node, tuple(target for source, target in EDGES if source == node), True)
        for node in ("xhat", "σ²", "μ", "x", "γ", "β")
    ),
)
"""In the order of `batch_norm_equations.equations`. Backward, a node reads the gradients of all that was made of it."""


class NormGraph(PaintedPlot):
    """The nodes and arrows; those of one equation are lit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_("the graph of batch normalization"), parent)
        self.lit: EquationNode | None = None
        self.setMinimumSize(220, 120)

    def light(self, equation: int | None) -> None:
        """Light what an equation computes and reads; None lights nothing."""
        self.lit = None if equation is None else EQUATION_NODES[equation]
        self.update()

    @override
    def numbers(self) -> list[Sequence[object]]:
        """Return the arrows, and which are lit."""
        rows: list[Sequence[object]] = [("from", "to", "lit")]
        return rows + [(source, target, int(self._is_lit(source, target))) for source, target in EDGES]

    @override
    def reading(self, place: QPointF) -> str:
        """Return the node at a place, and what it is computed from."""
        for name in NODES:
            away = place - self._place(name)
            if math.hypot(away.x(), away.y()) <= _RADIUS:
                reads = [source for source, target in EDGES if target == name]
                return _("{node}, computed from {others}").format(node=name, others=", ".join(reads)) if reads else name
        return ""

    @override
    def draw(self, painter: QPainter) -> None:
        """Draw the arrows, then the nodes over them."""
        colours = theme.of(self)
        for source, target in EDGES:
            lit = self._is_lit(source, target)
            backward = lit and self.lit is not None and self.lit.backward
            colour = QColor(colours.bad if backward else colours.accent) if lit else QColor(colours.dim)
            ends = (target, source) if backward else (source, target)
            start, end = (self._place(name) for name in ends)
            self._arrow(painter, start, end, colour, 3.0 if lit else 1.4)
        bold = QFont(painter.font())
        bold.setBold(True)
        for name in NODES:
            lit = self.lit is not None and name == self.lit.node
            backward = self.lit is not None and self.lit.backward
            edge = QColor(colours.bad if backward else colours.accent) if lit else QColor(colours.dim)
            painter.setPen(QPen(edge, 3.0 if lit else 1.4))
            painter.setBrush(QColor(colours.panel))
            place = self._place(name)
            painter.drawEllipse(place, _RADIUS, _RADIUS)
            painter.setPen(QColor(colours.text))
            painter.setFont(bold)
            around = QRectF(place.x() - _RADIUS, place.y() - _RADIUS, 2 * _RADIUS, 2 * _RADIUS)
            painter.drawText(around, Qt.AlignmentFlag.AlignCenter, name)

    def _is_lit(self, source: str, target: str) -> bool:
        if self.lit is None:
            return False
        if self.lit.backward:
            return source == self.lit.node and target in self.lit.reads
        return target == self.lit.node and source in self.lit.reads

    def _place(self, name: str) -> QPointF:
        across, down = NODES[name]
        margin = _RADIUS + 3
        x = min(max(across * self.width(), margin), self.width() - margin)
        return QPointF(x, min(max(down * self.height(), margin), self.height() - margin))

    @staticmethod
    def _arrow(painter: QPainter, start: QPointF, end: QPointF, colour: QColor, width: float) -> None:
        way = end - start
        length = math.hypot(way.x(), way.y()) or 1.0
        unit = way / length
        tip, begin = end - unit * (_RADIUS + 2), start + unit * _RADIUS
        painter.setPen(QPen(colour, width))
        painter.drawLine(begin, tip - unit * (_ARROW - 2))
        side = QPointF(-unit.y(), unit.x()) * (_ARROW / 2)
        back = tip - unit * _ARROW
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF([tip, back + side, back - side]))
