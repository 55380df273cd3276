"""The gradient of each layer's weights against depth."""

from __future__ import annotations

from resviz.base.translation import _
from resviz.gui.plots.views.curve_view import DepthView
from resviz.gui.plots.views.view import register_view
from resviz.measurements.quantities import WEIGHT_GRADIENT


@register_view
class WeightGradientView(DepthView):
    """The gradient of each layer's weights against depth."""

    name = "weight_gradient"
    title = _("Gradient of the weights")
    order = 20
    hint = _("input × gradient of the response")
    measured = WEIGHT_GRADIENT
