"""BUILD's controller: the only one that knows the table, the graph, the layers and the options at once."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from resviz.gui.build.column import HEAD, STEM, Column, family, resolve
from resviz.gui.build.depth_table_model import Draft
from resviz.gui.build.view import BuildView
from resviz.gui.graph import picture
from resviz.nets.errors import NetError
from resviz.nets.spec import NetSpec


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
        self.stage = self.column.stage_of(row) or None if row.isdigit() else None
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
        self.chosen = column
        self._change(row, text)

    @Slot(str, str)
    def change_option(self, field: str, value: str) -> None:
        """Another value of an option of the chosen net, or the reason why it makes none."""
        self._change(field, value)

    def _change(self, part: str, text: str) -> None:
        """Another text of a part (a row of the table, or an option) of the chosen net.

        What had been refused before is tried again with it: two changes can be right only together.
        """
        self.drafts.pop((self.chosen, part), None)
        waiting = {key: draft for key, draft in self.drafts.items() if key[0] == self.chosen}
        if self._try(part, text):
            for (_, other), draft in waiting.items():
                self._try(other, draft.text)
        self._forget_lost_layer()
        self._show()

    def _try(self, part: str, text: str) -> bool:
        """Whether the chosen net could be changed; where not, the text is kept with its reason."""
        try:
            self.columns[self.chosen] = _changed(self.column, part, text)
        except NetError as error:
            self.drafts[self.chosen, part] = Draft(text, str(error))
            return False
        self.drafts.pop((self.chosen, part), None)
        return True

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
        view.table.set_row(self.chosen, column.row_of(self.stage) if self.stage else None)
        view.graph.set_picture(picture.draw(column.graph), stages)
        view.graph.set_selection(self.layer, self.stage)
        view.layers.set_counts(column.counts, stages)
        view.layers.set_layer(self.layer)
        view.set_net(column.spec.label)
        drafts = {part: draft for (net, part), draft in self.drafts.items() if net == self.chosen}
        changed = bool(drafts) or column.spec != self._papers[self.chosen]
        view.options.set_spec(column.spec, changed, {part: draft.text for part, draft in drafts.items()})
        view.options.set_problem(list(drafts.values())[-1].reason if drafts else "")
        self.net_selected.emit(column)


def _changed(column: Column, part: str, text: str) -> Column:
    """The column with another text in a row of the table, or another value of an option. Raises NetError."""
    if part in (STEM, HEAD) or part.isdigit():
        return column.with_cell(part, text)
    if part != "classes":
        return resolve(column.spec.with_options(**{part: text}))
    if not (text.strip().isascii() and text.strip().isdigit()):
        raise NetError(f"classes {text[:20]!r} is no number; 1 to 1000000 will do")
    return resolve(column.spec.with_options(classes=int(text.strip()[:12])))
