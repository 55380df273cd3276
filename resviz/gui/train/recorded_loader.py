"""Looks for a saved run that shows a lesson, in a thread of its own, and reads what it measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from typing_extensions import override

from resviz.base.errors import RunError
from resviz.experiments.recorded_runs import find_recorded
from resviz.gui.workers.background_reader import BackgroundReader
from resviz.runs.folder import RunFolder
from resviz.runs.run_history import read_history

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from resviz.gui.train.training_setup import TrainingSetup


class RecordedLoader(BackgroundReader["TrainingSetup"]):
    """`found` brings a setup, the histories of its nets and their steps a second. If no run shows it, nothing comes."""

    found = Signal(object, object, float)

    def __init__(self, folders: Sequence[Path], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folders = tuple(folders)
        self._wanted: TrainingSetup | None = None

    def look_for(self, setup: TrainingSetup | None) -> None:
        """Look for this setup, and no longer for the one before. None looks for nothing."""
        with self._lock:
            self._wanted = setup
            if setup is not None:
                self._begin()

    @override
    def _next_job(self) -> TrainingSetup | None:
        setup, self._wanted = self._wanted, None
        return setup

    @override
    def _forget_jobs(self) -> None:
        self._wanted = None

    @override
    def _read(self, job: TrainingSetup) -> None:
        try:
            paths = find_recorded(job.specs, job.config, self._folders)
            histories = [read_history(path) for path in paths]
            rates = [rate for path in paths if (rate := RunFolder(path).info.steps_per_second)]
        except RunError:
            return  # a run that can't be read shows nothing; COMPARE says what is wrong with it
        if histories:
            self.found.emit(job, histories, min(rates, default=0.0))
