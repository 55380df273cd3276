"""How much each block adds to its shortcut, block by block."""

from __future__ import annotations

from resviz.base.translation import _
from resviz.gui.plots.views.curve_view import DepthView
from resviz.gui.plots.views.view import register_view
from resviz.measurements.quantities import RESIDUAL_SHARE


@register_view
class ResidualShareView(DepthView):
    """How much each block adds to its shortcut, block by block."""

    name = "residual_share"
    title = _("|F(x)| / |x| by block")
    order = 140
    measured = RESIDUAL_SHARE
