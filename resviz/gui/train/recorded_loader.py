"""Looks for a saved run that shows a lesson, in a thread of its own, and reads what it measured."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from resviz.base.errors import RunError
from resviz.experiments.recorded_runs import find_recorded
from resviz.runs.run_history import read_history

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from resviz.gui.train.training_setup import TrainingSetup


class RecordedLoader(QObject):
    """`found` brings a setup and the histories of its nets. If no run shows it, nothing comes."""

    found = Signal(object, object)

    def __init__(self, folders: Sequence[Path], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folders = tuple(folders)
        self._thread: threading.Thread | None = None
        self._wanted: TrainingSetup | None = None
        self._lock = threading.Lock()

    def look_for(self, setup: TrainingSetup | None) -> None:
        """Look for this setup, and no longer for the one before. None looks for nothing."""
        with self._lock:
            self._wanted = setup
            if setup is not None and self._thread is None:
                self._thread = threading.Thread(target=self._work, name="recorded runs", daemon=True)
                self._thread.start()

    @property
    def busy(self) -> bool:
        """Whether it is looking."""
        with self._lock:
            return self._thread is not None

    def shut_down(self) -> None:
        """Look for nothing more, and wait for the run that is being read."""
        with self._lock:
            self._wanted, thread = None, self._thread
        if thread is not None:
            thread.join()
        self.blockSignals(True)

    def _work(self) -> None:
        while True:
            with self._lock:
                setup, self._wanted = self._wanted, None
                if setup is None:
                    self._thread = None
                    return
            try:
                histories = [read_history(path) for path in find_recorded(setup.specs, setup.config, self._folders)]
            except RunError:
                continue  # a run that can't be read shows nothing; COMPARE says what is wrong with it
            if histories:
                self.found.emit(setup, histories)
