"""Recording: the run folders of a session, written as it goes.

Rows that can't be written (a full disk, a folder deleted or read-only) wait; they are a problem, not the end. A
checkpoint is never ahead of its rows.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from resviz.base.errors import user_message
from resviz.runs.folder import RunFolder, RunWriter

if TYPE_CHECKING:
    from resviz.measurements.rows import Rows
    from resviz.runs.records import RunInfo, State

SAVE_SECONDS, SAVE_SHARE = 60.0, 0.05
"""Seconds between checkpoints, and the largest share of the time that they may take."""

Checkpoint = Callable[[], tuple[Mapping[str, np.ndarray], int]]
"""Returns a trainer's state and its number of steps."""


class Recording:
    """The writers of the runs, one for each net. Only the first of several processes has writers."""

    def __init__(self, writers: Sequence[RunWriter] = ()) -> None:
        self.writers = list(writers)
        self.problem = ""
        """Why rows can't be written; "" where they can."""
        self._saved_at = time.monotonic()
        self._save_seconds = 0.0

    @property
    def infos(self) -> list[RunInfo]:
        """The content of each run's run.json."""
        return [writer.info for writer in self.writers]

    @property
    def is_running(self) -> bool:
        """Whether no run has ended."""
        return all(info.state == "running" for info in self.infos)

    def earlier_rows(self, counts: Sequence[int]) -> tuple[Rows, ...]:
        """Return the rows of resumed runs before the step that each continues from."""
        found = []
        for writer, count in zip(self.writers, counts, strict=bool(self.writers)):
            rows = RunFolder(writer.folder).rows() if count else {}
            kept = rows["step"] < count if rows else np.empty(0, bool)
            found.append({name: values[kept] for name, values in rows.items()})
        return tuple(found)

    def append(self, drained: Sequence[Rows]) -> None:
        """Write the new rows of every run."""
        for writer, rows in zip(self.writers, drained, strict=bool(self.writers)):
            self._try(lambda writer=writer, rows=rows: writer.append(rows))  # type: ignore[misc]

    def note_rate(self, rate: float) -> None:
        """Note in every run that its learning rate was changed by hand. What can't be noted is no reason to stop."""
        for writer in self.writers:
            with contextlib.suppress(OSError):
                writer.note_rate(rate)

    def retry(self) -> None:
        """Write the rows that wait."""
        self.problem = ""
        for writer in self.writers:
            self._try(writer.flush)

    def is_checkpoint_due(self) -> bool:
        """Return whether a minute has passed, or more where checkpoints take long."""
        return time.monotonic() - self._saved_at >= max(SAVE_SECONDS, self._save_seconds / SAVE_SHARE)

    def save(self, checkpoints: Sequence[Checkpoint]) -> None:
        """Write a checkpoint of every run, unless rows wait."""
        if self.problem:
            return
        began = time.monotonic()
        for writer, checkpoint in zip(self.writers, checkpoints, strict=bool(self.writers)):
            self._try(lambda writer=writer, checkpoint=checkpoint: writer.checkpoint(*checkpoint()))  # type: ignore[misc]
        self._saved_at = time.monotonic()
        self._save_seconds = self._saved_at - began

    def finish(self, index: int, state: State, checkpoint: Checkpoint, **values: float | None) -> None:
        """End a run with a checkpoint; without one where its last rows could not be written."""
        writer = self.writers[index]
        if self.problem:
            self.retry()
        if not self.problem:
            writer.checkpoint(*checkpoint())
        writer.finish(state, **values)

    def fail(self, message: str, state: State, steps_per_second: float | None) -> None:
        """End every running run as failed or interrupted, keeping every row that was written."""
        for writer in self.writers:
            # What one folder can't take any more (a full disk, a folder deleted) must not keep the next from its end.
            with contextlib.suppress(OSError):
                if writer.info.state == "running":
                    writer.finish(state, message=message, steps_per_second=steps_per_second)
            writer.release()

    def _try(self, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError as error:
            self.problem = user_message(error)
