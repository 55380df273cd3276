"""Keeps the list of runs up to date: looks through the folders a few milliseconds at a time, each second anew."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from resviz.base.errors import RunError
from resviz.results.summary import summarize_run
from resviz.runs.index import RunEntry, RunIndex

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from resviz.results.run_summary import RunSummary

_SLICE_S = 0.008
"""Of a frame: the rest is the window's."""
_AT_ONCE_S = 0.1
"""For the first look: what is not read by then comes while the window is in use."""
_EVERY_MS = 1000
_SHOW_EVERY_S = 0.25


class RunWatcher(QObject):
    """Watches run folders. `changed` tells that `results` or `problems` have changed."""

    changed = Signal()

    def __init__(self, folders: Mapping[Path, bool], parent: QObject | None = None) -> None:
        """Prepare to watch. `folders` are folders of runs, each with whether they are samples."""
        super().__init__(parent)
        self.results: dict[str, RunSummary] = {}
        """By key, in the order of the folders and there the newest first."""
        self._samples = dict(folders)
        self._index = RunIndex(list(folders))
        self._unbuildable: dict[Path, tuple[RunEntry, RunError]] = {}
        self._looking: Iterator[bool] | None = None
        self._dirty = False
        self._shown_at = 0.0
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._slice)

    def add_run(self, folder: Path) -> None:
        """Watch also the folder that a run lies in."""
        root = folder.absolute().parent
        if root not in self._samples:
            self._samples[root] = False
            self._index.roots = tuple(self._samples)

    @property
    def problems(self) -> list[RunError]:
        """Why some run folders can't be shown."""
        return [*self._index.problems.values(), *(error for _, error in self._unbuildable.values())]

    @property
    def reading(self) -> bool:
        """Whether it is not through yet."""
        return self._looking is not None

    def start(self) -> None:
        """Read the folders at once, and then every second."""
        self._looking = self._index.look()
        self._go_on(_AT_ONCE_S)

    def stop(self) -> None:
        """Stop watching the folders."""
        self._timer.stop()
        self._looking = None

    @Slot()
    def _slice(self) -> None:
        if self._looking is None:
            self._looking = self._index.look()
        self._go_on(_SLICE_S)

    def _go_on(self, seconds: float) -> None:
        end = time.perf_counter() + seconds
        assert self._looking is not None
        for changed in self._looking:
            self._dirty |= changed
            if time.perf_counter() > end:
                self._timer.start(0)
                if time.monotonic() - self._shown_at > _SHOW_EVERY_S:
                    self._tell()
                return
        self._looking = None
        self._timer.start(_EVERY_MS)
        self._tell()

    def _tell(self) -> None:
        if not self._dirty:
            return
        self._dirty = False
        self._shown_at = time.monotonic()
        found: dict[str, RunSummary] = {}
        for root, sample in self._samples.items():
            here = [run for run in self._index.runs.values() if run.folder.parent == root]
            for run in sorted(here, key=lambda run: (run.info.created, run.info.id), reverse=True):
                known = self.results.get(run.key) or self._result(run, sample)
                if known is not None and known.run is not run:
                    known = self._result(run, sample)
                if known is not None:
                    found[run.key] = known
        self._unbuildable = {folder: one for folder, one in self._unbuildable.items() if folder in self._index.runs}
        self.results = found
        self.changed.emit()

    def _result(self, run: RunEntry, sample: bool) -> RunSummary | None:
        before = self._unbuildable.get(run.folder)
        if before is not None and before[0] is run:
            return None
        self._unbuildable.pop(run.folder, None)
        try:
            return summarize_run(run, sample)
        except RunError as error:
            self._unbuildable[run.folder] = run, error
            return None
