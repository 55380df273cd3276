"""Connects BUILD's state with the depth table and the actions on its nets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Slot

from resviz.gui.actions.action_table import BUILD
from resviz.gui.builder.explanation_subject import ExplanationSubject

if TYPE_CHECKING:
    from resviz.gui.actions.actions import Actions
    from resviz.gui.builder.builder_state import BuilderState
    from resviz.gui.builder.depth_table_view import DepthTable
    from resviz.gui.builder.table_rows import CellRow, StageRow, TableRow, TotalRow


class TableController(QObject):
    """Shows the table, and changes the state by what is typed and done in it."""

    def __init__(self, state: BuilderState, table: DepthTable, actions: Actions, parent: QObject) -> None:
        super().__init__(parent)
        self._state, self._table, self._actions = state, table, actions
        table.chosen.connect(self._select_cell)
        table.cell_edited.connect(self._edit_cell)
        table.edit_ended.connect(self._end_edit)
        table.renamed.connect(self._rename)
        table.moved.connect(self._move)
        table.menu_wanted.connect(self._show_menu)
        table.number_chosen.connect(self._explain)
        for name, slot in (
            ("undo", state.undo),
            ("redo", state.redo),
            ("duplicate", state.duplicate),
            ("rename", self._edit_name),
            ("remove", state.remove),
            ("left", self._move_left),
            ("right", self._move_right),
        ):
            actions.on(name, slot, BUILD)

    def show(self) -> None:
        """Show the document, its selected row, and which steps can be undone."""
        state = self._state
        self._table.set_document(state.document, state.convention)
        self._table.set_row(state.selected_index, state.open_net.stage_row(state.stage) if state.stage else None)
        self._actions.set_enabled("undo", state.history.can_undo, BUILD)
        self._actions.set_enabled("redo", state.history.can_redo, BUILD)

    @Slot(int, object)
    def _select_cell(self, net: int, row: TableRow | None) -> None:
        self._state.select_cell(net, row)

    @Slot(int, object, str)
    def _edit_cell(self, net: int, row: CellRow | StageRow, text: str) -> None:
        self._state.edit_cell(net, row, text)

    @Slot()
    def _end_edit(self) -> None:
        self._state.end_edit()

    @Slot(int, str)
    def _rename(self, net: int, name: str) -> None:
        self._state.rename(net, name)

    @Slot(int, int)
    def _move(self, net: int, to: int) -> None:
        self._state.move(net, to)

    @Slot(int, QPoint)
    def _show_menu(self, net: int, place: QPoint) -> None:
        self._state.select_cell(net, None)
        self._actions.menu_of_a_net().popup(place)

    @Slot(int, object)
    def _explain(self, net: int, row: TotalRow) -> None:
        self._state.explain(ExplanationSubject(row.quantity), net)

    def _edit_name(self) -> None:
        self._table.rename(self._state.selected_index)

    def _move_left(self) -> None:
        self._state.move(self._state.selected_index, self._state.selected_index - 1)

    def _move_right(self) -> None:
        self._state.move(self._state.selected_index, self._state.selected_index + 1)
