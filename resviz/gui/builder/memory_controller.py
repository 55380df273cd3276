"""Computes the memory of the table's nets when it is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from resviz.analysis.memory import inference, training
from resviz.gui.builder.memory_panel import MemoryPanel, MemoryRow

if TYPE_CHECKING:
    from resviz.gui.builder.builder_state import BuilderState


class MemoryController(QObject):
    """Connects BUILD's state with the memory panel."""

    def __init__(self, state: BuilderState, panel: MemoryPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._state, self._panel = state, panel
        panel.changed.connect(self.show)

    @Slot()
    def show(self) -> None:
        """Compute and draw the memory if it is visible."""
        panel = self._panel
        if panel.isHidden():
            return
        batch, precision, optimizer = panel.batch.value(), panel.precision.currentData(), panel.optimizer.currentData()
        panel.set_rows(
            [
                MemoryRow(
                    net.spec.label,
                    training(net.graph, batch, precision, optimizer),
                    inference(net.graph, batch, precision),
                )
                for net in self._state.open_nets
            ]
        )
