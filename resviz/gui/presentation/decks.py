"""The slides of BUILD, TRAIN, COMPARE and the story of LESSONS."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from resviz.base.translation import _
from resviz.experiments.lessons import lessons
from resviz.gui.builder.net_totals import net_totals
from resviz.gui.presentation.slide import PresentedNet, Slide
from resviz.gui.train import diagnosis_text

if TYPE_CHECKING:
    from resviz.gui.builder.build_controller import BuildController
    from resviz.gui.compare.compare_controller import CompareController
    from resviz.gui.lessons.story_page import StoryPage
    from resviz.gui.train.train_controller import TrainController


class BuildDeck:
    """A slide for each net of the depth table: its picture, and its size."""

    def __init__(self, build: BuildController) -> None:
        self._state = build.state

    def slide(self) -> Slide:
        """Return the picture of the selected net."""
        state = self._state
        net = state.open_net
        stages = {net.spec.stage_name(row): net.first_colour + row for row in range(len(net.spec.stages))}
        count = len(state.open_nets)
        footer = _("net {number} of {count}").format(number=state.selected_index + 1, count=count)
        return Slide(net.spec.label, net_totals(net, state.convention), footer, net=PresentedNet(net.graph, stages))

    def version(self) -> object:
        """Return the net and how it is counted."""
        return self._state.open_net.spec, self._state.convention, self._state.selected_index

    def go(self, by: int) -> None:
        """Select another net."""
        index = self._state.selected_index + by
        if 0 <= index < len(self._state.open_nets):
            self._state.select_cell(index, None)

    def act(self) -> None:
        """Do nothing: a picture does not move."""

    def press(self, key: str) -> None:
        """Do nothing: nothing is asked."""


class TrainDeck:
    """A slide for each view of a lesson, with what was measured in words; behind the last one, the next lesson."""

    def __init__(self, train: TrainController) -> None:
        self._train = train
        self._place = 0

    def slide(self) -> Slide:
        """Return a view of the training."""
        train, display = self._train, self._train.display
        place = self._places[self._place]
        nets = train.training_state.nets(display.cursor)
        lesson = train.setup.lesson
        title = _(lesson.title) if not train.setup.changed else ", ".join(train.setup.names)
        if train.training_state.followed is not None:
            title = ", ".join(one.name for one in train.training_state.followed.runs)
        sentences = "<br>".join(map(diagnosis_text.headline, nets))
        at = train.training_state.progress(display.cursor).partition("  ·  ")[0]
        footer = _("{progress} · view {number} of {count}").format(
            progress=at, number=self._place + 1, count=len(self._places)
        )
        return Slide(title, sentences, footer, figure=display.figure(place))

    def version(self) -> object:
        """Return how far the training is, and what is looked at."""
        state, display = self._train.training_state, self._train.display
        return (
            self._place,
            state.measured,
            display.cursor,
            state.state,
            state.setup,
            len(state.histories),
            tuple(display.views.items()),
        )

    def go(self, by: int) -> None:
        """Show the next view; behind the last one load the next lesson, if nothing is training."""
        place = self._place + by
        if 0 <= place < len(self._places):
            self._place = place
            return
        names = [lesson.name for lesson in lessons()]
        name = self._train.setup.lesson.name
        other = names.index(name) + by if name in names else -1
        if self._train.state == "idle" and 0 <= other < len(names):
            self._train.choose_lesson(names[other])
            self._place = 0 if by > 0 else len(self._places) - 1

    def act(self) -> None:
        """Start, pause, or make one step while it is paused."""
        if self._train.state == "paused":
            self._train.runner.step_once()
        else:
            self._train.start_or_pause()

    def press(self, key: str) -> None:
        """Do nothing: nothing is asked."""

    @property
    def _places(self) -> list[str]:
        return list(self._train.display.views)


class StoryDeck:
    """A slide for each page of the story: its question, then its first view with what was measured."""

    def __init__(self, story: StoryPage) -> None:
        self._story = story

    def slide(self) -> Slide:
        """Return the page in sight: its question, and as soon as it is answered what was found."""
        story, lesson = self._story, self._story.lesson
        if lesson is None:
            return Slide("", "", "")
        footer = _("page {number} of {count}").format(
            number=story.chooser.currentIndex() + 1, count=story.chooser.count()
        )
        question = lesson.question
        words: list[str] = [_(question.text)] if question is not None else []
        if not story.is_revealed:
            keys = _("1 to {count}: answer · Space: result").format(count=len(question.answers) if question else 0)
            words += [f"{n}.  {_(answer)}" for n, answer in enumerate(question.answers if question else (), 1)]
            footer = f"{keys} · {footer}"
        else:
            words += story.findings
            if lesson.specs:
                footer = _("R: run · {page}").format(page=footer)
        return Slide(
            _(lesson.title),
            "<br>".join(map(escape, words)),
            footer,
            figure=story.main_figure,
            illustration=story.picture,
        )

    def version(self) -> object:
        """Return what the page shows."""
        self._story.refresh()
        return self._story.version()

    def go(self, by: int) -> None:
        """Turn the page."""
        self._story.turn(by)

    def act(self) -> None:
        """Show the result. Where there is none yet, train or measure; what was measured stays."""
        if not self._story.is_revealed:
            self._story.reveal()
        elif not self._story.has_result:
            self._story.run()
        else:
            self._story.measure()

    def press(self, key: str) -> None:
        """Answer with a digit, train with R."""
        lesson = self._story.lesson
        answers = lesson.question.answers if lesson is not None and lesson.question is not None else ()
        if key.isdecimal() and 1 <= int(key) <= len(answers) and not self._story.is_revealed:
            self._story.answer(int(key) - 1)
        elif key.upper() == "R":
            self._story.run()


class CompareDeck:
    """A slide for each view of the runs that are plotted."""

    def __init__(self, compare: CompareController) -> None:
        self._compare = compare
        self._place = 0

    def slide(self) -> Slide:
        """Return a view of the runs."""
        display = self._compare.display
        places = list(display.views)
        names = [one.name for one in display.selected_runs]
        title = _(" against ").join(names) if len(names) < 3 else _("{count} runs").format(count=len(names))
        footer = _("view {number} of {count}").format(number=self._place + 1, count=len(places))
        return Slide(title, "", footer, figure=display.figure(places[self._place]))

    def version(self) -> object:
        """Return what is plotted."""
        display = self._compare.display
        histories = tuple(one.history.count if one.history else -1 for one in display.selected_runs)
        return self._place, tuple(self._compare.shown), histories, display.cursor, tuple(display.views.items())

    def go(self, by: int) -> None:
        """Show another view."""
        self._place = min(max(self._place + by, 0), len(self._compare.display.views) - 1)

    def act(self) -> None:
        """Do nothing: saved runs don't move."""

    def press(self, key: str) -> None:
        """Do nothing: nothing is asked."""
