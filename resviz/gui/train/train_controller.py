"""TRAIN's controller: starts what is set up, has a Runner train it, and keeps what comes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from resviz.base.errors import ResvizError
from resviz.base.translation import _
from resviz.experiments.lessons import Lesson, find_lesson
from resviz.gui.train.data_offer import DataOffer
from resviz.gui.train.follow_controller import FollowController
from resviz.gui.train.rate_controller import RateController
from resviz.gui.train.recorded_loader import LessonRuns, RecordedLoader
from resviz.gui.train.setup_editor import SetupEditor
from resviz.gui.train.short_runs import SHORT_RUN, ShortRuns
from resviz.gui.train.train_views import TrainViews
from resviz.gui.train.training_request import TrainingRequest, saved_run_lesson
from resviz.gui.train.training_setup import FIRST_LESSON, TrainingSetup
from resviz.gui.train.training_state import TrainingState
from resviz.gui.train.weights_loader import WeightsLoader
from resviz.gui.workers.runner import Runner, StartMessage, TrainingJob
from resviz.gui.workers.training_worker import ThreadRunner
from resviz.runs.library import default_folder, sample_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from resviz.gui.train.train_view import TrainView
    from resviz.measurements.history import RunHistory

FRAME_MS = 33
_ENDED = ("finished", "stopped", "failed")


class TrainController(QObject):
    """Starts and stops the training of what is set up. Nothing else starts or stops it.

    `device_changed` and `recipe_changed` are lines for the status bar, `actions_changed` tells that other actions are
    possible, and `compare_wanted` has the folders of runs to compare.
    """

    device_changed = Signal(str)
    recipe_changed = Signal(str)
    actions_changed = Signal()
    compare_wanted = Signal(list)

    def __init__(
        self, view: TrainView, folder: Path | None = None, parent: QObject | None = None, runner: Runner | None = None
    ) -> None:
        super().__init__(parent)
        self.view = view
        self.training_state = TrainingState(TrainingSetup.from_lesson(find_lesson(FIRST_LESSON)))
        self.editor = SetupEditor(view, self.training_state, self)
        self.display = TrainViews(view, self.training_state, self)
        self.data = DataOffer(self)
        self.weights = WeightsLoader(view)
        self.runner: Runner = ThreadRunner(self) if runner is None else runner
        self.keep_short_runs = False
        self._folder = folder or default_folder()
        self.recorded = RecordedLoader((self._folder, sample_folder()), self)
        self.follower = FollowController(view, self.training_state, self.display, self)
        self.learning_rate = RateController(view, self.training_state, self.editor, self.runner, self)
        self._start_again = self._closed = False
        self._pause_at: int | None = None
        self._resumed: tuple[Path, ...] = ()
        self.short_runs = ShortRuns(self.runner, self)
        self._previous: TrainingState | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._drain)
        self._start_soon = QTimer(self)
        self._start_soon.setSingleShot(True)
        self._start_soon.setInterval(FRAME_MS)
        self._start_soon.timeout.connect(self.start)
        self._connect()
        self._show_setup()
        self._set_state("idle")
        self.display.draw()
        self.display.draw_words()

    def _connect(self) -> None:
        view = self.view
        self.runner.state_changed.connect(self._state_changed)
        view.main_pressed.connect(self.start_or_pause)
        view.step_pressed.connect(self.runner.step_once)
        view.stop_pressed.connect(self.stop)
        view.run_to_pressed.connect(self.run_to)
        view.previous_pressed.connect(self.show_previous)
        view.lesson_chosen.connect(self.choose_lesson)
        view.lesson_wanted_back.connect(self.restore_lesson)
        view.compare_pressed.connect(self._compare)
        view.fetch_pressed.connect(self.data.fetch_or_stop)
        self.editor.changed.connect(self._show_setup)
        self.editor.restart_wanted.connect(self._restart_what_is_seen)
        self.data.problem.connect(view.set_problem)
        self.weights.problem.connect(self._say_weights_problem)
        self.weights.progress.connect(self.recipe_changed)
        self.weights.loaded.connect(self.editor.load_weights)
        self.data.offered.connect(view.set_fetch)
        self.recorded.found.connect(self._show_recorded)
        self.follower.stopped.connect(self._followed)

    @property
    def state(self) -> str:
        """State of the training, such as "idle" or "running"."""
        return self.training_state.state

    @property
    def setup(self) -> TrainingSetup:
        """Settings of the next run."""
        return self.training_state.setup

    @property
    def histories(self) -> list[RunHistory]:
        """What was measured, a RunHistory for each net."""
        return self.training_state.histories

    def start_lesson(self, name: str = FIRST_LESSON) -> None:
        """Start a lesson as its file has it, at once or after the current training. A running lesson continues."""
        self._start_new(find_lesson(name))

    def train_nets(self, request: TrainingRequest) -> None:
        """Train nets of BUILD, at once or after the current training."""
        self._start_new(request.lesson())

    def _start_new(self, lesson: Lesson) -> None:
        same = self.setup.lesson == lesson and not self.setup.changed and self.state != "idle"
        if same:
            return
        self._set_lesson(lesson)
        self.restart()

    @Slot(str)
    def choose_lesson(self, name: str) -> None:
        """Load a lesson: its nets, recipe and views, and its saved run if there is one. Nothing starts."""
        lesson = find_lesson(name)
        self.follower.stop()
        self._set_lesson(lesson)
        if self.state == "idle":
            self._remember()
            self.training_state.forget()
            self.view.set_state("idle")
            self.display.begin()
            self.display.draw_words()
            self.recorded.look_for(self.setup)

    @Slot()
    def restore_lesson(self) -> None:
        """Set the lesson up again as its file has it."""
        self.editor.apply(TrainingSetup.from_lesson(self.setup.lesson, self.setup.device))

    def _set_lesson(self, lesson: Lesson) -> None:
        self.display.show_lesson(lesson)
        self.view.recipe_page.clear_problems()
        self.editor.apply(TrainingSetup.from_lesson(lesson, self.setup.device))

    @Slot(object)
    def _show_recorded(self, found: LessonRuns) -> None:
        """Show a saved run, if nothing else was set up or started meanwhile."""
        if self.state == "idle" and not self.histories and found.setup == self.setup:
            self.training_state.show_recorded(found.histories, found.rate, found.errors)
            self.display.draw_soon()
            self.display.draw_words()

    @Slot()
    def start(self) -> None:
        """Begin what is set up; nothing where a run is under way."""
        if self.state != "idle" or self._closed:
            return
        if self.runner.is_alive():
            # The worker has said its last word, but its thread needs a moment more to end.
            self._start_soon.start()
            return
        setup = self.setup
        self.view.set_problem("")
        self.recorded.look_for(None)
        self._remember()
        job = TrainingJob(
            setup.specs, setup.config, self._folder, setup.device, setup.free, self._pause_at, self._resumed
        )
        self._pause_at, self._resumed = None, ()
        self.training_state.begin(job)
        self._set_state("preparing")
        self.display.begin()
        self.display.draw_words()
        self._timer.start()
        self.runner.start(job)

    def follow(self, folders: Sequence[Path]) -> None:
        """Show runs of another program, and what it writes of them until they end."""
        self.follower.stop()
        if self.state != "idle":
            self.view.set_problem(_("A training is running. Stop it, then follow the run."))
            return
        self.recorded.look_for(None)
        self._remember()
        self.training_state.forget()
        self._set_state("following")
        self.recipe_changed.emit(_("follows {folder}").format(folder=", ".join(map(str, folders))))
        self.follower.begin(folders)

    @Slot()
    def _followed(self) -> None:
        """Runs of another program were followed, and are no longer."""
        self._set_state("idle")
        self._show_setup()

    @Slot()
    def restart(self) -> None:
        """Train what is set up: now, or after the current training has stopped."""
        self.follower.stop()
        if self.state == "idle":
            self.start()
        else:
            self._start_again = True
            self.stop()

    @Slot()
    def _restart_what_is_seen(self) -> None:
        """Train again with a changed setting, where a run is on screen. Before the first run, Start says when."""
        if self.training_state.followed is None and (self.state != "idle" or self.histories):
            self.restart()

    def resume_runs(self, folders: Sequence[Path], steps: int | None = None) -> None:
        """Resume saved runs together, to their own number of steps or further, after the current training stopped."""
        from resviz.experiments.training_plan import resume_plan

        self.follower.stop()
        try:
            plan = resume_plan(folders, steps)
        except ResvizError as error:
            self.view.set_problem(str(error))
            return
        if self.state != "idle":
            names = ", ".join(spec.label for spec in plan.specs)
            self.view.set_problem(_("A training is running. Stop it, then resume {nets}.").format(nets=names))
            return
        self._set_lesson(saved_run_lesson(plan.specs, plan.config))
        self.editor.apply(replace(self.setup, free=False, device=plan.device))
        self._resumed = tuple(folders)
        self.start()

    @Slot()
    def show_previous(self) -> None:
        """Show the run before this one with its settings; the run on screen is then the previous one."""
        earlier = self._previous
        if earlier is None or self.state != "idle":
            return
        self._remember()
        self.training_state.restore(earlier)
        self.display.show_lesson(self.setup.lesson)
        self.display.begin()
        self._show_setup()
        self.view.set_state("again" if self.histories else "idle")
        self.display.draw_words()

    def _remember(self) -> None:
        """Keep the run on screen as the previous one."""
        if self.histories and self.training_state.measured:
            self._previous = self.training_state.snapshot()
            self.actions_changed.emit()

    @property
    def has_previous(self) -> bool:
        """Whether there is a run to go back to, and nothing is under way."""
        return self._previous is not None and self.state == "idle"

    @Slot(int)
    def run_to(self, step: int) -> None:
        """Train until so many steps are done, then pause. For a step that is done, show it."""
        if (self.state != "idle" or self.histories) and step <= self.training_state.done:
            self.display.move_cursor(step)
        elif self.state == "idle":
            self._pause_at = step
            self.start()
        elif self.state in ("running", "paused"):
            self.runner.run_to(step)

    def show_recipe(self) -> None:
        """Show the recipe in the status bar."""
        self.recipe_changed.emit(self.setup.recipe_line())

    @Slot(str)
    def _say_weights_problem(self, text: str) -> None:
        self.view.set_problem(text)
        self.show_recipe()

    @Slot()
    def stop(self) -> None:
        """Stop the training after the current layer, or follow no longer. The run is kept."""
        self.follower.stop()
        if self.state == "idle":
            return
        self._set_state("stopping")
        self.runner.stop()

    def closing_text(self) -> str:
        """Return what closing would interrupt, and what is kept of it; "" if nothing is under way."""
        if self.state in ("idle", "following"):
            return ""
        text = _("Training is at step {done} of {steps}. It is saved and can be resumed.")
        if self.training_state.done < SHORT_RUN and not self.keep_short_runs:
            text = _("Training is at step {done} of {steps}. A run of fewer than 5 steps is not kept.")
        return text.format(done=self.training_state.done, steps=self.training_state.config.steps)

    def shut_down(self) -> None:
        """End the training and a download before the window closes."""
        self._start_again, self._closed = False, True
        self._timer.stop()
        self._start_soon.stop()
        self.display.shut_down()
        self.data.shut_down()
        self.weights.shut_down()
        self.recorded.shut_down()
        self.follower.shut_down()
        self.runner.shut_down()
        self.short_runs.shut_down()

    @Slot()
    def _show_setup(self) -> None:
        self.view.set_setup(self.setup)
        self.learning_rate.show()
        self.data.look(self.setup.config.data)
        self.show_recipe()
        self.display.draw_words()
        self.actions_changed.emit()

    @Slot()
    def start_or_pause(self) -> None:
        """Start, pause or continue the training."""
        if self.state == "idle":
            self.view.recipe.setChecked(False)
            self.start()
        elif self.state == "running":
            self.runner.pause()
        elif self.state == "paused":
            self.runner.resume()

    @Slot()
    def _compare(self) -> None:
        self.compare_wanted.emit(list(self.training_state.folders))

    @Slot(str, str)
    def _state_changed(self, state: str, message: str) -> None:
        if state not in _ENDED:
            if self.state != "stopping":
                self._set_state(state)
                self.display.draw_words()
                self.view.set_problem(
                    _("{problem} Training is paused and continues once this is fixed.").format(problem=message)
                    if message
                    else ""
                )
            return
        self._drain()
        self._timer.stop()
        self._set_state("idle")
        self.training_state.end(state)
        self.learning_rate.show()
        self.display.draw()
        self.display.draw_words()
        if self.histories:
            self.view.set_state("again")
        self._discard_short_run()
        if state == "failed":
            self._start_again = False  # the reason is to be read first
            self.view.set_problem(
                message + (" " + _("The measurements so far are saved.") if self.training_state.counts else "")
            )
        if self._start_again:
            self._start_again = False
            self.start()

    def _discard_short_run(self) -> None:
        """Forget the folders of a run that was stopped before it showed anything."""
        training_state = self.training_state
        resumed = training_state.job is not None and bool(training_state.job.resumed)
        if training_state.ended != "stopped" or training_state.done >= SHORT_RUN or resumed or self.keep_short_runs:
            return
        folders, training_state.folders = training_state.folders, ()
        self.short_runs.throw_away(folders)

    def _set_state(self, state: str) -> None:
        self.training_state.state = state
        self.view.set_state(state)
        self.actions_changed.emit()

    @Slot()
    def _drain(self) -> None:
        """Take what the runner has measured since the last frame, and draws the view whose turn it is."""
        new = False
        for message in self.runner.take():
            new |= self.training_state.take(message)
            if isinstance(message, StartMessage):
                self.view.set_problem(message.problem)
                self.device_changed.emit(
                    _("training on {device}  ·  recording to {folder}").format(
                        device=message.device, folder=message.folders[0].parent
                    )
                )
        if new:
            self.display.draw_later()
            self.learning_rate.show()
        self.display.draw_next()
