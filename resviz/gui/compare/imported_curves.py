"""Curves from other programs, laid beside the runs: which column of which file is drawn as what."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from resviz.base.translation import _
from resviz.gui.plots.scene import OverlayCurve
from resviz.gui.style import theme
from resviz.gui.style.scaled_width import limit_width
from resviz.gui.style.widgets import ElidedLabel, Panel
from resviz.runs.curve_import import ImportedCurves, as_scalar, guess_scalar

if TYPE_CHECKING:
    from pathlib import Path

_TITLES = {
    "": _("choose what it is"),
    "loss": _("loss"),
    "error": _("error"),
    "accuracy": _("accuracy, drawn as 1 − accuracy"),
    "held_out_accuracy": _("held-out accuracy, drawn as 1 − accuracy"),
    "held_out_loss": _("held-out loss"),
    "held_out_error": _("held-out error"),
    "learning_rate": _("learning rate"),
}
_MAX_AT_ONCE = 4
"""Columns of a file that come up by themselves: the first that is of each scalar."""


@dataclass
class _Line:
    """A column of a file, and what it is drawn as."""

    curves: ImportedCurves
    column: str
    scalar: str


class ImportedCurvesPanel(Panel):
    """The panel with imported curves, hidden while there are none. `changed` tells that `overlays` has changed."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_("Imported curves"), parent)
        self._lines: list[_Line] = []
        self._rows = QVBoxLayout()
        self._rows.setSpacing(4)
        self.body.addLayout(self._rows)
        self.hide()

    def add(self, curves: ImportedCurves) -> None:
        """Add the first column of each scalar in a file. The meaning of other columns is asked for."""
        by_scalar: dict[str, str] = {}
        for column in curves.columns:
            by_scalar.setdefault(guess_scalar(column), column)
        lines = [_Line(curves, column, scalar) for scalar, column in by_scalar.items()]
        self._lines += lines[:_MAX_AT_ONCE]
        self._show()

    def files(self) -> list[Path]:
        """Return the files of the curves, each once."""
        return list(dict.fromkeys(line.curves.path for line in self._lines))

    def overlays(self) -> tuple[OverlayCurve, ...]:
        """Return the imported curves that are to be drawn."""
        found = []
        for number, line in enumerate(self._lines):
            x, y = line.curves.columns[line.column]
            scalar, y = as_scalar(line.scalar, y)
            if scalar:  # what nobody has said the meaning of is not drawn
                found.append(OverlayCurve(f"{line.curves.name}: {line.column}"[:60], scalar, x, y, number))
        return tuple(found)

    def _show(self) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for number, line in enumerate(self._lines):
            self._rows.addWidget(self._row(number, line))
        self.setVisible(bool(self._lines))
        self.changed.emit()

    def _row(self, number: int, line: _Line) -> QWidget:
        row = QWidget()
        layout = QHBoxLayout(row)
        layout.setContentsMargins(0, 0, 0, 0)
        name = ElidedLabel(line.curves.name)
        name.setStyleSheet(f"color: {theme.current().net_colour(theme.IMPORTED, number)}")
        column = _chooser(
            _("column {number}").format(number=number), {known: known for known in line.curves.columns}, line.column
        )
        column.activated.connect(partial(self._choose_column, line, column))
        scalar = _chooser(_("meaning of curve {number}").format(number=number), _TITLES, line.scalar)
        scalar.activated.connect(partial(self._choose_scalar, line, scalar))
        remove = QToolButton()
        remove.setObjectName("tool")
        remove.setText("×")
        remove.setAccessibleName(_("remove curve {number}").format(number=number))
        remove.clicked.connect(partial(self._remove, line))
        layout.addWidget(name, 1)
        for widget in (column, scalar, remove):
            layout.addWidget(widget)
        return row

    def _choose_column(self, line: _Line, box: QComboBox, index: int) -> None:
        line.column = box.itemData(index)
        self.changed.emit()

    def _choose_scalar(self, line: _Line, box: QComboBox, index: int) -> None:
        line.scalar = box.itemData(index)
        self.changed.emit()

    def _remove(self, line: _Line) -> None:
        self._lines = [other for other in self._lines if other is not line]
        self._show()


def _chooser(name: str, texts: dict[str, str], chosen: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    limit_width(box, 170)
    for key, text in texts.items():
        box.addItem(text, key)
    box.setCurrentIndex(box.findData(chosen))
    return box
