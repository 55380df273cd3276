"""Imports curves of other programs: reads files in a thread, asks what is not clear, and saves runs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QDialog

from resviz.base.errors import ResvizError, RunError
from resviz.base.translation import _
from resviz.gui.compare.import_sheet import ImportSheet
from resviz.gui.workers.file_reader import FileReader
from resviz.runs.curve_import import ImportedCurves, read_curves
from resviz.runs.curve_kinds import logger_of, stamp_of_log
from resviz.runs.imported_run import CurveRun, guess_meanings, is_clear

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QWidget


_EVERY_MS = 1000
_REST_S = 300.0
"""A log that has not grown for so long has ended, as far as the window knows."""


class CurveImporter(QObject):
    """`imported` has the folder of a new run, `problem` a sentence about what could not be imported.

    `progressed` says how far the reading is, as the text of a button that stops it; "" when nothing is read.
    """

    imported = Signal(object)
    problem = Signal(str)
    progressed = Signal(str)

    def __init__(self, root: Path, page: QWidget) -> None:
        """Prepare to import into the folder of runs `root`. Sheets are shown over `page`."""
        super().__init__(page)
        self._root, self._page = root, page
        self._reader = FileReader(read_curves, self)
        self._reader.found.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._reader.progressed.connect(self._tell, Qt.ConnectionType.QueuedConnection)
        self._wanted = 0
        self._again = FileReader(read_curves, self)
        self._again.found.connect(self._take_more, Qt.ConnectionType.QueuedConnection)
        self._growing: dict[Path, tuple[CurveRun, object]] = {}
        """Logs that another program still writes, by their paths, with the stamp that was read last."""
        self._look_again = QTimer(self)
        self._look_again.setInterval(_EVERY_MS)
        self._look_again.timeout.connect(self._look)

    @property
    def busy(self) -> bool:
        """Whether a file is still being read."""
        return self._wanted > 0

    def start(self, path: Path) -> None:
        """Import a file."""
        self._wanted += 1
        self.problem.emit("")
        self._reader.want(path)

    def cancel(self) -> None:
        """Stop reading the files that are wanted."""
        self._reader.cancel()

    def shut_down(self) -> None:
        """Stop reading, and end the runs that have grown."""
        self._look_again.stop()
        self._reader.shut_down()
        self._again.shut_down()
        for path in list(self._growing):
            self._end(path)

    @Slot()
    def _look(self) -> None:
        """Read logs again that have grown, and end those that have rested for a while."""
        for path, (run, read) in list(self._growing.items()):
            stamp = stamp_of_log(path)
            if stamp != read:
                self._growing[path] = run, stamp
                self._again.want(path)
            elif not _is_fresh(stamp):
                self._end(path)
        if not self._growing:
            self._look_again.stop()

    def _end(self, path: Path) -> None:
        try:
            self._growing.pop(path)[0].finish()
        except RunError as error:
            self.problem.emit(str(error))

    @Slot(object)
    def _take_more(self, found: ImportedCurves | ResvizError) -> None:
        """Add what a log has gained. One that is being written right now may be refused, and is read again."""
        if isinstance(found, ImportedCurves) and found.path in self._growing:
            try:
                self._growing[found.path][0].take(found)
            except RunError as error:
                self.problem.emit(str(error))

    @Slot(float)
    def _tell(self, share: float) -> None:
        if self.busy:
            self.progressed.emit(_("Stop reading: {share:.0%}").format(share=share))

    @Slot(object)
    def _take(self, found: ImportedCurves | ResvizError) -> None:
        self._wanted -= 1
        if not self.busy:
            self.progressed.emit("")
        if isinstance(found, ResvizError):
            self.problem.emit(str(found))
            return
        meanings, title = guess_meanings(found), ""
        if not is_clear(found):
            sheet = ImportSheet(found, self._page)
            accepted = sheet.exec() == QDialog.DialogCode.Accepted
            meanings, title = sheet.meanings(), sheet.title.text().strip()
            sheet.deleteLater()
            if not accepted:
                return
        try:
            run = CurveRun(self._root, found, meanings, title)
            stamp = stamp_of_log(found.path) if logger_of(found.path) else ()
            self._growing[found.path] = run, stamp
            if _is_fresh(stamp):
                self._look_again.start()
            else:
                self._end(found.path)
            self.imported.emit(run.folder)
        except RunError as error:
            self.problem.emit(str(error))


def _is_fresh(stamp: tuple[tuple[str, int, int], ...]) -> bool:
    """Return whether a log was written a short while ago: its program may go on."""
    return any(time.time() - changed / 1e9 < _REST_S for _name, changed, _size in stamp)
