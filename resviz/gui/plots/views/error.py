"""The share of wrong answers against steps, of the batch or of the held-out images."""

from __future__ import annotations

from resviz.base.translation import _
from resviz.gui.plots.views.scalar_view import ScalarView
from resviz.gui.plots.views.view import register_view
from resviz.measurements.scalars import ERROR, HELD_OUT_ERROR


@register_view
class ErrorView(ScalarView):
    """The error."""

    name = "error"
    title = _("Error")
    order = 60
    scalars = ((ERROR, _("batch")), (HELD_OUT_ERROR, _("held-out")))
