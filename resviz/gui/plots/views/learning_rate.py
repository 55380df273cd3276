"""The learning rate against steps."""

from __future__ import annotations

from resviz.base.translation import _
from resviz.gui.plots.views.scalar_view import ScalarView
from resviz.gui.plots.views.view import register_view
from resviz.measurements import scalars


@register_view
class LearningRateView(ScalarView):
    """The learning rate of each update."""

    name = "learning_rate"
    title = _("Learning rate")
    order = 70
    scalars = ((scalars.LEARNING_RATE, ""),)
