"""The story: pages in the order of the paper's argument, each with a claim, a question, a training and its result.

The pages drive TRAIN. A reader may change anything there and come back: what a page says follows what is on screen.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget
from typing_extensions import override

from resviz.base.translation import _
from resviz.experiments.lessons import Lesson, all_lessons, lessons, story
from resviz.gui.lessons.lesson_page import LessonPage
from resviz.gui.lessons.lesson_views import unknown_views
from resviz.gui.lessons.story_result import PageResult, training_result, verdict_text
from resviz.gui.lessons.story_text import StoryText
from resviz.gui.plots.figure_stage import FigureStage
from resviz.gui.style import theme
from resviz.gui.style.scaled_width import fix_width
from resviz.gui.style.widgets import StillComboBox, dim, plain
from resviz.measurements.quantities import RESPONSE_GRADIENT, SHORTCUT_GRADIENT, WEIGHT_GRADIENT

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QHideEvent, QShowEvent

    from resviz.gui.plots.figure import Figure
    from resviz.gui.train.train_controller import TrainController

_EVERY_MS = 150
_TEXT_WIDTH = 330
_SHARES = (3, 2)
"""Shares of the height: the lesson's main view, and its second view."""

_GRADIENTS = (RESPONSE_GRADIENT, SHORTCUT_GRADIENT, WEIGHT_GRADIENT)
"""What a diagnosis is about."""


class StoryPage(QWidget):
    """A page at a time: text at the left, and at the right two views of the training, or an illustration."""

    train_wanted = Signal()

    def __init__(
        self,
        open_train: Callable[[], TrainController],
        make_illustration: Callable[[str], LessonPage | None],
        parent: QWidget | None = None,
    ) -> None:
        """Make the page.

        Args:
            open_train: Returns TRAIN's controller, and makes TRAIN at first use.
            make_illustration: Returns a new illustration by its key, or None if there is none.
            parent: Parent of the page.
        """
        super().__init__(parent)
        self._open_train, self._make_illustration = open_train, make_illustration
        self._answers: dict[str, int] = {}
        """The reader's answers, by the names of the lessons."""
        self._seen: set[str] = set()
        """Lessons whose result may be seen: they were answered, or run."""
        self.lesson: Lesson | None = None
        self._illustrations: dict[str, LessonPage] = {}
        self._version: object = None
        self._back_wanted = ""
        """The lesson that is to be set up again as soon as nothing is training."""
        self.previous, self.next = QPushButton("◀"), QPushButton("▶")
        for button, by, name in ((self.previous, -1, _("Previous page")), (self.next, 1, _("Next page"))):
            button.setObjectName("chip")
            button.setAccessibleName(name)
            button.setToolTip(plain(name))
            button.clicked.connect(self._back if by < 0 else self._forth)
        self.chooser = StillComboBox()
        self.chooser.setAccessibleName(_("page of the story"))
        self.chooser.setToolTip(plain(_("Choose a page of the story.")))
        self.chooser.setSizeAdjustPolicy(StillComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.chooser.activated.connect(self._choose)
        self.text = StoryText()
        self.problem = QLabel()
        self.problem.setObjectName("problem")
        self.problem.setWordWrap(True)
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        self.problem.hide()
        self.text.answered.connect(self.answer)
        self.text.run_pressed.connect(self.run)
        self.text.stop_pressed.connect(self._stop)
        self.text.train_pressed.connect(self.train_wanted)
        self.text.back_pressed.connect(self._restore)
        self.text.setting_chosen.connect(self._set)
        self.stages = [FigureStage(), FigureStage()]
        self.headings = [QLabel(), QLabel()]
        self._hidden = dim(_("Answer the question first. Then the result is shown here."))
        self._hidden.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.refresh)
        theme.changed().connect(self._redraw)
        self._lay_out()
        self.refill()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.previous)
        head.addWidget(self.chooser, 1)
        head.addWidget(self.next)
        left = QWidget()
        fix_width(left, _TEXT_WIDTH)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(head)
        column.addWidget(self.problem)
        column.addWidget(self.text, 1)
        views = QWidget()
        stack = QVBoxLayout(views)
        stack.setContentsMargins(0, 0, 0, 0)
        for heading, stage, share in zip(self.headings, self.stages, _SHARES, strict=True):
            heading.setObjectName("heading")
            stack.addWidget(heading)
            stack.addWidget(stage, share)
        self._right = QStackedWidget()
        self._views = views
        self._right.addWidget(self._hidden)
        self._right.addWidget(views)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(left)
        row.addWidget(self._right, 1)

    def refill(self) -> None:
        """List the pages, own ones too, and what is wrong with own ones. Keep the page in sight."""
        pages, problems = story(), [*all_lessons()[1], *unknown_views(lessons())]
        name = self.lesson.name if self.lesson else ""
        self.chooser.clear()
        for number, lesson in enumerate(pages, 1):
            self.chooser.addItem(f"{number}. {_(lesson.title)}", lesson.name)
        self.chooser.setCurrentIndex(max(0, self.chooser.findData(name)))
        more = _(" (and {count} more)").format(count=len(problems) - 1) if len(problems) > 1 else ""
        self.problem.setText(f"{problems[0]}{more}" if problems else "")
        self.problem.setVisible(bool(problems))

    def show_lesson(self, lesson: Lesson) -> None:
        """Show a page. Its nets are set up in TRAIN, unless they are there already."""
        self.lesson, self._version = lesson, None
        self.chooser.setCurrentIndex(self.chooser.findData(lesson.name))
        at, count = self.chooser.currentIndex(), self.chooser.count()
        self.previous.setEnabled(at > 0)
        self.next.setEnabled(at + 1 < count)
        self.text.set_lesson(lesson)
        if lesson.specs:
            self._set_up(lesson)
        self.refresh()

    def _set_up(self, lesson: Lesson) -> None:
        """Set a lesson up in TRAIN, unless the reader has it there, perhaps with changes."""
        train = self._open_train()
        untouched = not train.setup.changed and not train.histories and train.state == "idle"
        if train.setup.lesson.name != lesson.name or untouched:
            train.choose_lesson(lesson.name)  # it also looks for a saved run

    @Slot(int)
    def answer(self, number: int) -> None:
        """Keep the reader's answer, and show what was measured."""
        assert self.lesson is not None
        self._answers[self.lesson.name] = number
        self.reveal()

    @Slot()
    def run(self) -> None:
        """Train the nets of this page, at once or after the current training."""
        if self.lesson is not None and self.lesson.specs:
            self._set_up(self.lesson)
            self.reveal()
            self._open_train().restart()
            self.refresh()

    def measure(self) -> None:
        """Begin what the page's illustration measures, if it does and has not."""
        page = self._right.currentWidget()
        if isinstance(page, LessonPage):
            page.start()

    @Slot()
    def refresh(self) -> None:
        """Draw the page again, if what it shows has changed."""
        lesson = self.lesson
        if lesson is None or not self.isVisible():
            return
        version = self.version()
        if version == self._version:
            return
        self._version = version
        if lesson.specs:
            self._show_training(lesson)
        else:
            self._show_illustration(lesson)

    @property
    def is_revealed(self) -> bool:
        """Whether the page's result may be seen: its question was answered, or its nets were trained."""
        return self.lesson is not None and self.lesson.name in self._seen

    @property
    def main_figure(self) -> Figure | None:
        """The page's first view, if it is shown."""
        if self._right.currentWidget() is not self._views:
            return None
        return self._open_train().display.figure("main")

    @property
    def picture(self) -> QWidget | None:
        """The picture of the page's illustration, if that is shown."""
        page = self._right.currentWidget()
        return page.presented if isinstance(page, LessonPage) else None

    @property
    def has_result(self) -> bool:
        """Whether something of this page is shown."""
        return self._right.currentWidget() is not self._hidden

    @property
    def findings(self) -> tuple[str, ...]:
        """What is not as the lesson has it, whether the answer holds, and what was measured; nothing before."""
        page = self._right.currentWidget()
        status = page.status if isinstance(page, LessonPage) else ""
        text = self.text
        return tuple(filter(None, (text.note.text(), text.verdict.text(), text.measured.text(), status)))

    def reveal(self) -> None:
        """Show the result of the page without an answer."""
        assert self.lesson is not None
        self._seen.add(self.lesson.name)
        self.refresh()

    def turn(self, pages: int) -> None:
        """Go so many pages on, or back."""
        self._go_to(self.chooser.currentIndex() + pages)

    def shut_down(self) -> None:
        """Stop drawing, and what the illustrations measure."""
        self._timer.stop()
        for page in self._illustrations.values():
            page.shut_down()

    @override
    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()
        if self.lesson is None:
            pages = story()
            if pages:
                self.show_lesson(pages[0])
        else:
            self.refresh()

    @override
    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def version(self) -> tuple[Any, ...]:
        """Return something that differs when the page has changed."""
        if self.lesson is None:
            return ()
        name = self.lesson.name
        return (name, self._answers.get(name), name in self._seen, *self._state())

    def _state(self) -> tuple[Any, ...]:
        """Return what the page depends on besides the reader's answer."""
        assert self.lesson is not None
        if not self.lesson.specs:
            page = self._illustrations.get(self.lesson.illustration)
            if page is None:
                return ()
            value = page.answer_value
            return None if value != value else value, page.is_as_opened, page.status
        train = self._open_train()
        state = train.training_state
        return (
            state.state,
            state.measured,
            state.setup,
            state.run_setup,
            len(state.histories),
            state.rate,
            self._back_wanted,
        )

    def _show_training(self, lesson: Lesson) -> None:
        train = self._open_train()
        if self._back_wanted == lesson.name and train.state == "idle":
            self._back_wanted = ""
            train.choose_lesson(lesson.name)
        seen = lesson.name in self._seen
        result = training_result(lesson, train.training_state, revealed=seen)
        self.text.set_training(trains=True, running=result.running, again=result.again, progress=result.progress)
        for name, control in self.text.controls.items():
            control.set_choice(train.setup.value(name))
        self.text.set_note(result.note)
        self._right.setCurrentWidget(self._views if result.shows_run else self._hidden)
        self._hidden.setText(
            _("Press Run. The result is shown here.")
            if seen
            else _("Answer the question first. Then the result is shown here.")
        )
        if result.shows_run and not self._draw(train, lesson):
            result = replace(result, diagnosis="")
        self._show_findings(lesson, result)

    def _draw(self, train: TrainController, lesson: Lesson) -> bool:
        """Draw the page's two views. Return whether one of them shows gradients, which a diagnosis is about."""
        second = next((place for place in ("second", "third") if place in lesson.views), "training")
        figures = [train.display.figure(place) for place in ("main", second)]
        for figure, stage, heading in zip(figures, self.stages, self.headings, strict=True):
            heading.setText(figure.title)
            stage.draw(figure)
        return any(figure.view.quantity(figure.option) in _GRADIENTS for figure in figures)

    def _show_illustration(self, lesson: Lesson) -> None:
        self.text.set_training(trains=False, running=False, again=False, progress="")
        page = self._illustrations.get(lesson.illustration)
        if page is None:
            page = self._make_illustration(lesson.illustration)
            if page is None:
                self._show_findings(lesson, PageResult())
                self._hidden.setText(_("{name} is not an illustration.").format(name=lesson.illustration[:80]))
                self._right.setCurrentWidget(self._hidden)
                return
            page.prepare_question()
            self._illustrations[lesson.illustration] = page
            self._right.addWidget(page)
        seen = lesson.name in self._seen
        self._hidden.setText(_("Answer the question first. Then the result is shown here."))
        self._right.setCurrentWidget(page if seen else self._hidden)
        if seen:
            page.refresh()
        right = lesson.question.answer_for(page.answer_value) if seen and lesson.question else None
        as_opened = not seen or page.is_as_opened
        self.text.set_note("" if as_opened else _("Changed. The question is about the settings at the start."))
        self._show_findings(lesson, PageResult(shows_run=seen, right=right if as_opened else None))

    def _show_findings(self, lesson: Lesson, result: PageResult) -> None:
        chosen = self._answers.get(lesson.name)
        self.text.set_answer(chosen, result.right)
        self.text.set_findings(verdict_text(lesson, chosen, result.right), result.measured, result.diagnosis)
        paper = " ".join(
            filter(None, (_(lesson.paper) if lesson.paper else "", f"({lesson.source})" if lesson.source else ""))
        )
        about = result.shows_run and result.as_written
        self.text.set_claim(_(lesson.claim) if about and lesson.claim else "")
        self.text.set_explanation(_(lesson.look) if about and lesson.look else "", paper if result.shows_run else "")

    @Slot(int)
    def _choose(self, index: int) -> None:
        self._go_to(index)

    @Slot()
    def _back(self) -> None:
        self.turn(-1)

    @Slot()
    def _forth(self) -> None:
        self.turn(1)

    def _go_to(self, index: int) -> None:
        pages = story()
        if 0 <= index < len(pages):
            self.show_lesson(pages[index])

    @Slot()
    def _stop(self) -> None:
        self._open_train().stop()

    @Slot()
    def _restore(self) -> None:
        """Show the page as it was at first: a training of it is stopped, and its saved run is looked for."""
        assert self.lesson is not None
        if self.lesson.specs:
            self._open_train().stop()
            self._back_wanted = self.lesson.name
        elif self.lesson.illustration in self._illustrations:
            self._illustrations[self.lesson.illustration].restore()
        self._version = None
        self.refresh()

    @Slot(str, str)
    def _set(self, field: str, value: str) -> None:
        train = self._open_train()
        if train.editor.change(field, value):
            self.run()
        else:  # shown again as it is
            self.text.controls[field].set_choice(train.setup.value(field))

    @Slot()
    def _redraw(self) -> None:
        self._version = None
        self.refresh()
