"""Runs that were stopped before they showed anything: they go to the trash, when their last checkpoint is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

from resviz.runs.trash import discard

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from resviz.gui.workers.runner import Runner

SHORT_RUN = 5
"""Steps below which a run that was stopped is not kept, unless the user wants it."""
_EVERY_MS = 33


class ShortRuns(QObject):
    """Throws runs away as soon as nobody writes them any more."""

    def __init__(self, runner: Runner, parent: QObject) -> None:
        super().__init__(parent)
        self._runner = runner
        self._folders: tuple[Path, ...] = ()
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(_EVERY_MS)
        self._again.timeout.connect(self._throw)
        self._closed = False

    @property
    def waiting(self) -> bool:
        """Whether a run is yet to be thrown away."""
        return bool(self._folders)

    def throw_away(self, folders: Sequence[Path]) -> None:
        """Move these runs to the trash, at once or when the runner has ended."""
        self._folders += tuple(folders)
        self._throw()

    def shut_down(self) -> None:
        """Throw away what is left. The runner has been shut down."""
        self._closed = True
        self._again.stop()
        self._throw()

    @Slot()
    def _throw(self) -> None:
        if self._runner.is_alive():
            if not self._closed:
                self._again.start()
            return
        for folder in self._folders:
            discard(folder)
        self._folders = ()
