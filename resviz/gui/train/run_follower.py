"""Reads runs again and again while another program writes them, in a thread of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from typing_extensions import override

from resviz.base.errors import RunError, unreadable
from resviz.gui.train.followed_runs import FollowedRuns
from resviz.gui.workers.background_reader import BackgroundReader
from resviz.results.summary import read_summary
from resviz.runs.index import stamp_of
from resviz.runs.run_history import read_history

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from resviz.measurements.history import RunHistory
    from resviz.results.run_summary import RunSummary
    from resviz.runs.index import Stamp

_EVERY_MS = 500
"""As often as a watch writes."""


class RunFollower(BackgroundReader["tuple[Path, ...]"]):
    """`read` brings FollowedRuns when they have grown or ended, `problem` why a run can't be read."""

    read = Signal(object)
    problem = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folders: tuple[Path, ...] = ()
        self._waiting = False
        self._known: dict[Path, tuple[Stamp | None, RunSummary, RunHistory]] = {}
        """What was last read of each run, and the stamp of the files that it was read from. The thread's own."""
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self._look)

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders that are followed."""
        return self._folders

    def follow(self, folders: Sequence[Path]) -> None:
        """Read these runs now, and again whenever they have grown. No folder at all ends it."""
        self._folders = tuple(folders)
        if self._folders:
            self._timer.start()
            self._look()
        else:
            self._timer.stop()
            with self._lock:
                self._forget_jobs()

    @override
    def shut_down(self) -> None:
        self._timer.stop()
        super().shut_down()

    @Slot()
    def _look(self) -> None:
        with self._lock:
            self._waiting = True
            self._begin()

    @override
    def _next_job(self) -> tuple[Path, ...] | None:
        job, self._waiting = (self._folders if self._waiting else None), False
        return job

    @override
    def _forget_jobs(self) -> None:
        self._waiting = False

    @override
    def _read(self, job: tuple[Path, ...]) -> None:
        before, self._known = self._known, {}
        for folder in job:
            try:
                self._known[folder] = _read(folder, before.get(folder))
            except RunError as error:
                self.problem.emit(str(error))
                return
            except Exception as error:  # what no reader expects must not end the thread
                self.problem.emit(str(unreadable(folder, error)))
                return
        if before != self._known:
            self.read.emit(FollowedRuns.of([(run, history) for _stamp, run, history in self._known.values()]))


def _read(
    folder: Path, before: tuple[Stamp | None, RunSummary, RunHistory] | None
) -> tuple[Stamp | None, RunSummary, RunHistory]:
    """Read a run, its rows only if they have grown. A program that is killed changes no file, but its run has ended."""
    stamp = stamp_of(folder)
    if before is not None and before[0] == stamp and before[1].info.state != "running":
        return before
    run = read_summary(folder)
    if before is not None and before[0] == stamp:
        return before if before[1].info == run.info else (stamp, run, before[2])
    return stamp, run, read_history(folder)
