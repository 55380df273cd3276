"""How large the outputs of a deep net are before it is trained: formulas as lines, measured variances as dots."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLabel, QWidget
from typing_extensions import override

from resviz.analysis.illustrations import INITIAL_VARIANCES, predicted_variances
from resviz.base.numbers import format_measurement
from resviz.base.translation import _
from resviz.gui.lessons.lesson_page import LessonPage
from resviz.gui.plots.curve import Curve
from resviz.gui.plots.curve_plot import CurvePlot

if TYPE_CHECKING:
    from resviz.gui.lessons.autograd_process import AutogradProcess

_FUNCTION = "initial_variances"
_ACTIVATIONS = ("relu", "tanh", "identity")
_UNITS = {"Xavier": ("residual", 0), "He": ("plain", 0), "N(0, 0.01²)": ("residual", 2)}
"""Colours of the kinds of weights: those of nets, as no net is drawn here."""
_Asked = tuple[str, str, int, int]


class InitialWeightsPage(LessonPage):
    """The page on initial weights."""

    title = _("Initial weights")

    def __init__(self, autograd: AutogradProcess, parent: QWidget | None = None) -> None:
        super().__init__(
            _(
                "How large may initial weights be? Each layer multiplies the variance by n Var[w], and a ReLU halves "
                "it. Xavier's weights keep it without ReLU, and He's weights keep it with ReLU."
            ),
            _(
                "Fully connected layers of n units, inputs from N(0, 1). Xavier: Var[w] = 2 / (n_in + n_out), Glorot "
                "and Bengio 2010, eq. 16. He: Var[w] = 2 / n_in, arXiv 1502.01852, eq. 10. Lines: the formulas; dots: "
                "measured with drawn weights."
            ),
            parent,
        )
        self._autograd = autograd
        autograd.answered.connect(self._answered)
        self.activation = self.add_chips(
            _("activation"), [(name, name) for name in _ACTIVATIONS], _("Use this activation function in every layer.")
        )
        self.layers = self.add_count(_("layers"), 30, 1, 50)
        self.units = self.add_count(_("units n"), 200, 2, 500, 10)
        self.plot = CurvePlot()
        self.plot.set_log(True)
        self.plot.set_from_zero(False)
        self.plot.set_labels(_("layer, from the input to the output"), _("variance of z"))
        self.result = QLabel()
        self.result.setWordWrap(True)
        self.body.addWidget(self.plot, 1)
        self.body.addWidget(self.result)
        self._measured: dict[_Asked, list[float]] = {}
        self.finish()

    @override
    def refresh(self) -> None:
        """Draw formulas and what was measured, and ask for what is missing."""
        curves, missing = [], []
        x = np.arange(1, self.layers.value() + 1, dtype=float)
        for init, (unit, line_style) in _UNITS.items():
            asked = self._asked(init)
            line = np.array([math.log10(value) for value in predicted_variances(*asked)])
            measured = self._measured.get(asked)
            if measured is None:
                missing.append(asked)
            else:
                y = np.array([math.log10(value) if value > 0 else math.nan for value in measured])
                curves.append(Curve(init, x, y, unit, line_style, dots=True))
            curves.append(Curve(init, x, line, unit, line_style, thin=measured is not None))
        self.plot.set_curves(curves)
        if missing and self.isVisible():
            init, activation, units, layers = missing[0]
            self._autograd.ask(_FUNCTION, [INITIAL_VARIANCES[init](units, units), activation, units, layers])
        self.result.setText("    ".join(self._sentence(init) for init in _UNITS))

    def _asked(self, init: str) -> _Asked:
        return (init, self.activation.choice, self.units.value(), self.layers.value())

    def _sentence(self, init: str) -> str:
        measured = self._measured.get(self._asked(init))
        if measured is None:
            return _("{init}: measuring …").format(init=init)
        return _("{init}: {value} after {count} layers").format(
            init=init, value=format_measurement(measured[-1]), count=len(measured)
        )

    @Slot(str, object, object)
    def _answered(self, name: str, arguments: object, value: object) -> None:
        if name == _FUNCTION and isinstance(arguments, list) and isinstance(value, list):
            variance, activation, units, layers = arguments
            for init, formula in INITIAL_VARIANCES.items():
                if math.isclose(formula(units, units), variance):
                    kept = dict(list(self._measured.items())[-11:])
                    self._measured = {**kept, (init, activation, units, layers): value}
            self.refresh()
