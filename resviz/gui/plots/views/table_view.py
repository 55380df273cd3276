"""TableView: what the views drawn as tables of the nets have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from resviz.gui.plots.table_pane import TablePane
from resviz.gui.plots.views.view import View, ViewCache

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resviz.gui.plots.scene import Scene
    from resviz.results.final_tables import FinalTable


class TableView(View):
    """A view that is drawn on a TablePane. Subclasses make the table of a scene."""

    surface = TablePane

    def table(self, scene: Scene, option: str) -> FinalTable:
        """Return the table of a scene in which there is something to show."""
        raise NotImplementedError

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
        surface.set_table(self.table(scene, option))

    @override
    def numbers(self, surface: TablePane) -> list[Sequence[object]]:
        """Return the table's headings and rows."""
        return [surface.content.headings, *surface.content.rows] if surface.content else []
