"""The learning rate that a person sets by hand: from the next step on, or for the next run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from resviz.base.errors import ResvizError

if TYPE_CHECKING:
    from resviz.gui.train.setup_editor import SetupEditor
    from resviz.gui.train.train_view import TrainView
    from resviz.gui.train.training_state import TrainingState
    from resviz.gui.workers.runner import Runner


class RateController(QObject):
    """Takes a learning rate from the view, and shows the one in use."""

    def __init__(
        self,
        view: TrainView,
        training_state: TrainingState,
        editor: SetupEditor,
        runner: Runner,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._view, self._state, self._editor, self._runner = view, training_state, editor, runner
        view.rate_typed.connect(self._change)

    def show(self) -> None:
        """Show the learning rate of the newest step, or that of the next run."""
        state = self._state
        under_way = state.state in ("running", "paused", "stopping") and state.measured
        self._view.set_rate(
            float(state.histories[0].column("learning_rate")[-1]) if under_way else state.setup.config.learning_rate
        )

    @Slot(str)
    def _change(self, text: str) -> None:
        """Use another learning rate: from the next step on, or where nothing is under way in the next run."""
        if self._state.state not in ("preparing", "running", "paused"):
            self._editor.change("learning_rate", text)
            self.show()
            return
        try:
            rate = self._state.setup.with_setting("learning_rate", text).config.learning_rate
        except ResvizError as error:
            self._view.set_problem(str(error))
            return
        self._view.set_problem("")
        self._runner.set_learning_rate(rate)
