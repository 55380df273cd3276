"""The norm of the whole gradient over steps: of all weights together, as one number a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.plots.curve import Curve
from resviz.gui.plots.views.curve_view import CurveView
from resviz.gui.plots.views.step_axis import counted, left_out, prepare_steps, with_mean
from resviz.gui.plots.views.view import ViewCache, register_view
from resviz.measurements.quantities import WEIGHT_GRADIENT

if TYPE_CHECKING:
    from resviz.gui.plots.curve_plot import CurvePlot
    from resviz.gui.plots.scene import Scene
    from resviz.measurements.quantity import Quantity


def total_norm(gradient: np.ndarray) -> np.ndarray:
    """Return the norm of all layers' gradients together (step,), from the norm of each layer's (step, layer)."""
    values = np.asarray(gradient, np.float64)
    largest: np.ndarray = np.max(values, axis=1, initial=0.0)
    scale = np.where((largest > 0) & np.isfinite(largest), largest, 1.0)  # squares of 1e-200 would be 0
    return np.asarray(scale * np.sqrt(np.sum((values / scale[:, None]) ** 2, axis=1)))


@register_view
class GradientNormView(CurveView):
    """One line for each net. It stands above or below the loss, which falls while the gradient does."""

    name = "gradient_norm"
    title = _("Total gradient")
    order = 45
    against_steps = True
    at_one_step = False

    @override
    def quantity(self, option: str) -> Quantity | None:
        """Return the gradient of the weights, whose layers are taken together."""
        return WEIGHT_GRADIENT

    @override
    def prepare(self, surface: CurvePlot, option: str, scene: Scene) -> None:
        """Set a logarithmic axis of values, unless a person wants a linear one."""
        surface.set_from_zero(False)
        surface.set_span(None)
        surface.set_level(None)
        surface.set_log(scene.steps.log_y is not False)
        prepare_steps(surface, _("norm of ∂L/∂W, all layers"), scene)

    @override
    def draw_scene(self, surface: CurvePlot, option: str, scene: Scene, cache: ViewCache) -> None:
        """Draw a line for each net."""
        steps, log = scene.steps, scene.steps.log_y is not False
        curves: list[Curve] = []
        for net in (net for net in scene.nets if net.history.has(WEIGHT_GRADIENT.name)):
            y = total_norm(net.history.column(WEIGHT_GRADIENT.name))
            curve = Curve(net.name, net.history.column("step"), y, net.unit, net.line_style, strong=net.strong)
            curves += with_mean(counted(curve, net.epoch_steps, steps), steps, log)
        surface.set_curves(curves)
        surface.set_note(left_out(scene))
