"""Looks for a saved run that shows a lesson, in a thread of its own, and reads what it measured."""

from __future__ import annotations

from dataclasses import dataclass
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
    from resviz.measurements.history import RunHistory


@dataclass(frozen=True)
class LessonRuns:
    """Saved runs of what is set up: what its nets measured, their held-out errors at the end, and steps a second."""

    setup: TrainingSetup
    histories: tuple[RunHistory, ...]
    errors: tuple[float | None, ...]
    rate: float | None


class RecordedLoader(BackgroundReader["TrainingSetup"]):
    """`found` brings LessonRuns. If no run shows what is set up, nothing comes."""

    found = Signal(object)

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
            histories = tuple(read_history(path) for path in paths)
            infos = [RunFolder(path).info for path in paths]
        except RunError:
            return  # a run that can't be read shows nothing; COMPARE says what is wrong with it
        if histories:
            rates = [info.steps_per_second for info in infos if info.steps_per_second]
            self.found.emit(LessonRuns(job, histories, tuple(info.error for info in infos), min(rates, default=None)))
