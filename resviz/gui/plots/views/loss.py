"""The loss against steps, of the batch or of the held-out images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.plots.curve import Curve
from resviz.gui.plots.views.scalar_view import ScalarView
from resviz.gui.plots.views.step_axis import counted, with_mean
from resviz.gui.plots.views.view import register_view
from resviz.measurements.quantities import AUXILIARY_LOSS
from resviz.measurements.scalars import HELD_OUT_LOSS, LOSS

if TYPE_CHECKING:
    from resviz.gui.plots.scene import PlottedNet, StepAxisOptions


@register_view
class LossView(ScalarView):
    """The loss, with thin curves for auxiliary classifiers."""

    name = "loss"
    title = _("Loss")
    order = 50
    scalars = ((LOSS, _("batch")), (HELD_OUT_LOSS, _("held-out")))

    @override
    def further_curves(self, net: PlottedNet, option: str, steps: StepAxisOptions, log: bool) -> list[Curve]:
        """Return a thin curve for each auxiliary loss."""
        if option != LOSS.name or not net.history.has(AUXILIARY_LOSS.name):
            return []
        x = net.history.column("step")
        losses = net.history.column(AUXILIARY_LOSS.name).astype(np.float64).T
        thin = [Curve(net.name, x, y, net.unit, net.line_style, thin=True) for y in losses]
        return [with_mean(counted(curve, net.epoch_steps, steps), steps, log)[0] for curve in thin]
