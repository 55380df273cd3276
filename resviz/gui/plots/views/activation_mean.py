"""The mean output of each nonlinearity, against depth."""

from __future__ import annotations

from resviz.base.translation import _
from resviz.gui.plots.views.curve_view import DepthView
from resviz.gui.plots.views.view import register_view
from resviz.measurements.quantities import ACTIVATION_MEAN


@register_view
class ActivationMeanView(DepthView):
    """The mean output of each nonlinearity, against depth."""

    name = "activation_mean"
    title = _("Mean activation")
    order = 100
    measured = ACTIVATION_MEAN
