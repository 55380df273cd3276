"""Shows runs of another program in TRAIN while that program writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from resviz.gui.train.run_follower import RunFollower

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from resviz.gui.train.followed_runs import FollowedRuns
    from resviz.gui.train.train_view import TrainView
    from resviz.gui.train.train_views import TrainViews
    from resviz.gui.train.training_state import TrainingState


class FollowController(QObject):
    """Follows runs from `begin` to `stop`. `stopped` tells that they ended, or are followed no longer."""

    stopped = Signal()

    def __init__(
        self, view: TrainView, training_state: TrainingState, display: TrainViews, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._view, self._state, self._display = view, training_state, display
        self._follower = RunFollower(self)
        self._follower.read.connect(self._show)
        self._follower.problem.connect(view.set_problem)

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders that are followed."""
        return self._follower.folders

    def begin(self, folders: Sequence[Path]) -> None:
        """Show these runs, and what is written of them until they end."""
        self._view.set_problem("")
        self._view.lesson_chooser.setCurrentIndex(-1)
        self._display.show_defaults()
        self._display.begin()
        self._display.draw_words()
        self._follower.follow(folders)

    def stop(self) -> None:
        """Read no more of the runs. What was read stays on screen."""
        if self._state.state == "following":
            self._follower.follow(())
            self.stopped.emit()

    def shut_down(self) -> None:
        """End the reading."""
        self._follower.shut_down()

    @Slot(object)
    def _show(self, followed: FollowedRuns) -> None:
        """Show what was read, unless other runs are followed by now."""
        if followed.folders != self.folders:
            return
        self._state.show_followed(followed)
        self._view.set_problem("")
        if followed.state != "running":
            self.stop()
        self._display.draw_soon()
        self._display.draw_words()
