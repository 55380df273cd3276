"""Offers to train the nets of the depth table: at once if the user was asked before, with a sheet if not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog

if TYPE_CHECKING:
    from collections.abc import Callable

    from resviz.gui.builder.build_view import BuildView
    from resviz.gui.builder.builder_state import BuilderState
    from resviz.gui.train.training_request import TrainingRequest


class TrainingOffer:
    """Asks once on which data and for how many steps to train, and remembers the answer."""

    def __init__(self, state: BuilderState, view: BuildView, train: Callable[[TrainingRequest], None]) -> None:
        self._state, self._view, self._train = state, view, train
        self.answer: TrainingRequest | None = None
        """What was asked for last."""

    def train(self) -> None:
        """Train the nets that are drawn, as it was asked for last. Ask if that is not known, or they don't fit."""
        from resviz.gui.train.training_request import TrainingRequest, data_fits

        specs = tuple(self._state.open_nets[index].spec for index in self._state.document.drawn_indices)
        answer = self.answer
        usable = {fit.data for fit in data_fits(specs) if not fit.problem} if answer else ()
        if answer is None or answer.data not in usable:
            self.ask()
            return
        self._train(TrainingRequest(specs, answer.data, answer.steps))

    def ask(self) -> None:
        """Ask which nets to train, and how."""
        from resviz.gui.builder.training_sheet import TrainingSheet

        specs = [net.spec for net in self._state.open_nets]
        sheet = TrainingSheet(specs, self._state.document.drawn_indices, self.answer, self._view)
        if sheet.exec() == QDialog.DialogCode.Accepted:
            self.answer = sheet.request()
            self._train(self.answer)
        sheet.deleteLater()
