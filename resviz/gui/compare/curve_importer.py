"""Imports curves of other programs: reads files in a thread, asks what is not clear, and saves runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QDialog

from resviz.base.errors import ResvizError, RunError
from resviz.base.translation import _
from resviz.gui.compare.import_sheet import ImportSheet
from resviz.gui.workers.file_reader import FileReader
from resviz.runs.curve_import import ImportedCurves, read_curves
from resviz.runs.imported_run import guess_meanings, is_clear, save_curves

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QWidget


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
        """Stop reading."""
        self._reader.shut_down()

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
            self.imported.emit(save_curves(self._root, found, meanings, title))
        except RunError as error:
            self.problem.emit(str(error))
