"""Strangers' files and models, read one after another in a thread: whatever is wrong with one, it is a sentence."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from typing_extensions import override

from resviz.base.errors import ResvizError, unreadable
from resviz.gui.workers.background_reader import BackgroundReader, Job

if TYPE_CHECKING:
    from collections.abc import Callable

    from resviz.base.progress import Progress


_TOLD_SECONDS = 0.1


class FileReader(BackgroundReader[Job]):
    """Reads jobs: paths, or something else whose text names it.

    `found` brings what was read of a job, or the ResvizError that kept it from being read. `progressed` says what share
    of it was read.
    """

    found = Signal(object)
    progressed = Signal(float)

    def __init__(self, read_file: Callable[[Job, Progress], object], parent: QObject | None = None) -> None:
        """Prepare to read files with this function, which runs in the thread and may tell how far it is."""
        super().__init__(parent)
        self._read_file = read_file
        self._waiting: deque[Job] = deque()
        self._stopped = threading.Event()
        self._told_at = 0.0

    def want(self, job: Job) -> None:
        """Read this after those that are wanted already."""
        with self._lock:
            self._stopped.clear()
            self._waiting.append(job)
            self._begin()

    def cancel(self) -> None:
        """Stop reading where that is possible. `found` brings an error for each file that was wanted."""
        self._stopped.set()

    @override
    def _next_job(self) -> Job | None:
        return self._waiting.popleft() if self._waiting else None

    @override
    def _forget_jobs(self) -> None:
        self._stopped.set()
        self._waiting.clear()

    def _tell(self, share: float) -> bool:
        if time.monotonic() - self._told_at > _TOLD_SECONDS:
            self._told_at = time.monotonic()
            self.progressed.emit(share)
        return not self._stopped.is_set()

    @override
    def _read(self, job: Job) -> None:
        try:
            found = self._read_file(job, self._tell)
        except ResvizError as error:
            found = error
        except Exception as error:  # a stranger's file must not end the thread
            found = unreadable(job, error)
        self.found.emit(found)
