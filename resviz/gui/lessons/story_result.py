"""What a page of the story may say now: a question is about the end of the lesson's own training. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, repeat
from typing import TYPE_CHECKING

from resviz.base.translation import _
from resviz.experiments.lesson_measures import LessonNet
from resviz.gui.train import diagnosis_text
from resviz.gui.train.training_setup import distinct_names

if TYPE_CHECKING:
    from resviz.experiments.lessons import Lesson
    from resviz.gui.train.training_setup import TrainingSetup
    from resviz.gui.train.training_state import TrainingState


@dataclass(frozen=True)
class PageResult:
    """What a page shows of a training.

    `right` is the number of the answer that holds, None as long as nobody can say. `note` says why, or what is not as
    the lesson has it; where there is one, a reader may go back to the lesson. `diagnosis` is HTML.
    """

    shows_run: bool = False
    running: bool = False
    again: bool = False
    progress: str = ""
    right: int | None = None
    measured: str = ""
    diagnosis: str = ""
    note: str = ""
    as_written: bool = True
    """Whether the lesson's text is about what is seen."""


def training_result(lesson: Lesson, state: TrainingState, *, revealed: bool) -> PageResult:
    """Return what the page of a lesson shows of the training that is under way, or was the last."""
    run = state.run_setup
    own = run is not None and run.lesson.name == lesson.name
    running = state.state not in ("idle", "following")
    if running and not own:
        title = _(run.lesson.title) if run is not None else ""
        text = _("Another page is training, “{title}”: {progress}").format(title=title, progress=state.progress(None))
        return PageResult(running=True, progress=text)
    shows_run = own and revealed and bool(state.histories)
    if not shows_run or run is None:
        return PageResult(
            running=running, progress=state.progress(None) if running else "", note=_changes(state.setup, lesson)
        )
    whole = not running and state.ended in ("recorded", "finished") and state.done >= run.config.steps
    note = _changes(run, lesson) or _changes(state.setup, lesson)
    early = ""
    if running:
        early = _("The answer is known at the end.")
    elif not whole:
        text = _("Stopped after {done} of {count} steps: too early for an answer.")
        if state.ended == "recorded":
            text = _("The saved run has {done} of {count} steps: too early for an answer.")
        early = text.format(done=state.done, count=run.config.steps)
    nets = [
        LessonNet(run.config.fitted(spec), history, error)
        for spec, history, error in zip(run.specs, state.histories, chain(state.errors, repeat(None)), strict=False)
    ]
    right = None
    if whole and not run.changed and lesson.question is not None and lesson.question.expression is not None:
        right = lesson.question.answer_for(lesson.question.expression.value(nets))
    return PageResult(
        shows_run=True,
        running=running,
        again=not running,
        progress="  ·  ".join(filter(None, (_progress(state), early if running else ""))),
        right=right,
        measured=lesson.measured_sentence(nets, distinct_names(run.specs)) if whole else "",
        diagnosis="<br>".join(map(diagnosis_text.headline, state.nets(None))),
        note=" ".join(filter(None, (note, "" if running else early))),
        as_written=not run.changed,
    )


def verdict_text(lesson: Lesson, chosen: int | None, right: int | None) -> str:
    """Return whether the reader's answer holds, or what does; "" as long as nobody can say."""
    if right is None or lesson.question is None:
        return ""
    trained = bool(lesson.specs)
    holds, other, alone = (
        _("Your answer is right: {answer}"),
        _("Measured instead: {answer}") if trained else _("It is instead: {answer}"),
        _("Measured: {answer}") if trained else _("It is: {answer}"),
    )
    text = alone if chosen is None else holds if chosen == right else other
    return text.format(answer=_(lesson.question.answers[right]))


def _changes(setup: TrainingSetup, lesson: Lesson) -> str:
    """Return in what a setup is not the lesson's, or ""."""
    if setup.lesson.name != lesson.name or not setup.changed:
        return ""
    return _("Changed from the lesson: {changes}. The question is about the lesson's own settings.").format(
        changes=", ".join(setup.changes) or _("pace")
    )


def _progress(state: TrainingState) -> str:
    """Return how far a training is, or that a saved run is shown, and how long it would take again."""
    if state.ended != "recorded" or state.state != "idle":
        return state.progress(None)
    text = _("A saved run of {count} steps.").format(count=state.done)
    if not state.rate:
        return f"{text} {_('Press Run to train the nets now.')}"
    time = diagnosis_text.minutes(state.config.steps / state.rate)
    return f"{text} {_('Training these nets takes {time}.').format(time=time)}"
