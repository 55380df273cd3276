"""The papers' tables of final errors, with columns of one's own runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.plots.views.table_view import TableView
from resviz.gui.plots.views.view import register_view
from resviz.results.final_tables import TABLES, FinalTable
from resviz.results.run_summary import trained_runs

if TYPE_CHECKING:
    from resviz.gui.plots.scene import Scene


@register_view
class FinalTableView(TableView):
    """One's own errors, or one of the papers' tables with one's own columns."""

    name = "table"
    title = _("Final table")
    order = 180
    in_train = False
    at_one_step = False

    @property
    @override
    def options(self) -> tuple[tuple[str, str], ...]:
        """Which table."""
        return (
            ("own", _("these runs")),
            ("table2", _("as table 2")),
            ("table3", _("as table 3")),
            ("table6", _("as table 6")),
        )

    @override
    def empty_reason(self, scene: Scene, option: str) -> str | None:
        """Return a table needs runs, not what they measured on the way."""
        return None if trained_runs(scene.results) else scene.waiting

    @override
    def table(self, scene: Scene, option: str) -> FinalTable:
        """Return the table of the runs."""
        return TABLES[option](scene.results)
