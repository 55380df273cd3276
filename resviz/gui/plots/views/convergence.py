"""How fast nets learn: the step at which each first reaches a given training loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.plots.views.table_view import TableView
from resviz.gui.plots.views.view import register_view
from resviz.measurements.scalars import LOSS
from resviz.measurements.steps import AVERAGED, first_step_below
from resviz.results.final_tables import FinalTable

if TYPE_CHECKING:
    from resviz.gui.plots.scene import PlottedNet, Scene

LEVELS = (2.0, 1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01)
"""Losses in nats; the chance level of ten classes is 2.3."""


@register_view
class ConvergenceView(TableView):
    """A row for each net, a column for each loss."""

    name = "convergence"
    title = _("Steps to a loss")
    order = 65
    at_one_step = False

    @override
    def table(self, scene: Scene, option: str) -> FinalTable:
        """Return the steps; a dash where a loss was not reached."""
        headings = (_("training loss below"), *(f"{level:g}" for level in LEVELS))
        rows = tuple((net.name, *_steps(net)) for net in scene.nets)
        note = _(
            "First step at which the mean loss of {count} batches is below the value, in nats. A dash: not reached. "
            "Section 4.1 compares 18-layer nets: the ResNet converges faster."
        ).format(count=AVERAGED)
        return FinalTable(self.title, headings, rows, (), note)


def _steps(net: PlottedNet) -> tuple[str, ...]:
    steps, losses = net.history.column("step"), net.history.column(LOSS.name)
    found = (first_step_below(steps, losses, level) for level in LEVELS)
    return tuple("—" if step is None else str(step) for step in found)
