"""What TRAIN shows: which view stands in which panel, all of them at one step cursor, drawn a view at a time."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot

from resviz.gui import theme
from resviz.gui.plots.drawing import Drawing
from resviz.gui.plots.views import BY_NAME, DEFAULT_VIEWS, PLACES
from resviz.gui.train import words
from resviz.gui.train.course import Course
from resviz.gui.train.view import TrainView
from resviz.presets import Preset


class Display(QObject):
    """Draws a Course, which its controller changes, onto the view."""

    def __init__(self, view: TrainView, course: Course, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.cursor: int | None = None
        """The step that every view shows; None for the newest, as it comes."""
        self.views = dict(DEFAULT_VIEWS)
        self.waiting: list[str] = []
        """Panels that are to be drawn again, in the order of their turn."""
        self._view, self._course = view, course
        self._options = _first_options()
        self._paper = False
        self._drawing = Drawing()
        self._soon = QTimer(self)  # the cursor is moved faster than four views are drawn
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._draw_waiting)
        view.view_chosen.connect(self.choose_view)
        view.option_chosen.connect(self.choose_option)
        view.step_chosen.connect(self.move_cursor)
        view.figure_clicked.connect(self.look_up)
        theme.changed().connect(self.draw_words)  # its colours are in the text
        self._show_views()

    def begin(self) -> None:
        """Another run begins: nothing of the last is shown any more."""
        self.cursor = None
        self._drawing.forget()
        self.draw()

    def shut_down(self) -> None:
        self._soon.stop()
        self._view.step_cursor.stop_playing()

    def show_preset(self, preset: Preset) -> None:
        """Puts a lesson's views into the panels."""
        self._paper = False
        self._options = _first_options()
        self.views = dict(DEFAULT_VIEWS)
        for place, view in preset.views.items():
            kind, _, option = view.partition(":")
            self.views[place] = kind
            if option:
                self._options[kind] = option
        self._show_views()

    @Slot(str, str)
    def choose_view(self, place: str, name: str) -> None:
        """Puts a view into a panel."""
        self.views[place] = name
        self._show_views()
        self.draw(place)

    @Slot(str, str)
    def choose_option(self, place: str, option: str) -> None:
        """Sets the option of the view in a panel."""
        self._options[self.views[place]] = option
        self._show_views()
        self.draw()

    @Slot(int)
    def move_cursor(self, step: int) -> None:
        """Shows a step in every view, while training goes on; -1 for the newest as it comes."""
        measured = self._course.measured
        self.cursor = None if step < 0 or not measured else min(step, measured - 1)
        self.draw_progress()
        self.waiting = list(PLACES)
        self._soon.start(0)

    @Slot(str)
    def look_up(self, link: str) -> None:
        """A figure of the diagnosis was clicked: its quantity, at its step; or what the paper says."""
        quantity, _, step = link.partition("@")
        if quantity == "paper":
            self._paper = not self._paper
            self.draw_words()
            return
        if quantity in BY_NAME and quantity not in self.views.values():
            self.choose_view("second" if quantity != "response_gradient" else "main", quantity)
        if int(step) != (self._course.measured - 1 if self.cursor is None else self.cursor):
            self.move_cursor(int(step))

    def draw(self, place: str | None = None) -> None:
        """All four views now, or one."""
        self.waiting = [place] if place else list(PLACES)
        while self.waiting:
            self.draw_next()

    def draw_later(self) -> None:
        """What waits keeps its turn: a view a frame, so that drawing never holds the window for long."""
        self.waiting += [place for place in PLACES if place not in self.waiting]
        self.draw_words()

    def draw_next(self) -> None:
        """The view that has waited longest."""
        if self.waiting:
            panel = self._view.panels[self.waiting.pop(0)]
            self._drawing.draw(panel, self._options[panel.view.name], self._course.scene(self.cursor))

    @Slot()
    def draw_words(self) -> None:
        """Title, progress, lesson and diagnosis: all of it from what is set up and what was measured."""
        course, view = self._course, self._view
        view.set_title(course.title())
        view.set_lesson(words.lesson(course.setup, paper=self._paper))
        view.set_readout("<br>".join(map(words.sentence, course.nets(self.cursor))), len(course.specs))
        self.draw_progress()

    def draw_progress(self) -> None:
        course, count = self._course, self._course.measured
        at = max(count - 1 if self.cursor is None else self.cursor, 0)
        text, busy = course.progress(self.cursor), course.state == "preparing"
        self._view.step_cursor.set_state(count, course.config.steps, at, self.cursor is None, text, busy)

    @Slot()
    def _draw_waiting(self) -> None:
        """After a move of the cursor: a view at a time, so that the next move is not held up."""
        self.draw_next()
        if self.waiting:
            self._soon.start(0)
        else:
            self.draw_words()

    def _show_views(self) -> None:
        for place, panel in self._view.panels.items():
            panel.set_view(self.views[place], self._options[self.views[place]])


def _first_options() -> dict[str, str]:
    """Each view's option as it comes up."""
    return {view.name: view.options[0][0] if view.options else "" for view in BY_NAME.values()}
