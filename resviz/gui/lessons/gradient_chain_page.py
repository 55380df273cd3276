"""The gradient chain x > w1 > w2 > ... > loss: each factor as a bar, their running product, and autograd's value."""

from __future__ import annotations

import math
from itertools import accumulate
from operator import mul
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QLabel, QWidget
from typing_extensions import override

from resviz.analysis.illustrations import ACTIVATIONS, Chain
from resviz.base.translation import _
from resviz.gui.lessons.lesson_page import LessonPage
from resviz.gui.plots.painted_plot import PaintedPlot
from resviz.gui.style import theme

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resviz.gui.lessons.autograd_process import AutogradProcess

_FUNCTION = "chain_gradient"
_LEFT, _NAMES = 150.0, 22.0
"""Pixels for what stands at the left, and for the names below the bars."""


class GradientChain(LessonPage):
    """The page on the chain rule: a gradient as a product of slopes and weights, beside autograd's."""

    title = _("The chain rule")

    def __init__(self, autograd: AutogradProcess, parent: QWidget | None = None) -> None:
        super().__init__(
            _(
                "How much does the loss depend on the first weight? The gradient is a product of slopes and "
                "weights. A sigmoid's slope is at most 0.25, so four sigmoids leave at most 0.004."
            ),
            "z_i = w_i y_(i−1), y_i = σ(z_i), L = ½ (y − target)²;  "
            "∂L/∂w1 = ∂L/∂y4 σ′(z4) w4 σ′(z3) w3 σ′(z2) w2 σ′(z1) x",
            parent,
        )
        self._autograd = autograd
        autograd.answered.connect(self._answered)
        self.activation = self.add_chips(
            _("activation"), [(name, name) for name in ACTIVATIONS], _("Use this activation function in every layer.")
        )
        self.first = self.add_number("x", 1.0, -5, 5)
        self.weights = [
            self.add_number(f"w{number}", value, -5, 5) for number, value in enumerate((0.5, -1.2, 0.8, 1.5), 1)
        ]
        self.target = self.add_number(_("target"), 0.0, -5, 5)
        self.picture = Factors()
        self.result = QLabel()
        self.result.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.body.addWidget(self.picture, 1)
        self.body.addWidget(self.result)
        self._measured: tuple[Chain, float] | None = None
        self.finish()

    @property
    def chain(self) -> Chain:
        """The chain that the controls describe."""
        weights = tuple(box.value() for box in self.weights)
        return Chain(self.first.value(), weights, self.activation.choice, self.target.value())

    @property
    def measured(self) -> bool:
        """Whether autograd's value of the chain that is shown is there."""
        return self._measured is not None and self._measured[0] == self.chain

    @override
    def refresh(self) -> None:
        chain = self.chain
        self.picture.set_chain(chain)
        measured = self._measured[1] if self._measured and self._measured[0] == chain else None
        if measured is None:
            found = _("autograd: computing …")
            if self.isVisible():
                self._autograd.ask(_FUNCTION, [chain.x, list(chain.weights), chain.activation, chain.target])
        else:
            found = _("autograd: {value}    difference {difference}").format(
                value=f"{measured:.15e}", difference=f"{abs(measured - chain.gradient):.1e}"
            )
        self.result.setText(
            _("product of the factors: {value}").format(value=f"{chain.gradient:.15e}") + f"    {found}"
        )

    @Slot(str, object, object)
    def _answered(self, name: str, arguments: object, value: object) -> None:
        if name == _FUNCTION and isinstance(arguments, list) and isinstance(value, float):
            x, weights, activation, target = arguments
            self._measured = (Chain(x, tuple(weights), activation, target), value)
            self.refresh()


class Factors(PaintedPlot):
    """Above a bar for each factor, below the product of all up to there, on a logarithmic scale."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_("factors of the gradient and their running product"), parent)
        self._chain: Chain | None = None
        self.setMinimumHeight(300)

    def set_chain(self, chain: Chain) -> None:
        """Draw the factors of another chain."""
        self._chain = chain
        self.update()

    def products(self) -> list[float]:
        """Return the running product, from the loss to the first weight."""
        return list(accumulate((factor.value for factor in self._chain.factors), mul)) if self._chain else []

    @override
    def draw(self, painter: QPainter) -> None:
        if self._chain is None:
            return
        colours, factors, products = theme.of(self), self._chain.factors, self.products()
        left, names = _LEFT, _NAMES
        half = (self.height() - 2 * names) / 2
        pitch = self._pitch()
        most = max(1.0, *(abs(factor.value) for factor in factors))
        sizes = [math.log10(abs(product)) for product in products if product]
        low, high = math.floor(min([-1.0, *sizes])) - 0.5, math.ceil(max([0.0, *sizes]))
        floor = half + names + half
        painter.setPen(QPen(QColor(colours.line), 1))
        painter.drawLine(int(left), int(half), self.width(), int(half))
        painter.drawLine(int(left), int(floor), self.width(), int(floor))
        painter.setPen(QColor(colours.dim))
        wrapped = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(QRectF(0, 0, left - 20, half), wrapped, _("each factor"))
        below = _("product from the loss up to this factor, on a log scale")
        painter.drawText(QRectF(0, half + names, left - 20, half), wrapped, below)
        for number, (factor, product) in enumerate(zip(factors, products, strict=True)):
            x = left + number * pitch
            stage = 0 if factor.what.startswith("σ") else 3
            self._bar(painter, QRectF(x, 0, pitch, half), abs(factor.value) / most, f"{factor.value:.3g}", stage)
            painter.setPen(QColor(colours.text))
            painter.drawText(QRectF(x, half, pitch, names), Qt.AlignmentFlag.AlignCenter, factor.what)
            share = (math.log10(abs(product)) - low) / (high - low) if product else 0.0
            self._bar(painter, QRectF(x, half + names, pitch, half), share, f"{product:.2g}", 4)

    @override
    def reading(self, place: QPointF) -> str:
        number = math.floor((place.x() - _LEFT) / self._pitch()) if self._chain else -1
        if self._chain is None or not 0 <= number < len(self._chain.factors):
            return ""
        factor, product = self._chain.factors[number], self.products()[number]
        return _("{factor} = {value}\nproduct from the loss up to here: {product}").format(
            factor=factor.what, value=f"{factor.value:.6g}", product=f"{product:.6g}"
        )

    @override
    def numbers(self) -> list[Sequence[object]]:
        rows: list[Sequence[object]] = [("factor", "value", "product from the loss")]
        factors = self._chain.factors if self._chain else ()
        pairs = zip(factors, self.products(), strict=True)
        return rows + [(factor.what, f"{factor.value:.6g}", f"{product:.6g}") for factor, product in pairs]

    def _pitch(self) -> float:
        """Return the pixels from one factor to the next."""
        return (self.width() - _LEFT - 10) / len(self._chain.factors) if self._chain else 1.0

    def _bar(self, painter: QPainter, area: QRectF, share: float, text: str, stage: int) -> None:
        colours = theme.of(self)
        fill, edge = colours.stage_colours(stage)
        if text.startswith("-"):
            fill, edge = colours.bad_soft, colours.bad
        height = max(1.5, share * (area.height() - 24))
        painter.setPen(QPen(QColor(edge), 1))
        painter.setBrush(QColor(fill))
        painter.drawRoundedRect(QRectF(area.left() + 8, area.bottom() - height, area.width() - 16, height), 3, 3)
        painter.setPen(QColor(colours.text))
        above = QRectF(area.left(), area.bottom() - height - 20, area.width(), 18)
        painter.drawText(above, Qt.AlignmentFlag.AlignCenter, text)
