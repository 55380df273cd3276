"""Fetching a data set beside the window: a thread that says how far it is, and can be stopped and gone on with."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QThread, Signal
from typing_extensions import override

from resviz.base.errors import DataError
from resviz.gui.workers.patience import seconds_left
from resviz.training.data.download import fetch

if TYPE_CHECKING:
    from pathlib import Path

    from resviz.training.data.data_sets import DataInfo


class DownloadThread(QThread):
    """A download. `progressed` has bytes and bytes in all (0 if not known), `ended` why it failed or ""."""

    progressed = Signal(str, object, object)
    ended = Signal(str)

    def __init__(self, info: DataInfo, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._info, self._folder = info, folder
        self._wanted = threading.Event()
        self._wanted.set()

    def stop(self) -> None:
        """Ask the download to stop. What was fetched is kept, and the next download continues there."""
        self._wanted.clear()

    def shut_down(self) -> None:
        """Stop the download and wait a little for its end."""
        self.stop()
        self.wait(int(seconds_left() * 1000))

    @override
    def run(self) -> None:
        try:
            fetch(self._info, self._folder, self._progress)
        except DataError as error:
            self.ended.emit(str(error))
        else:
            self.ended.emit("")

    def _progress(self, name: str, done: int, of: int | None) -> bool:
        self.progressed.emit(name, done, of or 0)
        return self._wanted.is_set()
