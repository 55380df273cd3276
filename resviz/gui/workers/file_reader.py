"""Strangers' files, read one after another in a thread: whatever is wrong with one, it is a sentence."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from typing_extensions import override

from resviz.base.errors import ResvizError, RunError
from resviz.base.translation import _
from resviz.gui.workers.background_reader import BackgroundReader

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class FileReader(BackgroundReader["Path"]):
    """`found` brings what was read of a file, or the ResvizError that kept it from being read."""

    found = Signal(object)

    def __init__(self, read_file: Callable[[Path], object], parent: QObject | None = None) -> None:
        """Prepare to read files with this function, which runs in the thread."""
        super().__init__(parent)
        self._read_file = read_file
        self._waiting: deque[Path] = deque()

    def want(self, path: Path) -> None:
        """Read this file after those that are wanted already."""
        with self._lock:
            self._waiting.append(path)
            self._begin()

    @override
    def _next_job(self) -> Path | None:
        return self._waiting.popleft() if self._waiting else None

    @override
    def _forget_jobs(self) -> None:
        self._waiting.clear()

    @override
    def _read(self, job: Path) -> None:
        try:
            found = self._read_file(job)
        except ResvizError as error:
            found = error
        except Exception as error:  # a stranger's file must not end the thread
            why = " ".join(str(error).split())[:200]
            found = RunError(
                _("{path} can't be read: {reason}").format(path=job, reason=f"{type(error).__name__}: {why}")
            )
        self.found.emit(found)
