"""Autograd, asked from the window: a process of its own, for torch takes seconds to load."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QProcess, Signal, Slot

from resviz.base.translation import _
from resviz.gui.workers.command_process import end

if TYPE_CHECKING:
    from collections.abc import Sequence


class AutogradProcess(QObject):
    """Answers come in the order of the questions; `close` ends the process, and no answer follows."""

    answered = Signal(str, object, object)
    """The function's name, the arguments it was given, and what it gave."""
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._asked: tuple[str, Sequence[Any]] | None = None
        self._next: tuple[str, Sequence[Any]] | None = None

    def ask(self, name: str, arguments: Sequence[Any]) -> None:
        """A question; one that waits behind another is forgotten for a later one."""
        if self._asked is not None:
            self._next = (name, arguments)
            return
        if self._process is None:
            process = self._process = QProcess(self)
            process.readyReadStandardOutput.connect(self._read)
            process.finished.connect(self._ended)
            process.errorOccurred.connect(self._ended)
            process.start(sys.executable, ["-m", "resviz.training.autograd_illustrations"])
        self._asked = (name, arguments)
        self._process.write((json.dumps([name, arguments]) + "\n").encode())

    def close(self) -> None:
        """End the process."""
        process, self._process, self._asked, self._next = self._process, None, None, None
        end(process)

    @Slot()
    def _read(self) -> None:
        while self._process is not None and self._process.canReadLine():
            name, arguments, value = json.loads(bytes(self._process.readLine().data()))
            self._asked = None
            self.answered.emit(name, arguments, value)
            if self._next is not None:
                following, self._next = self._next, None
                self.ask(*following)

    @Slot()
    def _ended(self) -> None:
        if self._process is not None:
            error_text = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace").strip()
            self.close()
            self.failed.emit(error_text.splitlines()[-1] if error_text else _("the process ended"))
