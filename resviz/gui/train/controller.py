"""TRAIN's controller: sets up a lesson, has a Runner train it, and shows what comes of it at one step cursor."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from resviz.gui import theme
from resviz.gui.history import History
from resviz.gui.net_plots import Shown
from resviz.gui.runner import Began, Job, Measured, Runner, ThreadRunner
from resviz.gui.train import words
from resviz.gui.train.data_offer import DataOffer
from resviz.gui.train.drawing import Drawing, Scene
from resviz.gui.train.setup import FIRST_PRESET, Setup, told_apart, variants
from resviz.gui.train.view import TrainView
from resviz.gui.train.views import BY_NAME, DEFAULT_VIEWS, PLACES
from resviz.nets.errors import NetError
from resviz.presets import find
from resviz.runs.library import default_folder
from resviz.training.recipe import TrainConfig

FRAME_MS = 33
_ENDED = ("finished", "stopped", "failed")


class TrainController(QObject):
    """Holds what is set up, what was measured, and which step is looked at.

    `device_changed` and `recipe_changed` are lines for the status bar.
    """

    device_changed = Signal(str)
    recipe_changed = Signal(str)

    def __init__(
        self, view: TrainView, folder: Path | None = None, parent: QObject | None = None, runner: Runner | None = None
    ) -> None:
        super().__init__(parent)
        self.view = view
        self.setup = Setup.of(find(FIRST_PRESET))
        self.runner: Runner = ThreadRunner(self) if runner is None else runner
        self.state = "idle"
        self.histories: list[History] = []
        self.cursor: int | None = None
        """The step that every view shows; None for the newest, as it comes."""
        self.views = dict(DEFAULT_VIEWS)
        self._options = {view.name: view.options[0][0] if view.options else "" for view in BY_NAME.values()}
        self._net = 0
        self.data = DataOffer(self)
        self._folder = folder or default_folder()
        self._job: Job | None = None
        self._start_again = self._closed = False
        self._run_to: int | None = None
        self._ended = ""
        self._paper = False
        self._counts: tuple[int, ...] = ()
        self._rate: float | None = None
        self._drawing = Drawing()
        self._to_draw: list[str] = []
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._drain)
        self._redraw = QTimer(self)  # the cursor is moved faster than four views are drawn
        self._redraw.setSingleShot(True)
        self._redraw.timeout.connect(self._draw_waiting)
        self._connect()
        theme.changed().connect(self._recolour)
        self._show_setup()
        self._show_views()
        self._set_state("idle")
        self._draw()
        self._draw_words()

    def _connect(self) -> None:
        view = self.view
        self.runner.state_changed.connect(self._state_changed)
        view.main_pressed.connect(self._main_pressed)
        view.step_pressed.connect(self._step_pressed)
        view.stop_pressed.connect(self.stop)
        view.run_to_pressed.connect(self.run_to)
        view.preset_chosen.connect(self.choose_preset)
        view.setting_changed.connect(self.change_setting)
        view.view_chosen.connect(self.choose_view)
        view.option_chosen.connect(self.choose_option)
        view.net_chosen.connect(self._choose_net)
        view.step_chosen.connect(self.move_cursor)
        view.figure_clicked.connect(self.look_up)
        view.fetch_pressed.connect(self.data.fetch_or_stop)
        self.data.problem.connect(view.set_problem)
        self.data.offered.connect(view.set_fetch)
        page = view.recipe_page
        page.changed.connect(self.change_setting)
        page.reset.connect(self._reset_setting)
        page.net_chosen.connect(self._net_typed)
        page.net_removed.connect(self._net_removed)
        page.shortcut_chosen.connect(self._shortcut_chosen)

    def start_preset(self, name: str = FIRST_PRESET) -> None:
        """Begins a lesson as it stands in its file, at once or after what is under way.

        Where that is just what is under way, it goes on.
        """
        same = self.setup.preset.name == name and not self.setup.changed
        self.choose_preset(name, start=False)
        if self.state == "idle":
            self.start()
        elif not same:
            self._start_again = True
            self.stop()

    @Slot(str)
    def choose_preset(self, name: str, start: bool = True) -> None:
        """Sets a lesson up, with its views; where a run has been seen, it begins at once."""
        preset = find(name)
        self._paper = False
        self.views = {**DEFAULT_VIEWS, **{place: view.partition(":")[0] for place, view in preset.views.items()}}
        for view in preset.views.values():
            kind, _, option = view.partition(":")
            if option:
                self._options[kind] = option
        self._show_views()
        self._change(Setup.of(preset, self.setup.device), start=start)

    @Slot()
    def start(self) -> None:
        """Begins what is set up; nothing where a run is under way."""
        if self.state != "idle" or self._closed:
            return
        if self.runner.alive():
            # The worker has said its last word, but its thread needs a moment more to end.
            QTimer.singleShot(FRAME_MS, self, self.start)
            return
        setup = self.setup
        self.view.set_problem("")
        self._job = Job(setup.specs, setup.config, self._folder, setup.device, setup.free, self._run_to)
        self._run_to = None
        self.histories, self._counts, self._rate, self._ended = [], (), None, ""
        self.cursor = None
        self._drawing.forget()
        self._set_state("preparing")
        self._draw()
        self._draw_words()
        self._timer.start()
        self.runner.start(self._job)

    @Slot(int)
    def run_to(self, step: int) -> None:
        """Goes on, or starts, until so many steps are done, and pauses there; looks back at one that is done."""
        if self.state != "idle" and step <= max(self._counts, default=0):
            self.move_cursor(step)
        elif self.state == "idle":
            self._run_to = step
            self.start()
        elif self.state in ("running", "paused"):
            self.runner.run_to(step)

    def show_recipe(self) -> None:
        """Says the recipe in a line."""
        recipe = self.setup.config
        self.recipe_changed.emit(
            f"batch {recipe.batch}  ·  {recipe.optimizer}, learning rate {recipe.learning_rate:g}, "
            f"momentum {recipe.momentum:g}, weight decay {recipe.weight_decay:g}  ·  seed {recipe.seed}"
        )

    @Slot()
    def stop(self) -> None:
        self._set_state("stopping")
        self.runner.stop()

    def shut_down(self) -> None:
        """Ends whatever is under way, before the window goes."""
        self._start_again, self._closed = False, True
        self._timer.stop()
        self._redraw.stop()
        self.view.step_cursor.stop_playing()
        self.data.shut_down()
        self.runner.shut_down()

    @Slot(str, str)
    def change_setting(self, field: str, value: str) -> None:
        """Another setting. Where a run has been seen, it begins again with it: one click shows the difference."""
        try:
            changed = self.setup.with_setting(field, value)
        except NetError as error:
            self._refuse(error)
            return
        self._change(changed)

    @Slot(str)
    def _reset_setting(self, field: str) -> None:
        default = TrainConfig.model_fields[field].default
        self.change_setting(field, ", ".join(map(str, default)) if isinstance(default, tuple) else str(default))

    @Slot(int, str)
    def _net_typed(self, index: int, name: str) -> None:
        try:
            self._change(self.setup.with_net(index, name))
        except NetError as error:
            self._refuse(error)

    @Slot(int)
    def _net_removed(self, index: int) -> None:
        self._change(self.setup.without_net(index))

    @Slot(int, str)
    def _shortcut_chosen(self, index: int, shortcut: str) -> None:
        self._change(self.setup.with_shortcut(index, shortcut))

    def _refuse(self, error: NetError) -> None:
        self.view.set_problem(str(error))
        self._show_setup()

    def _change(self, changed: Setup, start: bool = True) -> None:
        same, self.setup = changed == self.setup, changed
        self.view.set_problem("")
        self._show_setup()
        self._draw_words()
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

    @Slot(str, str)
    def choose_view(self, place: str, name: str) -> None:
        """Puts a view into a panel."""
        self.views[place] = name
        self._show_views()
        self._draw(place)

    @Slot(str, str)
    def choose_option(self, place: str, option: str) -> None:
        """Sets the option of the view in a panel."""
        self._options[self.views[place]] = option
        self._show_views()
        self._draw()

    @Slot(str, int)
    def _choose_net(self, place: str, index: int) -> None:
        self._net = index
        self._draw(place)

    def _show_views(self) -> None:
        for place, panel in self.view.panels.items():
            panel.set_view(self.views[place], self._options[self.views[place]])

    @Slot(int)
    def move_cursor(self, step: int) -> None:
        """Shows a step in every view, while training goes on; -1 for the newest as it comes."""
        count = max(self._counts, default=0)
        self.cursor = None if step < 0 or not count else min(step, count - 1)
        self._draw_progress()
        self._to_draw = list(PLACES)
        self._redraw.start(0)

    @Slot(str)
    def look_up(self, link: str) -> None:
        """A figure of the diagnosis was clicked: its quantity, at its step; or what the paper says."""
        quantity, _, step = link.partition("@")
        if quantity == "paper":
            self._paper = not self._paper
            self._draw_words()
            return
        if quantity in BY_NAME and quantity not in self.views.values():
            self.choose_view("second" if quantity != "response_gradient" else "main", quantity)
        newest = max(self._counts, default=0) - 1
        if int(step) != (newest if self.cursor is None else self.cursor):
            self.move_cursor(int(step))

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
            self.view.set_problem(message + (". What was measured before is kept" if self._counts else ""))
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
                self._counts, self._rate = message.counts, message.steps_per_second
                for history, rows in zip(self.histories, message.rows, strict=False):
                    history.append(rows)
                    new = new or bool(len(rows["step"]))
        if new:
            # What waits keeps its turn: a view a frame, so that drawing never holds the window for long.
            self._to_draw += [place for place in PLACES if place not in self._to_draw]
            self._draw_words()
        if self._to_draw:
            self._draw_next()

    @Slot()
    def _draw_waiting(self) -> None:
        """After a move of the cursor: all that waits, a view at a time so that the next move is not held up."""
        if self._to_draw:
            self._draw_next()
        if self._to_draw:
            self._redraw.start(0)
        else:
            self._draw_words()

    def _draw(self, place: str | None = None) -> None:
        """All four views now, or one."""
        self._to_draw = [place] if place else list(PLACES)
        while self._to_draw:
            self._draw_next()

    def _draw_next(self) -> None:
        """The view that has waited longest."""
        place = self._to_draw.pop(0)
        panel = self.view.panels[place]
        self._drawing.draw(panel, self._options[panel.view.name], self._net, self._scene())

    def _scene(self) -> Scene:
        waiting = "Start draws it here, live" if self.state == "idle" else "the first step is on its way"
        specs = self._job.specs if self._job and self.histories else self.setup.specs
        return Scene(self._nets(), specs, self.cursor is None, waiting)

    def _nets(self) -> list[Shown]:
        """What was measured, at the cursor; a net that is behind is shown at its newest step."""
        if self._job is None:
            return []
        specs, recipe = self._job.specs, self._job.config.model_dump()
        nets = [
            Shown(name, spec.unit, history, variant, recipe=recipe)
            for name, spec, history, variant in zip(
                told_apart(specs), specs, self.histories, variants(specs), strict=False
            )
            if history.count
        ]
        if self.cursor is None:
            return nets
        return [replace(net, row=min(self.cursor, net.history.count - 1)) for net in nets]

    @Slot()
    def _recolour(self) -> None:
        self._draw_words()  # its colours are in the text

    @Slot()
    def _draw_words(self) -> None:
        """Title, progress, lesson and diagnosis: all of it from what is set up and what was measured."""
        running = self._job is not None and bool(self.histories or self.state != "idle")
        specs = self._job.specs if running and self._job else self.setup.specs
        names = [
            words.coloured(name, spec.unit, variant)
            for name, spec, variant in zip(told_apart(specs), specs, variants(specs), strict=True)
        ]
        labels = {spec.label for spec in specs}
        of = f"{labels.pop()}: " if len(labels) == 1 and len(specs) > 1 else ""
        self.view.set_title(
            f"<span style='font-size:12pt'>{of}{(' against ' if len(names) < 3 else ' · ').join(names)}</span>"
        )
        nets = self._nets()
        self.view.set_lesson(words.lesson(self.setup, paper=self._paper))
        self.view.set_readout("<br>".join(map(words.sentence, nets)))
        self._draw_progress()

    def _draw_progress(self) -> None:
        config = self._job.config if self._job and (self.histories or self.state != "idle") else self.setup.config
        count = max((history.count for history in self.histories), default=0)
        at = count - 1 if self.cursor is None else self.cursor
        busy = self.state == "preparing"
        self.view.step_cursor.set_state(
            count, config.steps, max(at, 0), self.cursor is None, self._progress(config), busy
        )

    def _progress(self, config: TrainConfig) -> str:
        if self.state == "preparing":
            return f"preparing: loading torch and {config.data}"
        done = " and ".join(map(str, sorted(set(self._counts)))) or "0"
        parts = [f"{done} of {config.steps} steps"]
        if self.cursor is not None:
            parts.insert(0, f"step {self.cursor} is shown")
        if self._rate:
            parts.append(f"{self._rate:.1f} steps/s")
            if self.state in ("running", "paused"):
                parts.append(f"{words.minutes((config.steps - min(self._counts)) / self._rate)} left")
        if self._ended and self.state == "idle":
            parts.append(self._ended)
        return "  ·  ".join(parts)
