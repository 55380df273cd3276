"""Writes the selected net as a PyTorch or ONNX file, in a process of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from resviz.base.atomic_files import unfinished_files
from resviz.base.translation import _
from resviz.gui.files import dialogs
from resviz.gui.workers.command_process import CommandProcess
from resviz.gui.workers.spec_file import SpecFile

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from resviz.gui.builder.builder_state import BuilderState


@dataclass(frozen=True)
class NetFormat:
    """A file format for nets: its key in `resviz export --to`, its title, and the file's ending."""

    key: str
    title: str
    ending: str


NET_FORMATS = (NetFormat("pytorch", "PyTorch file", "py"), NetFormat("onnx", "ONNX", "onnx"))


class ExportController(QObject):
    """Exports the selected net; one file at a time."""

    def __init__(self, state: BuilderState, dialog_parent: QWidget, parent: QObject) -> None:
        super().__init__(parent)
        self._state, self._dialog_parent = state, dialog_parent
        self._file = SpecFile()
        self._process = CommandProcess(self)
        self._target = Path()
        self._process.done.connect(self._written)
        self._process.failed.connect(self._not_written)

    @property
    def is_running(self) -> bool:
        """Whether a file is being written."""
        return self._process.is_running

    def shut_down(self) -> None:
        """End the process, and remove what it has left."""
        if self._process.is_running:
            self._process.cancel()
            for part in unfinished_files(self._target):
                part.unlink(missing_ok=True)
        self._file.remove()

    def export_net(self, key: str) -> None:
        """Write the selected net in a format, after asking where."""
        form = next(form for form in NET_FORMATS if form.key == key)
        spec = self._state.open_net.spec
        name = f"{dialogs.file_name(spec.label).replace('-', '_')}.{form.ending}"
        title = _("{net} as {format}").format(net=spec.label, format=form.title)
        path = dialogs.ask_where(self._dialog_parent, title, name, [(form.ending, form.title)])
        if path is None:
            return
        if self._process.is_running:
            self._state.message(
                _("{file} is still being written. Export {next} after that.").format(file=self._target, next=path.name)
            )
            return
        self._target = path
        self._state.message(_("writing {file} …").format(file=path))
        self._process.start("export", str(self._file.write(spec)), "--to", form.key, "--out", str(path))

    @Slot(str)
    def _written(self, text: str) -> None:
        self._state.message(_("wrote {file}").format(file=self._target))

    @Slot(str)
    def _not_written(self, why: str) -> None:
        self._state.message(_("{file} was not written: {reason}").format(file=self._target, reason=why))
