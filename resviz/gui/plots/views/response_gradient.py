"""The gradient of each layer's response against depth: it vanishes in a plain net."""

from __future__ import annotations

from resviz.base.translation import _
from resviz.gui.plots.views.curve_view import DepthView
from resviz.gui.plots.views.view import register_view
from resviz.measurements.quantities import RESPONSE_GRADIENT


@register_view
class ResponseGradientView(DepthView):
    """The gradient of each layer's response against depth: it vanishes in a plain net."""

    name = "response_gradient"
    title = _("Gradient of the responses")
    order = 10
    measured = RESPONSE_GRADIENT
