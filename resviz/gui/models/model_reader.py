"""Captures models one after another in a thread; the models themselves run in processes of their own."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from typing_extensions import override

from resviz.base.errors import ResvizError, user_message
from resviz.capturing.process import CaptureCancelled, capture
from resviz.gui.workers.background_reader import BackgroundReader

if TYPE_CHECKING:
    from resviz.capturing.model_source import ModelSource


class ModelReader(BackgroundReader["ModelSource"]):
    """`captured` brings a net, `failed` what was wrong in one line; neither comes of what was cancelled."""

    captured = Signal(object)
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: deque[ModelSource] = deque()
        self._cancelled = threading.Event()

    def want(self, source: ModelSource) -> None:
        """Capture this model after those that are wanted already."""
        with self._lock:
            self._cancelled.clear()
            self._waiting.append(source)
            self._begin()

    def cancel(self) -> None:
        """End the process at work, and forget what waits."""
        with self._lock:
            self._forget_jobs()

    @override
    def _next_job(self) -> ModelSource | None:
        return self._waiting.popleft() if self._waiting else None

    @override
    def _forget_jobs(self) -> None:
        self._cancelled.set()
        self._waiting.clear()

    @override
    def _read(self, job: ModelSource) -> None:
        try:
            self.captured.emit(capture(job, cancelled=self._cancelled.is_set))
        except CaptureCancelled:
            return
        except (ResvizError, OSError) as error:
            self.failed.emit(user_message(error))
