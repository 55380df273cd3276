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
_AT_ONCE_S = 0.05
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
        self._summaries: dict[Path, tuple[RunEntry, RunSummary | RunError]] = {}
        """What became of each run that was read, by its folder."""
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
        unbuildable = [found for _run, found in self._summaries.values() if isinstance(found, RunError)]
        return [*self._index.problems.values(), *unbuildable]

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
            if changed and self._index.runs:
                self._summarize(self._index.runs[next(reversed(self._index.runs))])  # the one that was read last
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
        runs = self._index.runs
        self._summaries = {folder: known for folder, known in self._summaries.items() if folder in runs}
        found: dict[str, RunSummary] = {}
        for root in self._samples:
            here = [run for run in runs.values() if run.folder.parent == root]
            for run in sorted(here, key=lambda run: (run.info.created, run.info.id), reverse=True):
                summary = self._summarize(run)
                if not isinstance(summary, RunError):
                    found[run.key] = summary
        self.results = found
        self.changed.emit()

    def _summarize(self, run: RunEntry) -> RunSummary | RunError:
        known = self._summaries.get(run.folder)
        if known is not None and known[0] is run:
            return known[1]
        summary: RunSummary | RunError
        try:
            summary = summarize_run(run, self._samples.get(run.folder.parent, False))
        except RunError as error:
            summary = error
        self._summaries[run.folder] = run, summary
        return summary
