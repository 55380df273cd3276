"""BUILD's controller: the only one that knows the table, the graph, the layers and the options at once."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from resviz.gui.build import picture
from resviz.gui.build.column import Column, family, resolve
from resviz.gui.build.depth_table_model import Draft
from resviz.gui.build.view import BuildView
from resviz.nets.errors import NetError
from resviz.nets.spec import NetSpec

_INPUT, _CLASSES = "input", "classes"


class BuildController(QObject):
    """Holds the columns and one selection (net, row, layer), and shows both in every view.

    What can't be a net is kept as a Draft beside the last net that could; nothing that is typed is lost.
    """

    net_selected = Signal(object)
    """The Column chosen, at every change of it."""

    def __init__(self, view: BuildView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.view = view
        self.columns: list[Column] = []
        self._papers: list[NetSpec] = []
        self.drafts: dict[tuple[int, str], Draft] = {}
        self.chosen = 0
        self.stage: str | None = None
        self.layer: str | None = None
        view.family_chosen.connect(self.show_family)
        view.table.chosen.connect(self._cell_chosen)
        view.table.cell_edited.connect(self.edit_cell)
        view.options.changed.connect(self.change_option)
        view.options.reset.connect(self.reset_column)
        view.graph.layer_chosen.connect(self.choose_layer)
        view.layers.layer_chosen.connect(self.choose_layer)

    @property
    def column(self) -> Column:
        return self.columns[self.chosen]

    @Slot(str)
    def show_family(self, key: str) -> None:
        """Another depth table. A first look shows a net whose shortcuts can be seen whole."""
        self.columns = family(key)
        self._papers = [column.spec for column in self.columns]
        self.drafts.clear()
        self.chosen, self.stage, self.layer = min(1, len(self.columns) - 1), None, None
        self.view.set_family(key)
        self._show()

    @Slot(int, str)
    def _cell_chosen(self, column: int, row: str) -> None:
        same = column == self.chosen
        self.chosen = column
        self.stage = row if row in self.column.stage_names() else None
        self.layer = None if self.stage or not same else self.layer
        self._show()
        if self.stage:
            self.view.layers.scroll_to_stage(self.stage)

    @Slot(str)
    def choose_layer(self, name: str) -> None:
        self.layer = name
        self.stage = self.column.graph[name].stage
        self._show()

    @Slot(int, str, str)
    def edit_cell(self, column: int, row: str, text: str) -> None:
        """What was typed into a cell: a net of it, or the reason why there is none."""
        try:
            self.columns[column] = self.columns[column].with_cell(row, text)
        except NetError as error:
            self.drafts[column, row] = Draft(text, str(error))
        else:
            self.drafts.pop((column, row), None)
        self.chosen = column
        self._forget_lost_layer()
        self._show()

    @Slot(str, str)
    def change_option(self, field: str, value: str) -> None:
        """Another value of an option; one that makes no net is refused with its reason, and the net stays."""
        key = (self.chosen, field)
        try:
            changes: dict[str, object] = {field: value}
            if field == _CLASSES:
                if not (value.strip().isascii() and value.strip().isdigit()):
                    raise NetError(f"classes {value[:20]!r} is no number; 1 to 1000000 will do")
                changes = {field: int(value.strip()[:12])}
            self.columns[self.chosen] = resolve(self.column.spec.with_options(**changes))
        except NetError as error:
            self.drafts[key] = Draft(value, str(error))
        else:
            self.drafts.pop(key, None)
        self._forget_lost_layer()
        self._show()

    @Slot()
    def reset_column(self) -> None:
        self.columns[self.chosen] = resolve(self._papers[self.chosen])
        self.drafts = {key: draft for key, draft in self.drafts.items() if key[0] != self.chosen}
        self._forget_lost_layer()
        self._show()

    def _forget_lost_layer(self) -> None:
        if self.layer is not None and self.layer not in self.column.graph:
            self.layer = None
        if self.stage is not None and self.stage not in self.column.stage_names():
            self.stage = None

    def _show(self) -> None:
        column, view = self.column, self.view
        stages = column.stage_names()
        view.table.set_columns(self.columns, self.drafts, self.chosen)
        view.table.set_row(self.chosen, self.stage)
        view.graph.set_picture(picture.draw(column.graph), stages)
        view.graph.set_selection(self.layer, self.stage)
        view.layers.set_counts(column.counts, stages)
        view.layers.set_layer(self.layer)
        view.set_net(column.spec.label)
        view.options.set_spec(column.spec, column.spec != self._papers[self.chosen])
        reasons = [draft.reason for key, draft in self.drafts.items() if key[0] == self.chosen]
        view.options.set_problem(reasons[-1] if reasons else "")
        self.net_selected.emit(column)
