"""How far the gates of highway nets are open, layer by layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.plots.depth_curve import depth_curve
from resviz.gui.plots.views.curve_view import DepthView, draw_lines, prepare_depth
from resviz.gui.plots.views.view import ViewCache, place_names, register_view
from resviz.measurements.quantities import ACTIVATION_MEAN

if TYPE_CHECKING:
    from resviz.gui.plots.curve_plot import CurvePlot
    from resviz.gui.plots.scene import PlottedNet, Scene


@register_view
class GatesView(DepthView):
    """The mean of each transform gate T: 1 computes a new value, 0 carries x on. Other nonlinearities are left out."""

    name = "gates"
    title = _("Gates")
    order = 105
    measured = ACTIVATION_MEAN

    @override
    def empty_reason(self, scene: Scene, option: str) -> str | None:
        """Return a reason where no net has gates."""
        reason = super().empty_reason(scene, option)
        if reason is None and not any(_gates(net) for net in scene.nets):
            return _("These nets have no gates. Highway nets have them.")
        return reason

    @override
    def prepare(self, surface: CurvePlot, option: str, scene: Scene) -> None:
        """Set the axis of a mean between 0 and 1."""
        prepare_depth(surface, ACTIVATION_MEAN)
        surface.set_log(False)
        surface.set_span((0.0, 1.0))
        surface.set_labels(_("gate, from the input to the output"), _("mean of the gate T"))

    @override
    def draw_scene(self, surface: CurvePlot, option: str, scene: Scene, cache: ViewCache) -> None:
        """Draw a line for each net with gates."""
        nets = [net for net in scene.nets if _gates(net)]
        lines = [
            depth_curve(np.asarray(net.history.at(ACTIVATION_MEAN.name, net.row))[_gates(net)], log=False)
            for net in nets
        ]
        places = [place_names(net.history, ACTIVATION_MEAN) for net in nets]
        names = [tuple(place[number] for number in _gates(net)) for net, place in zip(nets, places, strict=True)]
        draw_lines(surface, nets, lines, names)


def _gates(net: PlottedNet) -> list[int]:
    """Return which of a net's nonlinearities are gates."""
    if not net.history.has(ACTIVATION_MEAN.name):
        return []
    names = place_names(net.history, ACTIVATION_MEAN)
    return [number for number, name in enumerate(names) if name.rpartition(".")[2].startswith("gate")]
