"""How much each layer's weights change in a step, against depth."""

from __future__ import annotations

from resviz.base.translation import _
from resviz.gui.plots.views.curve_view import DepthView
from resviz.gui.plots.views.view import register_view
from resviz.measurements.quantities import UPDATE_RATIO


@register_view
class UpdateRatioView(DepthView):
    """The change of each layer's weights in a step, over depth."""

    name = "update_ratio"
    title = _("Update ratio")
    order = 30
    measured = UPDATE_RATIO
