"""The share of wrong answers against steps, of the batch, of the held-out images, or of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.plots.curve import Curve
from resviz.gui.plots.views.scalar_view import ScalarView
from resviz.gui.plots.views.step_axis import counted
from resviz.gui.plots.views.view import ViewCache, register_view
from resviz.measurements.scalars import ERROR, HELD_OUT_ERROR

if TYPE_CHECKING:
    from resviz.gui.plots.curve_plot import CurvePlot
    from resviz.gui.plots.scene import PlottedNet, Scene, StepAxisOptions

BOTH = "both"
_AVERAGED = 10
"""Rows over which the training error is averaged where both errors are drawn."""


@register_view
class ErrorView(ScalarView):
    """The error. With both, a net's held-out error is a line, and its training error a thin line, as in figure 6."""

    name = "error"
    title = _("Error")
    order = 60
    scalars = ((ERROR, _("batch")), (HELD_OUT_ERROR, _("held-out")))

    @property
    @override
    def options(self) -> tuple[tuple[str, str], ...]:
        """Each error, or both."""
        return (*super().options, (BOTH, _("both")))

    @override
    def main_scalar(self, option: str) -> str:
        """Return the held-out error for both."""
        return HELD_OUT_ERROR.name if option == BOTH else option

    @override
    def draw_scene(self, surface: CurvePlot, option: str, scene: Scene, cache: ViewCache) -> None:
        """Draw a curve for each net; with both, say which is which."""
        super().draw_scene(surface, option, scene, cache)
        if option == BOTH:
            note = _("thin: training error, mean of {count} batches").format(count=_AVERAGED)
            surface.set_note("  ·  ".join(filter(None, (note, surface.note_text))))

    @override
    def further_curves(self, net: PlottedNet, option: str, steps: StepAxisOptions, log: bool) -> list[Curve]:
        """Return the training error, if both are drawn."""
        if option != BOTH:
            return []
        x, y = net.history.column("step"), net.history.column(ERROR.name).astype(np.float64)
        window = min(_AVERAGED, max(1, len(y) // 4))
        mean = np.convolve(y, np.full(window, 1 / window), "valid")
        thin = Curve(net.name, x[window - 1 :], mean, net.unit, net.line_style, thin=True)
        return [counted(thin, net.epoch_steps, steps)]
