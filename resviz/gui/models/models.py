"""Opens models of other programs: asks where that is needed, captures beside the window, shows each in its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QDialog, QProgressDialog, QWidget

from resviz.base.errors import ResvizError
from resviz.base.translation import _
from resviz.capturing.captured_net import CapturedNet
from resviz.capturing.model_names import LISTED, library_names
from resviz.capturing.model_source import InputShape, parse_source
from resviz.capturing.process import CaptureCancelled, capture
from resviz.gui.models.differences_window import DifferencesWindow
from resviz.gui.models.model_dialog import ModelDialog
from resviz.gui.models.model_window import ModelWindow
from resviz.gui.workers.file_reader import FileReader
from resviz.nets.build import build

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from resviz.base.progress import Progress
    from resviz.capturing.model_source import ModelSource
    from resviz.nets.graph import Graph
    from resviz.nets.spec import NetSpec

_SHOWN_AFTER_MS = 400


class Models(QObject):
    """The models that are open, and the one that is being captured."""

    def __init__(
        self, parent: QWidget, say: Callable[[str], None], open_nets: Callable[[Iterable[NetSpec]], None]
    ) -> None:
        """Make it for a window; `say` shows a line in its status bar, and `open_nets` opens nets in BUILD."""
        super().__init__(parent)
        self._parent, self._say, self._open_nets = parent, say, open_nets
        self._reader: FileReader[ModelSource] = FileReader(_capture, self)
        self._reader.found.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._names: tuple[str, ...] | None = None
        """Models of the libraries that are installed; None before they were asked."""
        self._name_reader: FileReader[str] = FileReader(_library_names, self)
        self._name_reader.found.connect(self._take_names, Qt.ConnectionType.QueuedConnection)
        self._dialog: ModelDialog | None = None
        self._progress: QProgressDialog | None = None
        self._compared: CapturedNet | None = None
        """What the model that is being captured is to be compared with."""
        self._source: ModelSource | None = None
        self._asked = "", ""
        """What was typed in the last dialog: the inputs and the arguments."""

    def ask(self, text: str = "") -> None:
        """Ask for a model, and open it."""
        self._answer(ModelDialog(text, self._parent), None)

    def _answer(self, dialog: ModelDialog, compared: CapturedNet | None) -> None:
        """Show a dialog, and open what was asked for; if it can't be opened, ask again with what was typed."""
        if not self._accepted(dialog):
            return
        self._asked = dialog.inputs.text(), dialog.arguments.text()
        source, spec = dialog.source, dialog.spec
        if source is not None:
            if compared is not None and not source.inputs:
                source = replace(source, inputs=_inputs_of(compared))
            self.open(source, compared=compared, asked=True)
        elif spec is not None and compared is not None:
            shape = compared.graph.input_shape
            spec = spec.with_options(input=shape) if len(shape) == 3 and len(_inputs_of(compared)) == 1 else spec
            self._show_differences(compared, build(spec), spec.label)
        elif spec is not None:
            self._open_nets([spec])

    def _accepted(self, dialog: ModelDialog) -> bool:
        """Show a dialog, and offer the libraries' models in it as soon as they are known."""
        if self._names is None:
            self._names = ()
            for library in LISTED:
                self._name_reader.want(library)
        dialog.add_names(self._names)
        self._dialog = dialog
        accepted = dialog.exec() == QDialog.DialogCode.Accepted
        self._dialog = None
        dialog.deleteLater()
        return accepted

    @Slot(object)
    def _take_names(self, names: object) -> None:
        if isinstance(names, tuple):
            self._names = (*(self._names or ()), *names)
            if self._dialog is not None:
                self._dialog.add_names(names)

    def open_file(self, path: Path) -> None:
        """Open a file of a model. Of a Python file, ask which class builds it: its code is run."""
        if path.suffix.lower() == ".py":
            self.ask(f"{path}:")
            return
        try:
            source = parse_source(str(path))
        except ResvizError as error:
            self._say(str(error))
            return
        if source is not None:
            self.open(source)

    @Slot(object)
    def compare(self, net: CapturedNet) -> None:
        """Ask for a model or a net of Resviz, and show in which layers it differs from one that is open."""
        self._answer(ModelDialog(parent=self._parent, compares=net.origin), net)

    def _show_differences(self, net: CapturedNet, other: Graph, title: str) -> None:
        DifferencesWindow((net.graph, other), (net.origin, title), self._parent).show()

    def open(self, source: ModelSource, compared: CapturedNet | None = None, *, asked: bool = False) -> None:
        """Capture a model beside the window, and show it when it is done, or how it differs from another.

        If it can't be captured and was `asked` for in a dialog, that is shown again.
        """
        self._done()
        self._compared, self._source = compared, source if asked else None
        progress = QProgressDialog(
            _("{model} is built and run once …").format(model=source.text), _("Cancel"), 0, 0, self._parent
        )
        progress.setWindowTitle(_("Open a model"))
        progress.setWindowModality(Qt.WindowModality.NonModal)
        progress.setMinimumDuration(_SHOWN_AFTER_MS)
        progress.canceled.connect(self.cancel)
        progress.setValue(0)
        self._progress = progress
        self._reader.want(source)

    @Slot()
    def cancel(self) -> None:
        """End what is being captured."""
        self._reader.cancel()
        self._done()

    def shut_down(self) -> None:
        """Stop capturing, and close the windows of models."""
        self._done()
        for reader in (self._reader, self._name_reader):
            reader.cancel()
            reader.shut_down()

    @Slot(object)
    def _take(self, found: object) -> None:
        """Show a net; say what was wrong, unless it was cancelled."""
        if isinstance(found, CaptureCancelled):
            return
        self._done()
        if isinstance(found, CapturedNet) and self._compared is not None:
            self._show_differences(self._compared, found.graph, found.origin)
        elif isinstance(found, CapturedNet):
            window = ModelWindow(found, self._parent)
            window.message.connect(self._say)
            window.comparison_wanted.connect(self.compare)
            window.table_wanted.connect(self._open_table)
            window.show()
        elif self._source is not None:
            compares = self._compared.origin if self._compared is not None else ""
            dialog = ModelDialog(self._source.text, self._parent, compares=compares)
            dialog.ask_again(*self._asked, str(found))
            self._answer(dialog, self._compared)
        else:
            self._say(str(found))

    @Slot(object)
    def _open_table(self, spec: NetSpec) -> None:
        self._open_nets([spec])
        self._parent.activateWindow()
        self._parent.raise_()

    def _done(self) -> None:
        if self._progress is not None:
            self._progress.blockSignals(True)  # closing it is no wish to cancel
            self._progress.close()
            self._progress.deleteLater()
            self._progress = None


def _capture(source: ModelSource, progress: Progress) -> CapturedNet:
    return capture(source, cancelled=lambda: not progress(0.0))


def _library_names(library: str, progress: Progress) -> tuple[str, ...]:
    return library_names(library, lambda: progress(0.0))


def _inputs_of(net: CapturedNet) -> tuple[InputShape, ...]:
    """Return the images that a model reads, for another that is to be compared with it; none if it reads others."""
    shapes = [layer.shape for layer in net.graph.layers if layer.op.kind == "input"]
    return tuple(map(InputShape, shapes)) if all(len(shape) == 3 for shape in shapes) else ()
