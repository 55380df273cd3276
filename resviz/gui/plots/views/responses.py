"""Figure 7 of "Deep Residual Learning": the responses of the convolutions, in order or sorted by magnitude."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.plots.depth_curve import depth_curve, spans_decades
from resviz.gui.plots.views.curve_view import DepthView, draw_lines, prepare_depth
from resviz.gui.plots.views.view import ViewCache, register_view
from resviz.measurements.quantities import RESPONSE

if TYPE_CHECKING:
    import numpy as np

    from resviz.gui.plots.curve_plot import CurvePlot
    from resviz.gui.plots.scene import PlottedNet, Scene


@register_view
class ResponsesView(DepthView):
    """The responses of the convolutions; on a log scale only where the values need one."""

    name = "responses"
    title = _("Responses")
    order = 80
    hint = _("figure 7")
    measured = RESPONSE

    @property
    @override
    def options(self) -> tuple[tuple[str, str], ...]:
        """In the net's order, or sorted as in figure 7's second row."""
        return (("layer", _("in order")), ("magnitude", "sorted"))

    @override
    def prepare(self, surface: CurvePlot, option: str, scene: Scene) -> None:
        """Set the axes; a linear one shows 0, as figure 7 does."""
        prepare_depth(surface, RESPONSE)
        surface.set_from_zero(True)
        surface.set_log(spans_decades(self._values(scene)) if scene.nets else RESPONSE.log)
        surface.set_labels(_("layer, by magnitude") if option == "magnitude" else RESPONSE.axis_label, RESPONSE.label)

    @override
    def draw_scene(self, surface: CurvePlot, option: str, scene: Scene, cache: ViewCache) -> None:
        """Draw a line for each net."""
        values = self._values(scene)
        log = spans_decades(values)
        nets = self._nets(scene)
        lines = [depth_curve(y, log=log, by_magnitude=option == "magnitude") for y in values]
        draw_lines(surface, nets, lines)

    @staticmethod
    def _nets(scene: Scene) -> list[PlottedNet]:
        return [net for net in scene.nets if net.history.has(RESPONSE.name)]

    def _values(self, scene: Scene) -> list[np.ndarray]:
        return [net.history.at(RESPONSE.name, net.row)[net.history.response_layers] for net in self._nets(scene)]
