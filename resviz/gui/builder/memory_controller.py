"""What the table's nets take in memory: computed when that is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from resviz.analysis.memory import inference, training
from resviz.gui.builder.memory_panel import MemoryRow

if TYPE_CHECKING:
    from resviz.gui.builder.build_controller import BuildController


class MemoryController(QObject):
    def __init__(self, build: BuildController) -> None:
        super().__init__(build)
        self._build = build
        build.view.memory.changed.connect(self.show)

    @Slot()
    def show(self) -> None:
        """Nothing where it is out of sight."""
        panel = self._build.view.memory
        if self._build.view.tab != "memory":
            return
        batch, precision, optimiser = panel.batch.value(), panel.precision.currentData(), panel.optimiser.currentData()
        panel.set_rows(
            [
                MemoryRow(
                    column.spec.label,
                    training(column.graph, batch, precision, optimiser),
                    inference(column.graph, batch, precision),
                )
                for column in self._build.columns
            ]
        )
