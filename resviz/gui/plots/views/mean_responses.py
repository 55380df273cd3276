"""Figure 7 in numbers: the mean response of each net, by depth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from typing_extensions import override

from resviz.base.numbers import format_digits
from resviz.base.translation import _
from resviz.gui.plots.views.table_view import TableView
from resviz.gui.plots.views.view import register_view
from resviz.measurements.quantities import RESPONSE
from resviz.results.final_tables import FinalTable

if TYPE_CHECKING:
    from resviz.gui.plots.scene import PlottedNet, Scene
    from resviz.measurements.quantity import Quantity


@register_view
class MeanResponsesView(TableView):
    """A row for each net, plain nets first, each kind by depth."""

    name = "mean_responses"
    title = _("Mean responses")
    order = 85
    hint = _("figure 7")

    @override
    def quantity(self, option: str) -> Quantity:
        """Return the response."""
        return RESPONSE

    @override
    def table(self, scene: Scene, option: str) -> FinalTable:
        """Return mean, median and largest response of the convolutions at the step that is shown."""
        nets = [net for net in scene.nets if net.history.has(RESPONSE.name)]
        nets.sort(key=lambda net: (net.unit != "plain", len(net.history.layers.layers)))
        headings = (_("net"), _("convolutions"), _("mean"), _("median"), _("largest"))
        note = _(
            "Standard deviation of each convolution's output after normalization. Section 4.2: residual nets have "
            "generally smaller responses than plain nets, and deeper residual nets have smaller ones."
        )
        return FinalTable(self.title, headings, tuple(map(_row, nets)), (), note)


def _row(net: PlottedNet) -> tuple[str, ...]:
    values = net.history.at(RESPONSE.name, net.row)[net.history.response_layers].astype(np.float64)
    if not len(values):
        return (net.name, "0", "—", "—", "—")
    found = (values.mean(), float(np.median(values)), values.max())
    return (net.name, str(len(values)), *map(format_digits, map(float, found)))
