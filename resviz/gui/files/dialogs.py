"""Asking for files and writing them: where the window meets the disk."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QMainWindow, QWidget

from resviz.base.atomic_files import write_whole
from resviz.base.errors import ResvizError
from resviz.base.translation import _

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_SAID_MS = 8000
_last: list[Path] = []
"""The folder of the file that was named last."""


class FileProblem(ResvizError):
    """An error that says why a file could not be read or written."""


def ask_where(parent: QWidget, title: str, name: str, endings: Sequence[tuple[str, str]]) -> Path | None:
    """Ask for a file to write, (ending, what it is) to choose from; None if a person thinks better of it."""
    by_filter = {f"{what} (*.{ending})": ending for ending, what in endings}
    dialog = QFileDialog(parent, title, str(_folder() / name))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilters(list(by_filter))
    # The dialog adds the ending itself, before it asks whether a file that is there may go.
    dialog.setDefaultSuffix(endings[0][0])
    dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(by_filter[chosen]))
    accepted = dialog.exec() == QFileDialog.DialogCode.Accepted
    given = dialog.selectedFiles() if accepted else []
    dialog.deleteLater()
    if not given:
        return None
    path = Path(given[0])
    if path.suffix.lower().lstrip(".") not in by_filter.values():
        path = path.with_name(f"{path.name}.{endings[0][0]}")
    _last[:] = [path.parent]
    return path


def ask_which(parent: QWidget, title: str, ending: str, what: str) -> list[Path]:
    """Ask for files to open."""
    return ask_files(parent, title, f"{what} (*.{ending});;{_('all files')} (*)")


def ask_files(parent: QWidget, title: str, filters: str) -> list[Path]:
    """Ask for files to open, of the kinds that `filters` names."""
    given, _filter = QFileDialog.getOpenFileNames(parent, title, str(_folder()), filters)
    paths = [Path(path) for path in given]
    if paths:
        _last[:] = [paths[0].parent]
    return paths


def write(path: Path, content: bytes) -> None:
    """Write a file as a whole or not at all. Raise FileProblem if that is not possible."""
    try:
        write_whole(path, content)
    except OSError as error:
        raise FileProblem(
            _("{file} could not be written: {reason}").format(file=path, reason=error.strerror or error)
        ) from None


def write_and_report(path: Path, text: str, report: Callable[[str], None]) -> bool:
    """Write a text file, report how it went in one line, and return whether it was written."""
    try:
        write(path, text.encode())
    except FileProblem as problem:
        report(str(problem))
        return False
    report(_("wrote {file}").format(file=path))
    return True


def tell_written(widget: QWidget, path: Path) -> None:
    """Say in the status bar of the widget's window that a file was written."""
    window = widget.window()
    if isinstance(window, QMainWindow):
        window.statusBar().showMessage(_("wrote {file}").format(file=path), _SAID_MS)


def file_name(title: str) -> str:
    """Return a net's name as a file's: ResNet-34, option B becomes resnet-34-option-b."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "net"


def _folder() -> Path:
    return _last[0] if _last and _last[0].is_dir() else Path.home()
