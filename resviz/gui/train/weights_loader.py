"""Loads weights that others trained: asks for a file, imports it in a thread, and has the recipe begin with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot

from resviz.base.errors import ResvizError
from resviz.base.translation import _
from resviz.gui.files import dialogs
from resviz.gui.workers.file_reader import FileReader

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from resviz.base.progress import Progress


class WeightsLoader(QObject):
    """`loaded` has the name of weights that are kept now, `progress` what is being done.

    `problem` says why a file was not taken; "" takes back what was said.
    """

    loaded = Signal(str)
    progress = Signal(str)
    problem = Signal(str)

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self._page = page
        self._reader = FileReader(_import, self)
        self._reader.found.connect(self._take, Qt.ConnectionType.QueuedConnection)

    @Slot()
    def ask(self) -> None:
        """Ask for a file of weights, and load it."""
        kinds = _("weights of PyTorch or safetensors")
        files = f"{kinds} (*.pth *.pt *.safetensors);;{_('all files')} (*)"
        for path in dialogs.ask_files(self._page, _("Load weights"), files)[:1]:
            self.load(path)

    def load(self, path: Path) -> None:
        """Check a file of weights, and keep it."""
        self.problem.emit("")
        self.progress.emit(_("Checking {file}").format(file=path.name))
        self._reader.want(path)

    def shut_down(self) -> None:
        """Stop reading."""
        self._reader.shut_down()

    @Slot(object)
    def _take(self, found: str | ResvizError) -> None:
        if isinstance(found, ResvizError):
            self.problem.emit(str(found))
        else:
            self.loaded.emit(found)


def _import(path: Path, _progress: Progress) -> str:
    from resviz.training.weights import import_weights  # torch, in the thread

    return import_weights(path)
