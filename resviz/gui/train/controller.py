"""TRAIN's controller: sets up a duel, has a Runner train it, and draws what comes of it."""

from __future__ import annotations

import math
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from resviz.gui import theme
from resviz.gui.history import History
from resviz.gui.net_plots import Shown, draw_depth, draw_responses, draw_scalar
from resviz.gui.runner import Began, Job, Measured, Runner, ThreadRunner
from resviz.gui.train import words
from resviz.gui.train.setup import Setup
from resviz.gui.train.view import TrainView
from resviz.nets.errors import NetError
from resviz.runs.library import default_folder
from resviz.training.quantities import RESPONSE_GRADIENT, WEIGHT_GRADIENT

FRAME_MS = 33
_PLOTS = ("response_gradient", "loss", "weight_gradient", "responses")
_ENDED = ("finished", "stopped", "failed")


class TrainController(QObject):
    """Holds what is set up and what was measured.

    `device_changed` and `recipe_changed` are lines for the status bar.
    """

    device_changed = Signal(str)
    recipe_changed = Signal(str)

    def __init__(
        self, view: TrainView, folder: Path | None = None, parent: QObject | None = None, runner: Runner | None = None
    ) -> None:
        super().__init__(parent)
        self.view = view
        self.setup = Setup()
        self.runner: Runner = ThreadRunner(self) if runner is None else runner
        self.state = "idle"
        self.histories: list[History] = []
        self._folder = folder or default_folder()
        self._job: Job | None = None
        self._start_again = self._closed = False
        self._ended = ""
        self._steps = 0
        self._rate: float | None = None
        self._loss_mode, self._order = "loss", "layer"
        self._to_draw: list[str] = []
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._drain)
        self.runner.state_changed.connect(self._state_changed)
        view.main_pressed.connect(self._main_pressed)
        view.step_pressed.connect(self._step_pressed)
        view.stop_pressed.connect(self.stop)
        view.setting_changed.connect(self.change_setting)
        view.loss_mode_changed.connect(self._show_loss)
        view.order_changed.connect(self._show_order)
        theme.changed().connect(self._draw_words)  # its colours are in the text
        view.set_setup(self.setup)
        self._set_state("idle")
        self._draw()
        self._draw_words()

    def start_preset(self) -> None:
        """Begins plain-20 against ResNet-20 as TRAIN comes up with it, at once or after what is under way.

        Where that is just what is under way, it goes on.
        """
        preset = Setup(steps=self.setup.steps)
        same, self.setup = preset == self.setup, preset
        self.view.set_setup(preset)
        if self.state == "idle":
            self.start()
        elif not same:
            self._start_again = True
            self.stop()

    @Slot()
    def start(self) -> None:
        """Begins the duel that is set up; nothing where one is under way."""
        if self.state != "idle" or self._closed:
            return
        if self.runner.alive():
            # The worker has said its last word, but its thread needs a moment more to end.
            QTimer.singleShot(FRAME_MS, self, self.start)
            return
        self.view.set_problem("")
        try:
            self._job = Job(self.setup.specs, self.setup.config, self._folder)
        except NetError as error:
            self.view.set_problem(str(error))
            return
        self.histories, self._steps, self._rate, self._ended = [], 0, None, ""
        self._set_state("preparing")
        self._draw()
        self._draw_words()
        self._timer.start()
        self.runner.start(self._job)

    def show_recipe(self) -> None:
        """Says all of the recipe that has no control of its own."""
        recipe = self.setup.config
        self.recipe_changed.emit(
            f"batch {recipe.batch}  ·  SGD, learning rate {recipe.learning_rate:g}, momentum {recipe.momentum:g}, "
            f"weight decay {recipe.weight_decay:g}  ·  seed {recipe.seed}"
        )

    @Slot()
    def stop(self) -> None:
        self._set_state("stopping")
        self.runner.stop()

    def shut_down(self) -> None:
        """Ends whatever is under way, before the window goes."""
        self._start_again, self._closed = False, True
        self._timer.stop()
        self.runner.shut_down()

    @Slot(str, str)
    def change_setting(self, field: str, value: str) -> None:
        """Another setting. Where a duel has been seen, it begins again with it: one click shows the difference."""
        changed = self.setup.with_setting(field, value)
        if changed == self.setup:
            return
        self.setup = changed
        self.view.set_setup(changed)
        if self.state != "idle":
            self._start_again = True
            self.stop()
        elif self.histories:
            self.start()
        else:
            self._draw_words()

    @Slot()
    def _main_pressed(self) -> None:
        if self.state == "idle":
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
                self._draw_words()
            return
        self._drain()
        self._timer.stop()
        self._draw()
        self._set_state("idle")
        if self.histories:
            self.view.set_state("again")
        self._ended = state
        self._draw_words()
        if state == "failed":
            self._start_again = False  # the reason is to be read first
            self.view.set_problem(message + (". What was measured before is kept" if self._steps else ""))
        if self._start_again:
            self._start_again = False
            self.start()

    def _set_state(self, state: str) -> None:
        self.state = state
        self.view.set_state(state)

    @Slot()
    def _drain(self) -> None:
        new = False
        for message in self.runner.take():
            if isinstance(message, Began):
                self.histories = [History(layers) for layers in message.layers]
                self.device_changed.emit(f"training on {message.device}  ·  recording to {message.folders[0].parent}")
            elif isinstance(message, Measured):
                self._steps, self._rate = message.steps, message.steps_per_second
                for history, rows in zip(self.histories, message.rows, strict=False):
                    history.append(rows)
                    new = True
        if new:
            # What waits keeps its turn: a plot a frame, so that drawing never holds the window for long.
            self._to_draw += [plot for plot in _PLOTS if plot not in self._to_draw]
            self._draw_words()
        if self._to_draw:
            self._draw_next()

    @Slot(str)
    def _show_loss(self, mode: str) -> None:
        self._loss_mode = mode
        self._draw()

    @Slot(str)
    def _show_order(self, order: str) -> None:
        self._order = order
        self._draw()

    def _draw(self) -> None:
        """All four plots, now."""
        self._to_draw = list(_PLOTS)
        while self._to_draw:
            self._draw_next()

    def _draw_next(self) -> None:
        """The plot that has waited longest."""
        plot = self._to_draw.pop(0)
        view, nets = self.view, self._nets()
        waiting = "Start draws it here, live" if self.state == "idle" else "the first step is on its way"
        if plot == "response_gradient":
            draw_depth(view.response_gradient, nets, RESPONSE_GRADIENT.name, waiting=waiting)
        elif plot == "weight_gradient":
            draw_depth(view.weight_gradient, nets, WEIGHT_GRADIENT.name, waiting=waiting)
        elif plot == "responses":
            draw_responses(view.responses, nets, by_magnitude=self._order == "magnitude", waiting=waiting)
        else:
            classes = self._job.specs[0].classes if self._job else 0
            guessing = math.log(classes) if nets and self._loss_mode == "loss" else None
            view.loss.set_level(guessing, "guessing")
            draw_scalar(view.loss, nets, self._loss_mode, waiting)

    def _nets(self) -> list[Shown]:
        specs = self._job.specs if self._job else ()
        pairs = zip(specs, self.histories, strict=False)
        return [Shown(spec.label, spec.unit, history) for spec, history in pairs if history.count]

    @Slot()
    def _draw_words(self) -> None:
        """Title, progress and the sentence: all of it from what was measured."""
        running = self._job is not None and bool(self.histories or self.state != "idle")
        specs = self._job.specs if running and self._job else self.setup.specs
        config = self._job.config if running and self._job else self.setup.config
        names = " against ".join(words.coloured(spec.label, spec.unit) for spec in specs)
        self.view.set_title(f"<span style='font-size:13pt'>{names}</span>")
        self.view.set_readout("<br>".join(map(words.sentence, self._nets())) or words.dim(words.BEFORE))
        if self.state == "preparing":
            self.view.status.setText("preparing: loading torch and the digits")
            return
        parts = [f"{self._steps} of {config.steps} steps"]
        if self._rate:
            parts.append(f"{self._rate:.1f} steps/s")
            if self.state in ("running", "paused"):
                parts.append(f"{words.minutes((config.steps - self._steps) / self._rate)} left")
        if self._ended and self.state == "idle":
            parts.append(self._ended)
        self.view.set_progress(self._steps, config.steps, "  ·  ".join(parts))
