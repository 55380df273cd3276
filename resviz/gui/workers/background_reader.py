"""A thread that reads files while the window stays in use, started when there is something to read."""

from __future__ import annotations

import threading
from abc import abstractmethod
from typing import Generic, TypeVar

from PySide6.QtCore import QObject

from resviz.gui.workers.patience import seconds_left

Job = TypeVar("Job")

_threads: set[threading.Thread] = set()
"""The threads of all readers that are at work."""


def still_reading() -> bool:
    """Return whether any reader is at work."""
    return any(thread.is_alive() for thread in tuple(_threads))


class BackgroundReader(QObject, Generic[Job]):
    """Reads job after job, and ends when none is left. Subclasses say which is next, and how a job is read."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        """Held while jobs are added or taken."""
        self._thread: threading.Thread | None = None

    def shut_down(self) -> None:
        """Wait a little for what is being read, and read nothing more."""
        with self._lock:
            self._forget_jobs()
            thread = self._thread
        if thread is not None:
            thread.join(seconds_left())
        self.blockSignals(True)

    def _begin(self) -> None:
        """Start the thread if it does not run. Call this with the lock held."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name=type(self).__name__, daemon=True)
            _threads.add(self._thread)
            self._thread.start()

    @abstractmethod
    def _next_job(self) -> Job | None:
        """Take the next job, or return None. The lock is held."""

    @abstractmethod
    def _forget_jobs(self) -> None:
        """Take all jobs away. The lock is held."""

    @abstractmethod
    def _read(self, job: Job) -> None:
        """Read a job in the thread, and emit what came of it."""

    def _work(self) -> None:
        while True:
            with self._lock:
                job = self._next_job()
                if job is None:
                    _threads.discard(threading.current_thread())
                    self._thread = None
                    return
            self._read(job)
