"""TRAIN's controller: sets up a lesson, has a Runner train it, and keeps what comes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from resviz.base.errors import ResvizError
from resviz.base.translation import _
from resviz.experiments.lessons import find_lesson
from resviz.gui.train.data_offer import DataOffer
from resviz.gui.train.train_views import TrainViews
from resviz.gui.train.training_setup import FIRST_LESSON, TrainingSetup
from resviz.gui.train.training_state import TrainingState
from resviz.gui.workers.runner import RowsMessage, Runner, StartMessage, TrainingJob
from resviz.gui.workers.training_worker import ThreadRunner
from resviz.runs.folder import RunFolder
from resviz.runs.library import default_folder
from resviz.training.recipe import TrainConfig, validate_recipe

if TYPE_CHECKING:
    from pathlib import Path

    from resviz.gui.train.train_view import TrainView
    from resviz.measurements.history import RunHistory

FRAME_MS = 33
_ENDED = ("finished", "stopped", "failed")


class TrainController(QObject):
    """Changes the Course: what is set up, what is under way, what was measured. The Display shows it.

    `device_changed` and `recipe_changed` are lines for the status bar.
    """

    device_changed = Signal(str)
    recipe_changed = Signal(str)

    def __init__(
        self, view: TrainView, folder: Path | None = None, parent: QObject | None = None, runner: Runner | None = None
    ) -> None:
        super().__init__(parent)
        self.view = view
        self.training_state = TrainingState(TrainingSetup.from_lesson(find_lesson(FIRST_LESSON)))
        self.display = TrainViews(view, self.training_state, self)
        self.data = DataOffer(self)
        self.runner: Runner = ThreadRunner(self) if runner is None else runner
        self._folder = folder or default_folder()
        self._start_again = self._closed = False
        self._pause_at: int | None = None
        self._resumed: Path | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._drain)
        self._connect()
        self._show_setup()
        self._set_state("idle")
        self.display.draw()
        self.display.draw_words()

    def _connect(self) -> None:
        view, page = self.view, self.view.recipe_page
        self.runner.state_changed.connect(self._state_changed)
        view.main_pressed.connect(self._main_pressed)
        view.step_pressed.connect(self._step_pressed)
        view.stop_pressed.connect(self.stop)
        view.run_to_pressed.connect(self.run_to)
        view.lesson_chosen.connect(self.choose_lesson)
        view.setting_changed.connect(self.change_setting)
        view.fetch_pressed.connect(self.data.fetch_or_stop)
        self.data.problem.connect(view.set_problem)
        self.data.offered.connect(view.set_fetch)
        page.changed.connect(self.change_setting)
        page.reset.connect(self._reset_setting)
        page.net_chosen.connect(self._net_typed)
        page.net_removed.connect(self._net_removed)
        page.shortcut_chosen.connect(self._shortcut_chosen)

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
        same = self.setup.lesson.name == name and not self.setup.changed
        self.choose_lesson(name, start=False)
        if self.state == "idle":
            self.start()
        elif not same:
            self._start_again = True
            self.stop()

    @Slot(str)
    def choose_lesson(self, name: str, start: bool = True) -> None:
        """Set a lesson up, with its views; where a run has been seen, it begins at once."""
        lesson = find_lesson(name)
        self.display.show_lesson(lesson)
        self.view.recipe_page.clear_problems()
        self.change_setup(TrainingSetup.from_lesson(lesson, self.setup.device), start=start)

    @Slot()
    def start(self) -> None:
        """Begin what is set up; nothing where a run is under way."""
        if self.state != "idle" or self._closed:
            return
        if self.runner.is_alive():
            # The worker has said its last word, but its thread needs a moment more to end.
            QTimer.singleShot(FRAME_MS, self, self.start)
            return
        setup = self.setup
        self.view.set_problem("")
        job = TrainingJob(
            setup.specs, setup.config, self._folder, setup.device, setup.free, self._pause_at, self._resumed
        )
        self._pause_at = self._resumed = None
        self.training_state.begin(job)
        self._set_state("preparing")
        self.display.begin()
        self.display.draw_words()
        self._timer.start()
        self.runner.start(job)

    def resume_run(self, folder: Path, steps: int | None = None) -> None:
        """Resume a saved run to its own number of steps or further, after the current training has stopped."""
        try:
            run = RunFolder(folder)
            config = validate_recipe(run.info.recipe, str(folder))
            spec = run.info.net
        except ResvizError as error:
            self.view.set_problem(str(error))
            return
        if self.state != "idle":
            self.view.set_problem(_("A training is running. Stop it, then resume {net}.").format(net=spec.label))
            return
        config = config.model_copy(update={"steps": steps or config.steps})
        setup = replace(self.setup, specs=(spec,), config=config, free=False, device=run.info.device)
        self.change_setup(setup, start=False)
        self._resumed = folder
        self.start()

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
        recipe = self.setup.config
        self.recipe_changed.emit(
            _(
                "batch {batch}  ·  {optimizer}, learning rate {rate:g}, momentum {momentum:g}, weight decay "
                "{decay:g}  ·  seed {seed}"
            ).format(
                batch=recipe.batch,
                optimizer=recipe.optimizer,
                rate=recipe.learning_rate,
                momentum=recipe.momentum,
                decay=recipe.weight_decay,
                seed=recipe.seed,
            )
        )

    @Slot()
    def stop(self) -> None:
        """Stop the training after the current layer. The run is kept."""
        self._set_state("stopping")
        self.runner.stop()

    def shut_down(self) -> None:
        """End the training and a download before the window closes."""
        self._start_again, self._closed = False, True
        self._timer.stop()
        self.display.shut_down()
        self.data.shut_down()
        self.runner.shut_down()

    @Slot(str, str)
    def change_setting(self, field: str, value: str) -> None:
        """Change a setting. If a run is visible, train again with it, so that one click shows the difference."""
        try:
            changed = self.setup.with_setting(field, value)
        except ResvizError as error:
            if self.view.recipe.isChecked():
                self.view.recipe_page.set_problem(field, str(error))
            else:
                self._refuse(error)
            return
        if field in self.view.recipe_page.editors:
            self.view.recipe_page.set_problem(field, "")
        self.change_setup(changed)

    @Slot(str)
    def _reset_setting(self, field: str) -> None:
        default = TrainConfig.model_fields[field].default
        self.change_setting(field, ", ".join(map(str, default)) if isinstance(default, tuple) else str(default))

    @Slot(int, str)
    def _net_typed(self, index: int, name: str) -> None:
        try:
            self.change_setup(self.setup.with_net(index, name))
        except ResvizError as error:
            self._refuse(error)

    @Slot(int)
    def _net_removed(self, index: int) -> None:
        self.change_setup(self.setup.without_net(index))

    @Slot(int, str)
    def _shortcut_chosen(self, index: int, shortcut: str) -> None:
        self.change_setup(self.setup.with_shortcut(index, shortcut))

    def _refuse(self, error: ResvizError) -> None:
        self.view.set_problem(str(error))
        self._show_setup()

    def change_setup(self, changed: TrainingSetup, start: bool = True) -> None:
        """Set something else up; where a run has been seen and `start` is true, it begins at once."""
        same, self.training_state.setup = changed == self.setup, changed
        self.view.set_problem("")
        self._show_setup()
        self.display.draw_words()
        if same or not start or self.view.recipe.isChecked():
            return  # on the page of the recipe one setting follows another: Start says when
        if self.state != "idle":
            self._start_again = True
            self.stop()
        elif self.histories:
            self.start()

    def _show_setup(self) -> None:
        self.view.set_setup(self.setup)
        self.data.look(self.setup.config.data)
        self.show_recipe()

    @Slot()
    def _main_pressed(self) -> None:
        if self.state == "idle":
            self.view.recipe.setChecked(False)
            self.start()
        elif self.state == "running":
            self.runner.pause()
        elif self.state == "paused":
            self.runner.resume()

    @Slot()
    def _step_pressed(self) -> None:
        self.runner.step_once()

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
        self.training_state.ended = state
        self.display.draw()
        self.display.draw_words()
        if self.histories:
            self.view.set_state("again")
        if state == "failed":
            self._start_again = False  # the reason is to be read first
            self.view.set_problem(
                message + (" " + _("The measurements so far are saved.") if self.training_state.counts else "")
            )
        if self._start_again:
            self._start_again = False
            self.start()

    def _set_state(self, state: str) -> None:
        self.training_state.state = state
        self.view.set_state(state)

    @Slot()
    def _drain(self) -> None:
        """Take what the runner has measured since the last frame, and draws the view whose turn it is."""
        new = False
        for message in self.runner.take():
            if isinstance(message, StartMessage):
                self.training_state.start_recording(message.layers)
                for history, rows in zip(self.histories, message.rows, strict=False):
                    if rows:
                        history.append(rows)
                self.device_changed.emit(
                    _("training on {device}  ·  recording to {folder}").format(
                        device=message.device, folder=message.folders[0].parent
                    )
                )
            elif isinstance(message, RowsMessage):
                self.training_state.counts, self.training_state.rate = message.counts, message.steps_per_second
                for history, rows in zip(self.histories, message.rows, strict=False):
                    history.append(rows)
                    new = new or bool(len(rows["step"]))
        if new:
            self.display.draw_later()
        self.display.draw_next()
