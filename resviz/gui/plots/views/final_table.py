"""The papers' tables of final errors, with columns of one's own runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.plots.table_pane import TablePane
from resviz.gui.plots.views.view import View, ViewCache, register_view
from resviz.results.final_tables import TABLES
from resviz.results.run_summary import trained_runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resviz.gui.plots.scene import Scene


@register_view
class FinalTableView(View):
    """One's own errors, or one of the papers' tables with one's own columns."""

    name = "table"
    title = _("Final table")
    order = 180
    surface = TablePane
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
    def prepare(self, surface: TablePane, option: str, scene: Scene) -> None:
        """Do nothing: a table has no axes."""

    @override
    def clear(self, surface: TablePane) -> None:
        """Show no table."""
        surface.set_table(None)

    @override
    def draw_scene(self, surface: TablePane, option: str, scene: Scene, cache: ViewCache) -> None:
        """Fill the table."""
        surface.set_table(TABLES[option](scene.results))

    @override
    def numbers(self, surface: TablePane) -> list[Sequence[object]]:
        """Return the table's headings and rows."""
        return [surface.content.headings, *surface.content.rows] if surface.content else []
