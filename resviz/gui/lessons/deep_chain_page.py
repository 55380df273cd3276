"""A chain of up to 50 equal layers: how large its gradient is at each, with shortcuts and without."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLabel, QWidget
from typing_extensions import override

from resviz.analysis.illustrations import ACTIVATIONS, DeepChain
from resviz.base.numbers import format_measurement
from resviz.base.translation import _
from resviz.gui.lessons.lesson_page import LessonPage
from resviz.gui.plots.curve import Curve
from resviz.gui.plots.curve_plot import CurvePlot

if TYPE_CHECKING:
    from resviz.gui.lessons.autograd_process import AutogradProcess

_FUNCTION = "deep_chain_gradients"
_KINDS = ((False, "plain"), (True, "residual"))
_NAMES = {False: _("plain"), True: _("with shortcuts")}


class DeepChainPage(LessonPage):
    """The page on depth: a product of n slopes, and of n slopes to which a shortcut adds 1."""

    title = _("Depth and shortcuts")

    def __init__(self, autograd: AutogradProcess, parent: QWidget | None = None) -> None:
        super().__init__(
            _(
                "What is left of a gradient after many layers? Each layer multiplies it by σ′(z) w. A shortcut adds "
                "1 to this factor, so the product can't vanish as long as the factors are not near −1."
            ),
            _(
                "Plain: y_i = σ(w y_(i−1)), with slope σ′(z_i) w. With shortcuts: y_i = σ(w y_(i−1)) + y_(i−1), with "
                'slope 1 + σ′(z_i) w: eq. 5 of "Identity Mappings" for one number a layer.'
            ),
            parent,
        )
        self._autograd = autograd
        autograd.answered.connect(self._answered)
        self.activation = self.add_chips(
            _("activation"), [(name, name) for name in ACTIVATIONS], _("Use this activation function in every layer.")
        )
        self.layers = self.add_count(_("layers"), 20, 1, 50)
        self.weight = self.add_number("w", 1.0, -3, 3)
        self.first = self.add_number("x", 1.0, -5, 5)
        self.plot = CurvePlot()
        self.plot.set_log(True)
        self.plot.set_from_zero(False)
        self.plot.set_labels(_("layer i, from the input to the output"), "|∂y_n / ∂y_i|")
        self.result = QLabel()
        self.result.setWordWrap(True)
        self.result.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.body.addWidget(self.plot, 1)
        self.body.addWidget(self.result)
        self._measured: dict[DeepChain, tuple[float, ...]] = {}
        self.finish()

    def chain(self, shortcut: bool) -> DeepChain:
        """Return the chain that the controls describe."""
        return DeepChain(self.layers.value(), self.weight.value(), self.activation.choice, self.first.value(), shortcut)

    @property
    @override
    def presented(self) -> QWidget:
        return self.plot

    @property
    @override
    def answer_value(self) -> float:
        """The gradient of the plain chain at its input."""
        return abs(self.chain(shortcut=False).gradients[0])

    @override
    def refresh(self) -> None:
        """Draw both chains, and ask autograd for what it has not answered yet."""
        curves, notes = [], []
        for shortcut, unit in _KINDS:
            gradients = np.abs(np.array(self.chain(shortcut).gradients))
            y = np.full(len(gradients), np.nan)
            np.log10(gradients, out=y, where=gradients > 0)
            curves.append(Curve(_NAMES[shortcut], np.arange(len(y), dtype=float), y, unit, dots=True))
            if not np.all(gradients > 0):
                notes.append(_("{chain}: exactly 0 where nothing is drawn").format(chain=_NAMES[shortcut]))
        self.plot.set_curves(curves)
        self.plot.set_note("; ".join(notes))
        for shortcut, _unit in reversed(_KINDS):
            chain = self.chain(shortcut)
            if chain not in self._measured and self.isVisible():
                self._ask(chain)
                break
        self.result.setText("\n".join(self._sentence(self.chain(shortcut)) for shortcut, _unit in _KINDS))

    def _ask(self, chain: DeepChain) -> None:
        self._autograd.ask(_FUNCTION, [chain.depth, chain.weight, chain.activation, chain.x, chain.shortcut])

    def _sentence(self, chain: DeepChain) -> str:
        found = _("{chain}: ∂y_n/∂x = {value} after {count} layers").format(
            chain=_NAMES[chain.shortcut], value=format_measurement(chain.gradients[0]), count=chain.depth
        )
        measured = self._measured.get(chain)
        if measured is None:
            return found + _(", autograd: computing …")
        largest = max(abs(a - b) / max(abs(b), 1e-300) for a, b in zip(chain.gradients, measured, strict=True))
        return found + _(", as autograd finds (relative difference {difference})").format(difference=f"{largest:.0e}")

    @Slot(str, object, object)
    def _answered(self, name: str, arguments: object, value: object) -> None:
        if name == _FUNCTION and isinstance(arguments, list) and isinstance(value, list):
            depth, weight, activation, x, shortcut = arguments
            chain = DeepChain(depth, weight, activation, x, shortcut)
            self._measured = {**dict(list(self._measured.items())[-9:]), chain: tuple(value)}
            self.refresh()
