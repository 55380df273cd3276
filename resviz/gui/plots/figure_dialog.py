"""Asks how large a figure is to be and where it goes, and writes it."""

from __future__ import annotations

from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QMenu, QMessageBox, QWidget

from resviz.base.translation import _
from resviz.gui.files import dialogs
from resviz.gui.files.painting import ENDINGS, NUMBERS
from resviz.gui.plots.figure import SIZES, Figure, FigureSize
from resviz.gui.style.widgets import plain


def ask_size(parent: QWidget) -> FigureSize | None:
    """Return which size a person chooses; None if they think better of it."""
    menu = QMenu(parent)
    for size in SIZES:
        menu.addAction(size.title).setData(size.name)
    chosen = menu.exec(QCursor.pos())
    menu.deleteLater()
    return next((size for size in SIZES if chosen is not None and size.name == chosen.data()), None)


def save_figure(parent: QWidget, figure: Figure) -> None:
    """Ask for a size and a file, and save the figure. A failure is shown."""
    size = ask_size(parent)
    if size is None:
        return
    path = dialogs.ask_where(parent, _("Save figure"), f"{dialogs.file_name(figure.title)}.svg", [*ENDINGS, NUMBERS])
    if path is None:
        return
    try:
        dialogs.write(path, figure.content(path.suffix.lower().lstrip("."), size))
    except dialogs.FileProblem as problem:
        QMessageBox.warning(parent, _("The figure was not saved"), plain(str(problem)))
