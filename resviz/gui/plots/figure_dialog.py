"""Asks how large a figure is to be and where it goes, and writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu, QMessageBox, QWidget

from resviz.base.translation import _
from resviz.gui.files import dialogs
from resviz.gui.files.painting import ENDINGS, NUMBERS
from resviz.gui.plots.figure import SIZES, Figure, FigureSize
from resviz.gui.style.widgets import plain

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint


def ask_size(parent: QWidget, place: QPoint) -> FigureSize | None:
    """Ask for a size in a menu at a place of the screen, and return it; None if the user cancels."""
    menu = QMenu(parent)
    for size in SIZES:
        menu.addAction(size.title).setData(size.name)
    chosen = menu.exec(place, menu.actions()[0])
    menu.deleteLater()
    return next((size for size in SIZES if chosen is not None and size.name == chosen.data()), None)


def save_figure(parent: QWidget, figure: Figure, place: QPoint) -> None:
    """Ask for a size and a file, and save the figure. A failure is shown."""
    size = ask_size(parent, place)
    if size is None:
        return
    path = dialogs.ask_where(parent, _("Save figure"), f"{dialogs.file_name(figure.title)}.svg", [*ENDINGS, NUMBERS])
    if path is None:
        return
    try:
        dialogs.write(path, figure.content(path.suffix.lower().lstrip("."), size))
    except dialogs.FileProblem as problem:
        QMessageBox.warning(parent, _("The figure was not saved"), plain(str(problem)))
        return
    dialogs.tell_written(parent, path)
