"""The difference of two nets' heat maps, layer by layer and step by step."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.plots.heat_image import HeatImage
from resviz.gui.plots.heat_map import windowed
from resviz.gui.plots.views.layer_step_heat import LayerStepHeatView
from resviz.gui.plots.views.view import ViewCache, place_names, register_view

if TYPE_CHECKING:
    from resviz.gui.plots.heat_plot import HeatPlot
    from resviz.gui.plots.scene import PlottedNet, Scene


@register_view
class HeatDifferenceView(LayerStepHeatView):
    """How far the first net is above the second, at each step and layer that both have."""

    name = "difference"
    title = _("Difference of two, layer × step")
    order = 160
    in_train = False
    max_nets = None

    @override
    def empty_reason(self, scene: Scene, option: str) -> str | None:
        """Return a reason unless there are two runs with the same number of places."""
        if not scene.nets:
            return scene.waiting
        nets = _pair(scene, option)
        if len(nets) < 2:
            return _("Select two runs that record this quantity to see their difference.")
        quantity = nets[0].history.layers.quantity(option)
        assert quantity is not None
        if len({len(net.history.layers.along(quantity.axis)) for net in nets}) > 1:
            return _(
                "{first} and {second} have different numbers of layers, so they can't be subtracted layer by layer."
            ).format(first=nets[0].name, second=nets[1].name)
        if nets[0].history.stride != nets[1].history.stride:
            return _("{first} and {second} keep different steps, so they can't be subtracted step by step.").format(
                first=nets[0].name, second=nets[1].name
            )
        return None

    @override
    def is_complete(self, scene: Scene, option: str) -> bool:
        """Return a report shows it for exactly two runs."""
        having = [net for net in scene.nets if net.history.has(option)]
        return len(having) == 2 and self.empty_reason(scene, option) is None

    @override
    def draw_scene(self, surface: HeatPlot, option: str, scene: Scene, cache: ViewCache) -> None:
        """Draw the difference; of a quantity on a log scale the logarithm of the quotient."""
        first, second = _pair(scene, option)
        quantity = first.history.layers.quantity(option)
        assert quantity is not None
        steps = min(first.history.count, second.history.count)
        parts = [windowed(net.history, quantity, 0, steps) for net in (first, second)]
        image = parts[0][0] - parts[1][0]
        most = float(np.nanmax(np.abs(image), initial=0.0, where=np.isfinite(image))) or 1.0
        most = math.ceil(2 * most) / 2 if quantity.log else most
        scale = (
            _("log₁₀ of {first} / {second}").format(first=first.name, second=second.name)
            if quantity.log
            else f"{first.name} − {second.name}"
        )
        stride = first.history.stride
        rectangle = (-0.5 * stride, 0.5, max(steps, 2) * stride, image.shape[0] * parts[0][1])
        name = _("{quantity}: {first} against {second}").format(
            quantity=_(quantity.title), first=first.name, second=second.name
        )
        picture = HeatImage(
            name,
            "",
            0,
            image,
            rectangle,
            True,
            parts[0][2] * stride,
            place_names(first.history, quantity),
            quantity.log,
        )
        surface.set_pictures([picture], -most, most, False, scale, difference=True)
        surface.set_cursor(None if scene.live else scene.step)
        more = _(" · only the first two of the selected runs") if len(scene.nets) > 2 else ""
        surface.set_note(_("orange: {net} is larger").format(net=first.name) + more)


def _pair(scene: Scene, option: str) -> list[PlottedNet]:
    return [net for net in scene.nets if net.history.has(option)][:2]
