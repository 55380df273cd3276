"""The two terms of eq. 5 of "Identity Mappings": the gradient through the shortcut and through F, block by block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.plots.curve import Curve
from resviz.gui.plots.depth_curve import depth_curve
from resviz.gui.plots.views.curve_view import MAX_DOTS, DepthView
from resviz.gui.plots.views.view import ViewCache, register_view
from resviz.measurements.quantities import RESIDUAL_GRADIENT, SHORTCUT_GRADIENT

if TYPE_CHECKING:
    from resviz.gui.plots.curve_plot import CurvePlot
    from resviz.gui.plots.scene import Scene


@register_view
class GradientTermsView(DepthView):
    """A wide line for the shortcut's gradient, and a thin one for F's."""

    name = "terms"
    title = _("The two terms of eq. 5")
    order = 120
    hint = _("thick: shortcut · thin: F")
    measured = SHORTCUT_GRADIENT

    @override
    def draw_scene(self, surface: CurvePlot, option: str, scene: Scene, cache: ViewCache) -> None:
        """Draw two lines for each net."""
        curves = []
        for net in (net for net in scene.nets if net.history.has(SHORTCUT_GRADIENT.name)):
            for quantity in (SHORTCUT_GRADIENT, RESIDUAL_GRADIENT):
                line = depth_curve(net.history.at(quantity.name, net.row), log=True)
                thin = quantity is RESIDUAL_GRADIENT
                dots = not thin and len(line.x) <= MAX_DOTS
                curves.append(Curve(net.name, line.x, line.y, net.unit, net.line_style, dots, thin=thin))
        surface.set_curves(curves)
        surface.set_note("")
