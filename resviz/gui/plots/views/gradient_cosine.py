"""The angle between the two terms of eq. 5, block by block."""

from __future__ import annotations

from resviz.base.translation import _
from resviz.gui.plots.views.curve_view import DepthView
from resviz.gui.plots.views.view import register_view
from resviz.measurements.quantities import GRADIENT_COSINE


@register_view
class GradientCosineView(DepthView):
    """The angle between the two terms of eq. 5, block by block."""

    name = "gradient_cosine"
    title = _("Cosine of the two terms")
    order = 130
    measured = GRADIENT_COSINE
