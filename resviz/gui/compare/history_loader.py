"""Reads what runs have measured, in a thread of its own: of a large run it takes a tenth of a second."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from typing_extensions import override

from resviz.base.errors import RunError, unreadable
from resviz.gui.workers.background_reader import BackgroundReader
from resviz.runs.run_history import read_history

if TYPE_CHECKING:
    from pathlib import Path

    from resviz.measurements.history import RunHistory


class HistoryLoader(BackgroundReader["tuple[str, Path]"]):
    """`read` brings a run's key and its History, or the RunError that kept it from being read."""

    read = Signal(str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: deque[tuple[str, Path]] = deque()

    def want(self, key: str, folder: Path) -> None:
        """Read this one after those that are wanted already."""
        with self._lock:
            if any(known == key for known, _folder in self._waiting):
                return
            self._waiting.append((key, folder))
            self._begin()

    @override
    def _next_job(self) -> tuple[str, Path] | None:
        return self._waiting.popleft() if self._waiting else None

    @override
    def _forget_jobs(self) -> None:
        self._waiting.clear()

    @override
    def _read(self, job: tuple[str, Path]) -> None:
        key, folder = job
        try:
            found: RunHistory | RunError = read_history(folder)
        except RunError as error:
            found = error
        except Exception as error:  # what no reader of ours expects must not keep the others from being read
            found = unreadable(folder, error)
        self.read.emit(key, found)
