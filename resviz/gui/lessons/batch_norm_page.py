"""Batch normalisation forward and backward, written out sample by sample, beside autograd's gradient."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)
from typing_extensions import override

from resviz.analysis.illustrations import BatchNorm, BatchNormGradient
from resviz.base.translation import _
from resviz.gui.lessons.batch_norm_equations import Equations, equations
from resviz.gui.lessons.batch_norm_graph import EQUATION_NODES, NormGraph
from resviz.gui.lessons.lesson_page import LessonPage
from resviz.gui.plots.painted_plot import PaintedPlot
from resviz.gui.style import theme
from resviz.gui.style.widgets import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resviz.gui.lessons.autograd_process import AutogradProcess

_FUNCTION = "batch_norm_gradients"
_X = (0.4, 1.9, -0.7, 3.1, 0.2, 1.1, -1.6, 2.4)
_UPSTREAM = (0.3, -0.2, 0.5, 0.1, -0.4, 0.2, -0.1, 0.6)
"""A batch of one channel's values, and what arrives from the loss: fixed, so that a lecture's numbers stay."""
_HEADINGS = (
    "x",
    "xhat",
    "y",
    "∂l/∂y",
    _("through xhat"),
    _("through σ²"),
    _("through μ"),
    "∂l/∂x",
    "autograd",
    _("difference"),
)
_ROWS, _DOT = 3, 6.0
"""Rows of the picture, and the radius of a dot in pixels."""
_SAME = 1e-3
"""How near y is to x where γ and β, of four decimals, undo the normalization."""
_WIDE = (4, 5, 6, 9)
"""The columns whose headings are words: they are as wide as those, and the others share the rest."""


class BatchNormSums(LessonPage):
    """The page on batch normalization: its gradient in three terms, beside autograd's."""

    title = _("Batch normalization")

    def __init__(self, autograd: AutogradProcess, parent: QWidget | None = None) -> None:
        super().__init__(
            _(
                "The gradient of each sample has three terms: through its own normalized value, through the "
                "variance of the batch and through the mean of the batch. The last two terms remove the "
                "gradient's mean and its component along xhat."
            ),
            "Ioffe and Szegedy 2015: ∂l/∂x_i = ∂l/∂xhat_i / √(σ² + ε) + ∂l/∂σ² · 2 (x_i − μ) / m + ∂l/∂μ / m",
            parent,
        )
        self._autograd = autograd
        autograd.answered.connect(self._answered)
        self.shift = self.add_number(_("add to x"), 0.0, -100, 100, 1.0)
        self.scale = self.add_number(_("multiply x by"), 1.0, 0.01, 100, 0.5)
        self.gamma = self.add_number("γ", 1.0, -10, 10)
        self.beta = self.add_number("β", 0.0, -10, 10)
        for box in (self.gamma, self.beta):
            box.setRange(-1000, 1000)
            box.setDecimals(4)
        self.undo = QPushButton("γ = σ, β = μ")
        self.undo.setToolTip(
            plain(_("Choose γ and β so that y is x again: batch normalization can learn the identity."))
        )
        self.undo.clicked.connect(self.undo_normalization)
        self.numbers.addWidget(self.undo)
        self.line = QPushButton(_("Next line"))
        self.line.setToolTip(plain(_("Light the next equation, and the node of the graph that it computes.")))
        self.line.clicked.connect(self.light_next)
        self.numbers.addWidget(self.line)
        self._lit: int | None = None
        self.picture, self.graph, self.equations = Dots(), NormGraph(), Equations()
        self.table = QTableWidget(len(_X), len(_HEADINGS))
        self.table.setTabKeyNavigation(False)
        self.table.setAccessibleName(_("batch normalization, sample by sample"))
        self.table.setHorizontalHeaderLabels(_HEADINGS)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        for column in _WIDE:
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.table.verticalHeader().setDefaultSectionSize(24)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setShowGrid(False)
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        self.table.setToolTip(plain(_("Choose a sample: the equations above show its numbers.")))
        self.table.currentCellChanged.connect(self._again)
        self.table.setFixedHeight(24 * len(_X) + 32)
        self.result = QLabel()
        above, pictures = QHBoxLayout(), QVBoxLayout()
        pictures.addWidget(self.picture, 1)
        pictures.addWidget(self.graph, 1)
        above.addLayout(pictures, 1)
        above.addWidget(self.equations)
        self.body.addLayout(above, 1)
        self.body.addWidget(self.table)
        self.body.addWidget(self.result)
        self._measured: tuple[BatchNorm, list[float], float, float] | None = None
        self.finish()

    @property
    def norm(self) -> BatchNorm:
        """The batch that the controls describe."""
        x = tuple(self.scale.value() * value + self.shift.value() for value in _X)
        return BatchNorm(x, self.gamma.value(), self.beta.value())

    @property
    def measured(self) -> bool:
        """Whether autograd's gradient of the batch that is shown is there."""
        return self._measured is not None and self._measured[0] == self.norm

    @override
    def refresh(self) -> None:
        norm = self.norm
        gradient = norm.backward(_UPSTREAM)
        measured = self._measured[1] if self._measured and self._measured[0] == norm else None
        if measured is None and self.isVisible():
            self._autograd.ask(_FUNCTION, [list(norm.x), norm.gamma, norm.beta, norm.eps, list(_UPSTREAM)])
        self.picture.set_norm(norm)
        self.equations.set_equations(equations(norm, gradient, _UPSTREAM, max(0, self.table.currentRow())))
        self._fill(norm, gradient, measured)
        said = f"Σ ∂l/∂x = {sum(gradient.by_x):.1e}"
        if measured is not None and self._measured is not None:
            _norm, _by_x, by_gamma, by_beta = self._measured
            others = max(abs(gradient.by_gamma - by_gamma), abs(gradient.by_beta - by_beta))
            largest = max(self.difference(gradient, measured), others)
            said += "    " + _("∂l/∂x, ∂l/∂γ and ∂l/∂β differ by at most {difference} from autograd's").format(
                difference=f"{largest:.1e}"
            )
        if max(abs(y - x) for y, x in zip(norm.y, norm.x, strict=True)) < _SAME:
            said += "    " + _("y is x: the normalization is undone")
        self.result.setText(said)

    @Slot()
    def light_next(self) -> None:
        """Light the next equation; after the last one, none."""
        following = 0 if self._lit is None else self._lit + 1
        self._lit = following if following < len(EQUATION_NODES) else None
        self.graph.light(self._lit)
        self.equations.light(self._lit)

    @Slot()
    def undo_normalization(self) -> None:
        """Set γ to the batch's deviation and β to its mean."""
        norm = self.norm
        self.gamma.setValue(math.sqrt(norm.variance + norm.eps))
        self.beta.setValue(norm.mean)

    @staticmethod
    def difference(gradient: BatchNormGradient, measured: list[float]) -> float:
        """Return the largest, of all samples."""
        return max(abs(ours - theirs) for ours, theirs in zip(gradient.by_x, measured, strict=True))

    def _fill(self, norm: BatchNorm, gradient: BatchNormGradient, measured: list[float] | None) -> None:
        for row, x in enumerate(norm.x):
            by_x = gradient.by_x[row]
            values = [x, norm.normalised[row], norm.y[row], _UPSTREAM[row], *gradient.terms[row], by_x]
            texts = [f"{value:+.4f}" for value in values]
            texts += ["…", "…"] if measured is None else [f"{measured[row]:+.4f}", f"{abs(measured[row] - by_x):.0e}"]
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
                self.table.setItem(row, column, item)

    @Slot(str, object, object)
    def _answered(self, name: str, arguments: object, value: object) -> None:
        if name == _FUNCTION and isinstance(arguments, list) and isinstance(value, list):
            x, gamma, beta, eps, _ = arguments
            self._measured = (BatchNorm(tuple(x), gamma, beta, eps), *value)
            self.refresh()


class Dots(PaintedPlot):
    """The batch before, normalised, and after, on one axis: what the scale and the place of x do, and what is left."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_("the batch before and after normalization"), parent)
        self._norm: BatchNorm | None = None
        self.setMinimumHeight(120)

    def set_norm(self, norm: BatchNorm) -> None:
        """Draw another batch."""
        self._norm = norm
        self.update()

    def place(self, row: int, value: float) -> QPointF:
        """Return where a value of one of the three rows stands."""
        values = [value for _name, row_values, _stage in self._rows() for value in row_values]
        low, high = min(-2.0, *values), max(2.0, *values)
        left, right = self._ends()
        return QPointF(left + (right - left) * (value - low) / (high - low), (row + 0.5) * self.height() / _ROWS)

    @override
    def draw(self, painter: QPainter) -> None:
        colours = theme.of(self)
        left, right = self._ends()
        for number, (name, values, stage) in enumerate(self._rows()):
            zero = self.place(number, 0)
            painter.setPen(QColor(colours.text))
            beside = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, zero.y() - 12, left - 16, 24), beside, name)
            painter.setPen(QPen(QColor(colours.line), 1))
            painter.drawLine(QPointF(left, zero.y()), QPointF(right, zero.y()))
            painter.drawLine(zero - QPointF(0, 8), zero + QPointF(0, 8))
            fill, edge = colours.stage_colours(stage)
            painter.setPen(QPen(QColor(edge), 1))
            painter.setBrush(QColor(fill))
            for value in values:
                painter.drawEllipse(self.place(number, value), _DOT, _DOT)
        painter.setPen(QColor(colours.dim))
        below = QRectF(self.place(0, 0).x() - 20, self.height() - 16, 40, 16)
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, "0")

    @override
    def reading(self, place: QPointF) -> str:
        for number, (name, values, _stage) in enumerate(self._rows()):
            for sample, value in enumerate(values, 1):
                away = place - self.place(number, value)
                if math.hypot(away.x(), away.y()) <= _DOT + 2:
                    return _("sample {number}: {name} {value}").format(number=sample, name=name, value=f"{value:.4f}")
        return ""

    @override
    def numbers(self) -> list[Sequence[object]]:
        rows: list[Sequence[object]] = [("sample", "x", "xhat", "y")]
        columns = [values for _name, values, _stage in self._rows()]
        return rows + [(n, *(f"{value:.6g}" for value in row)) for n, row in enumerate(zip(*columns, strict=True), 1)]

    def _rows(self) -> tuple[tuple[str, tuple[float, ...], int], ...]:
        """Return each row's name, values and colour."""
        if self._norm is None:
            return ()
        norm = self._norm
        return (("x", norm.x, 2), (_("xhat, mean 0, variance 1"), norm.normalised, 0), ("y = γ xhat + β", norm.y, 3))

    def _ends(self) -> tuple[float, float]:
        """Return where the axis begins and ends."""
        names = (self.fontMetrics().horizontalAdvance(name) for name, _values, _stage in self._rows())
        return 20.0 + max(names, default=0), self.width() - 20.0
