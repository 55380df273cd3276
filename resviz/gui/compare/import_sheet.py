"""A small sheet that asks what the columns of an imported file are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QLabel,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from resviz.base.translation import _
from resviz.gui.style.sheet import Sheet
from resviz.gui.style.widgets import plain
from resviz.runs.imported_run import MEANINGS, guess_meanings, problem_of_meanings

if TYPE_CHECKING:
    from resviz.runs.curve_import import ImportedCurves

_TITLES = {
    "": _("leave it out"),
    "loss": _("loss"),
    "error": _("error"),
    "accuracy": _("accuracy, drawn as 1 − accuracy"),
    "held_out_loss": _("held-out loss"),
    "held_out_error": _("held-out error"),
    "held_out_accuracy": _("held-out accuracy, drawn as 1 − accuracy"),
    "learning_rate": _("learning rate"),
}


class ImportSheet(Sheet):
    """Asks for a name and for the meaning of each column. If they can't be imported, it says why."""

    def __init__(self, curves: ImportedCurves, parent: QWidget | None = None) -> None:
        super().__init__(_("Import curves"), _("Import"), _("Add these curves to the list of runs."), parent)
        self._curves = curves
        self.title = QLineEdit(curves.name[:200])
        self.title.setAccessibleName(_("name of the curves"))
        self.title.setToolTip(_("Name the curves. The list of runs and the plots show this name."))
        self.choosers = {column: self._chooser(column, known) for column, known in guess_meanings(curves).items()}
        columns = QWidget()
        rows = QFormLayout(columns)
        for column, chooser in self.choosers.items():
            rows.addRow(_plain_label(column), chooser)
        area = QScrollArea()  # a log may have hundreds of columns
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(columns)
        form = QFormLayout()
        form.addRow(_("Name"), self.title)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(QLabel(_("What do the columns of this file mean?")))
        layout.addWidget(area, 1)
        layout.addWidget(self.problem)
        layout.addWidget(self.buttons)
        self.setMinimumWidth(480)
        self._show_problem()

    def meanings(self) -> dict[str, str]:
        """Return what each column is; "" for one that is left out."""
        return {column: chooser.currentData() for column, chooser in self.choosers.items()}

    def _chooser(self, column: str, chosen: str) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(_("meaning of {column}").format(column=column[:40]))
        box.setToolTip(plain(_("Choose what {column} is.").format(column=column[:80])))
        for meaning in MEANINGS:
            box.addItem(_TITLES[meaning], meaning)
        box.setCurrentIndex(box.findData(chosen))
        box.currentIndexChanged.connect(self._show_problem)
        return box

    @Slot()
    def _show_problem(self) -> None:
        self.show_problem(problem_of_meanings(self._curves, self.meanings()))


def _plain_label(text: str) -> QLabel:
    label = QLabel(text[:60])
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setToolTip(plain(text))
    return label
