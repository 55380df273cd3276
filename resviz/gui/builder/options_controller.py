"""Connects BUILD's state with the options of the selected net."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from resviz.gui.builder.table_rows import CellRow

if TYPE_CHECKING:
    from resviz.gui.builder.builder_state import BuilderState
    from resviz.gui.builder.options_panel import OptionsPanel

_FIELDS = {CellRow.STEM: "stem", CellRow.HEAD: "head"}
"""Rows of the table that are options too."""


class OptionsController(QObject):
    """Shows the selected net's options, and changes them."""

    def __init__(self, state: BuilderState, panel: OptionsPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._state, self._panel = state, panel
        panel.changed.connect(self._edit)
        panel.edit_ended.connect(self._end_edit)
        panel.reset.connect(self._reset)

    def show(self) -> None:
        """Show every option, the text that is being typed, and the last reason why it is not valid."""
        net = self._state.document.net
        typed = {
            part if isinstance(part, str) else _FIELDS[part]: draft.text
            for part, draft in net.drafts.items()
            if isinstance(part, str) or part in _FIELDS
        }
        self._panel.set_spec(net.open_net.spec, net.open_net.spec != net.paper, typed, bool(net.drafts))
        self._panel.set_problem(list(net.drafts.values())[-1].reason if net.drafts else "")

    @Slot(str, str)
    def _edit(self, field: str, text: str) -> None:
        self._state.edit(field, text)

    @Slot()
    def _end_edit(self) -> None:
        self._state.end_edit()

    @Slot()
    def _reset(self) -> None:
        self._state.reset()
