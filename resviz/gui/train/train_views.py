"""What TRAIN shows: which view stands in which panel, all of them at one step cursor, drawn a view at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.plots.scene import ORDINARY
from resviz.gui.plots.view_controller import ViewController
from resviz.gui.plots.views import VIEWS
from resviz.gui.style import theme
from resviz.gui.train import diagnosis_text

if TYPE_CHECKING:
    from resviz.experiments.lessons import Lesson
    from resviz.gui.plots.scene import Scene
    from resviz.gui.train.train_view import TrainView
    from resviz.gui.train.training_state import TrainingState

DEFAULT_VIEWS = {"main": "response_gradient", "training": "loss", "second": "weight_gradient", "third": "responses"}
"""Of the four panels: top left, top right, bottom left, bottom right."""


class TrainViews(ViewController):
    """Draws a TrainingState, which its controller changes, onto the view."""

    def __init__(self, view: TrainView, training_state: TrainingState, parent: QObject | None = None) -> None:
        super().__init__(view.grid, DEFAULT_VIEWS, parent)
        self.cursor: int | None = None
        """The step that every view shows; None for the newest, as it comes."""
        self.steps = ORDINARY
        """Which steps are seen, and whether their values have a logarithmic axis."""
        self._view, self._state = view, training_state
        self._paper = False
        view.step_chosen.connect(self.move_cursor)
        view.number_clicked.connect(self.look_up)
        view.grid.zoomed.connect(self._zoom)
        view.grid.log_wanted.connect(self._log_y)
        theme.changed().connect(self.draw_words)  # its colours are in the text

    @override
    def scene(self) -> Scene:
        """Return what the views draw at the step cursor."""
        return self._state.scene(self.cursor, self.steps)

    def begin(self) -> None:
        """Begin with another run, and show nothing of the last one."""
        self.cursor, self.steps = None, replace(self.steps, window=None)
        self.cache.forget()
        self.draw()

    @override
    def shut_down(self) -> None:
        super().shut_down()
        self._view.step_cursor.stop_playing()

    def show_defaults(self) -> None:
        """Put the views into the panels that any net has."""
        self.set_views(DEFAULT_VIEWS)

    def show_lesson(self, lesson: Lesson) -> None:
        """Put a lesson's views into the panels."""
        self._paper = False
        self.set_views({**DEFAULT_VIEWS, **lesson.views})

    @Slot(int)
    def move_cursor(self, step: int) -> None:
        """Show a step in every view while the training continues. -1 follows the newest step."""
        measured = self._state.measured
        self.cursor = None if step < 0 or not measured else min(step, measured - 1)
        self.draw_progress()
        self.draw_soon()

    @Slot(object)
    def _zoom(self, window: tuple[float, float] | None) -> None:
        self.steps = replace(self.steps, window=window)
        self.draw_soon(lambda view: view.against_steps)

    @Slot(object)
    def _log_y(self, log: bool) -> None:
        self.steps = replace(self.steps, log_y=log)
        self.draw_soon(lambda view: view.against_steps)

    @Slot(str)
    def look_up(self, link: str) -> None:
        """Show the quantity of a clicked number at its step, or what the paper says."""
        quantity, _at, step = link.partition("@")
        if quantity == "lesson":
            self._view.lesson_wanted_back.emit()
            return
        if quantity == "paper":
            self._paper = not self._paper
            self.draw_words()
            return
        if quantity in VIEWS and quantity not in self.views.values():
            self.choose_view("second" if quantity != "response_gradient" else "main", quantity)
        if int(step) != (self._state.measured - 1 if self.cursor is None else self.cursor):
            self.move_cursor(int(step))

    def draw_later(self) -> None:
        """Draw all views, one in each frame, so that drawing never holds the window for long."""
        self.waiting += [place for place in self.views if place not in self.waiting]
        self.draw_words()

    @Slot()
    def draw_words(self) -> None:
        """Show title, progress, lesson and diagnosis."""
        training_state, view = self._state, self._view
        view.set_title(training_state.title())
        followed = training_state.followed
        view.set_lesson(
            diagnosis_text.followed(followed)
            if followed is not None
            else diagnosis_text.lesson(training_state.setup, paper=self._paper)
        )
        view.set_readout(
            "<br>".join(map(diagnosis_text.sentence, training_state.nets(self.cursor))),
            len(training_state.specs if followed is None else followed.runs),
        )
        ended = training_state.state == "idle" and training_state.ended == "finished" and training_state.folders
        offer = _("Compare these runs and their final errors") if ended else ""
        view.set_compare(_("Compare with other runs") if followed is not None else offer)
        self.draw_progress()

    def draw_progress(self) -> None:
        """Show the step cursor, and how far the training is."""
        training_state, count = self._state, self._state.measured
        at = max(count - 1 if self.cursor is None else self.cursor, 0)
        text, busy = training_state.progress(self.cursor), training_state.state == "preparing"
        self._view.step_cursor.set_state(count, training_state.steps, at, self.cursor is None, text, busy)

    @override
    def after_drawing(self) -> None:
        self.draw_words()
