"""Counts the selected net again with other people's counters, in a process of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from resviz.base.translation import _
from resviz.gui.workers.command_process import CommandProcess
from resviz.gui.workers.spec_file import SpecFile

if TYPE_CHECKING:
    from resviz.gui.builder.builder_state import BuilderState
    from resviz.gui.builder.crosscheck_panel import CrossCheckPanel
    from resviz.nets.spec import NetSpec


class CrossCheckController(QObject):
    """Connects BUILD's state with the cross-check; torch is loaded in another process, which can be cancelled."""

    def __init__(self, state: BuilderState, panel: CrossCheckPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._state, self._panel = state, panel
        self._file = SpecFile()
        self._process = CommandProcess(self)
        self._checked: NetSpec | None = None
        panel.wanted.connect(self.check)
        panel.cancelled.connect(self._cancel)
        self._process.progressed.connect(self._progressed)
        self._process.done.connect(self._done)
        self._process.failed.connect(self._failed)

    def show(self) -> None:
        """Clear a result that is not the selected net's."""
        if self._checked is not None and self._checked != self._state.open_net.spec:
            self._process.cancel()
            self._checked = None
            self._panel.set_running(False)
            self._panel.set_checks("", (), (0, 0))

    def shut_down(self) -> None:
        """End the process and remove its file."""
        self._process.cancel()
        self._file.remove()

    @property
    def is_running(self) -> bool:
        """Whether a count is under way."""
        return self._process.is_running

    @Slot()
    def check(self) -> None:
        """Start counting."""
        self._checked = self._state.open_net.spec
        self._panel.set_running(True, _("loading torch …"))
        self._process.start("show", str(self._file.write(self._checked)), "--cross-check", "--json")

    @Slot()
    def _cancel(self) -> None:
        self._process.cancel()
        self._checked = None
        self._panel.set_running(False, "cancelled")

    @Slot(str)
    def _progressed(self, line: str) -> None:
        self._panel.set_running(True, line)

    @Slot(str)
    def _done(self, text: str) -> None:
        net = self._state.open_net
        self._panel.set_running(False)
        totals = (net.counts.parameters, net.counts.flops)
        self._panel.set_checks(net.spec.label, json.loads(text)["cross_check"], totals)

    @Slot(str)
    def _failed(self, why: str) -> None:
        self._panel.set_running(False)
        self._panel.set_checks("", (), (0, 0), why)
