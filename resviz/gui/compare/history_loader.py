"""Reads what runs have measured, in a thread of its own: of a large run it takes a tenth of a second."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from resviz.base.errors import RunError
from resviz.base.translation import _
from resviz.runs.run_history import read_history

if TYPE_CHECKING:
    from pathlib import Path

    from resviz.measurements.history import RunHistory


class HistoryLoader(QObject):
    """`read` brings a run's key and its History, or the RunError that kept it from being read."""

    read = Signal(str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: deque[tuple[str, Path]] = deque()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def want(self, key: str, folder: Path) -> None:
        """Read this one after those that are wanted already."""
        with self._lock:
            if any(known == key for known, _ in self._waiting):
                return
            self._waiting.append((key, folder))
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="reader", daemon=True)
                self._thread.start()

    def shut_down(self) -> None:
        """Wait for the run that is being read, and read no other."""
        with self._lock:
            self._waiting.clear()
            thread = self._thread
        if thread is not None:
            thread.join()
        self.blockSignals(True)

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._thread = None
                    return
                key, folder = self._waiting.popleft()
            try:
                found: RunHistory | RunError = read_history(folder)
            except RunError as error:
                found = error
            except Exception as error:  # what no reader of ours expects must not keep the others from being read
                why = " ".join(str(error).split())[:200]
                found = RunError(
                    _("{folder} can't be read: {reason}").format(folder=folder, reason=f"{type(error).__name__}: {why}")
                )
            self.read.emit(key, found)
