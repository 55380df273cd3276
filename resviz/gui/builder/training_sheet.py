"""A small sheet that asks how the nets of the depth table are to be trained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QVBoxLayout,
    QWidget,
)

from resviz.base.translation import _
from resviz.gui.style.sheet import Sheet
from resviz.gui.style.widgets import NumberBox, plain
from resviz.gui.train.training_request import TrainingRequest, data_fits, default_data
from resviz.gui.train.training_setup import MAX_NETS
from resviz.training.data.data_sets import DATA
from resviz.training.recipe import MAX_STEPS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resviz.nets.spec import NetSpec


class TrainingSheet(Sheet):
    """Asks for nets, data set and steps. If they can't be trained, it says why, and Train is disabled."""

    def __init__(
        self, specs: Sequence[NetSpec], chosen: Sequence[int], before: TrainingRequest | None, parent: QWidget
    ) -> None:
        """Show the open nets, those that are `chosen` ticked, with the answers given `before`."""
        super().__init__(_("Train nets"), _("Train"), _("Start the training."), parent)
        self.train = self.accept_button
        self._specs = tuple(specs)
        self._boxes = [QCheckBox(name) for name in _column_names([spec.label for spec in specs])]
        nets = QVBoxLayout()
        for index, box in enumerate(self._boxes):
            box.setChecked(index in tuple(chosen)[:MAX_NETS])
            box.setToolTip(_("Train this net. Up to {most} nets train together.").format(most=MAX_NETS))
            box.toggled.connect(self._fit)
            nets.addWidget(box)
        self.data = QComboBox()
        self.data.setToolTip(plain(_("Choose the images. The nets are fitted to their size and their classes.")))
        self.data.setAccessibleName(_("data set"))
        self.data.activated.connect(self._show_problem)
        self.steps = NumberBox(_("steps"), 1, MAX_STEPS)
        self.steps.setValue(before.steps if before else 200)
        self.steps.setToolTip(_("Set the number of steps to train."))
        self._wanted = before.data if before else ""
        form = QFormLayout()
        form.addRow(_("Nets"), nets)
        form.addRow(_("Data set"), self.data)
        form.addRow(_("Steps"), self.steps)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(self.problem)
        column.addWidget(self.buttons)
        self._fit()

    def request(self) -> TrainingRequest:
        """Return what was asked for."""
        return TrainingRequest(self._ticked(), self.data.currentData(), self.steps.value())

    def _ticked(self) -> tuple[NetSpec, ...]:
        return tuple(spec for spec, box in zip(self._specs, self._boxes, strict=True) if box.isChecked())

    @Slot()
    def _fit(self) -> None:
        """Say of each data set whether the nets fit it; keep the chosen one, or choose the best."""
        fits = data_fits(self._ticked())
        before = self.data.currentData() or self._wanted
        self.data.clear()
        for fit in fits:
            self.data.addItem(fit.text if not fit.problem else DATA[fit.data].title, fit.data)
        usable = {fit.data for fit in fits if not fit.problem}
        self._problems = {fit.data: fit.problem for fit in fits}
        self.data.setCurrentIndex(self.data.findData(before if before in usable else default_data(fits)))
        self._show_problem()

    @Slot()
    def _show_problem(self) -> None:
        count = len(self._ticked())
        text = self._problems.get(self.data.currentData(), "")
        if not count:
            text = _("No net is ticked. Tick one to {most} nets.").format(most=MAX_NETS)
        elif count > MAX_NETS:
            text = _("{count} nets are ticked. Up to {most} nets train together.").format(count=count, most=MAX_NETS)
        self.show_problem(text)


def _column_names(labels: Sequence[str]) -> list[str]:
    """Return the nets' names, with the column in the depth table where several nets have one name."""
    text = _("{net} (column {number})")
    return [
        text.format(net=label, number=number) if labels.count(label) > 1 else label
        for number, label in enumerate(labels, 1)
    ]
