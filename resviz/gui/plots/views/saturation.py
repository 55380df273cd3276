"""How much of each nonlinearity's output is saturated, against depth."""

from __future__ import annotations

from resviz.base.translation import _
from resviz.gui.plots.views.curve_view import DepthView
from resviz.gui.plots.views.view import register_view
from resviz.measurements.quantities import SATURATION


@register_view
class SaturationView(DepthView):
    """How much of each nonlinearity's output is saturated, against depth."""

    name = "saturation"
    title = _("Saturation")
    order = 90
    measured = SATURATION
