"""Connects BUILD's state with the layer table; copies and exports it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QApplication

from resviz.analysis.text_tables import FORMATS
from resviz.base.translation import _
from resviz.gui.builder.explanation_subject import ExplanationSubject
from resviz.gui.files import dialogs

if TYPE_CHECKING:
    from resviz.analysis.layer_table import LayerRow
    from resviz.gui.builder.builder_state import BuilderState
    from resviz.gui.builder.layer_panel import LayerPanel


class LayerController(QObject):
    """Shows the selected net's layers, and selects and explains them."""

    def __init__(self, state: BuilderState, panel: LayerPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._state, self._panel = state, panel
        self._stage: str | None = None
        panel.layer_chosen.connect(self._select)
        panel.number_chosen.connect(self._explain)
        panel.copy_wanted.connect(self.copy)
        panel.export_wanted.connect(self.export)

    def show(self) -> None:
        """Show the layers, and scroll to a stage that has just been selected."""
        state, net = self._state, self._state.open_net
        self._panel.set_layers(net.layers, net.spec.label, net.stage_colours(), state.convention)
        self._panel.set_layer(state.layer)
        if state.stage and state.stage != self._stage and state.layer is None:
            self._panel.table.scroll_to_stage(state.stage)
        self._stage = state.stage

    @Slot()
    def copy(self) -> None:
        """Copy the rows shown with all columns."""
        table = self._panel.shown()
        QApplication.clipboard().setText(table.to_tsv())
        self._state.message(_("{count} rows were copied as tab-separated text.").format(count=len(table.rows)))

    @Slot(str)
    def export(self, ending: str) -> None:
        """Save the rows shown in one of the text formats, after asking where."""
        title, write = FORMATS[ending]
        name = f"{dialogs.file_name(self._state.open_net.spec.label)}-layers.{ending}"
        path = dialogs.ask_where(
            self._panel, _("Layer table as {format}").format(format=title), name, [(ending, title)]
        )
        if path is not None:
            dialogs.write_and_report(path, write(self._panel.shown()), self._state.message.emit)

    @Slot(str)
    def _select(self, layer: str) -> None:
        self._state.select_layer(layer)

    @Slot(object, str)
    def _explain(self, row: LayerRow, quantity: str) -> None:
        group = ExplanationSubject(quantity, group=row.name, members=row.members)
        self._state.explain(group if row.is_group else ExplanationSubject(quantity, layer=row.name))
