"""Lessons as data: `NAME.toml` says what a lesson trains and shows, and `NAME.md` what it says.

Those of Resviz are in `resources/lessons`. A lecturer's own ones are in the folder `lessons` beside the saved runs, or
in RESVIZ_LESSONS. A lesson with a question is a page of the story.
"""

from __future__ import annotations

import math
import os
import re
import tomllib
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from resviz.base import assets
from resviz.base.errors import ResvizError, validation_message
from resviz.base.translation import _
from resviz.experiments.lesson_measures import (
    Expression,
    LessonNet,
    fill_sentence,
    read_expression,
    read_sentence,
)
from resviz.experiments.lesson_text import LessonError, read_text
from resviz.nets import catalogue
from resviz.training.recipe import TrainConfig

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resviz.nets.spec import NetSpec

MAX_LESSON_NETS = 4
_NET_CONTROLS = ("depth", "norm", "norm_place", "activation")
_MAX_FILE = 100_000
_MAX_OWN = 200
_MAX_REASON = 200
_RANGE = re.compile(r"\s*([\d.e+-]{1,20})\s+to\s+([\d.e+-]{1,20})\s*", re.ASCII)
"""The limits of a slider, as a lesson declares them."""


class _Views(BaseModel):
    """Views in TRAIN's panels; "" leaves a panel's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    main: str = ""
    training: str = ""
    second: str = ""
    third: str = ""


class _File(BaseModel):
    """What a lesson's TOML holds. A net is a catalogue name and the options that differ from it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    place: int = 1000
    """In the list of lessons."""
    views: _Views = _Views()
    nets: tuple[dict[str, Any], ...] = Field((), max_length=MAX_LESSON_NETS)
    recipe: dict[str, Any] = {}
    illustration: str = ""
    measure: str = ""
    bounds: tuple[float, ...] = ()
    controls: dict[str, tuple[str, ...]] = {}


@dataclass(frozen=True)
class Question:
    """What a reader predicts: answers, and the value that decides between them.

    Answer n holds where the value is at least bounds[n - 1] and less than bounds[n]. `expression` computes the value
    from the nets of a training; None where an illustration has the value.
    """

    text: str
    answers: tuple[str, ...]
    bounds: tuple[float, ...]
    expression: Expression | None = None

    def answer_for(self, value: float) -> int | None:
        """Return the number of the answer that a value gives; None for NaN, which was not measured."""
        return None if math.isnan(value) else bisect_right(self.bounds, value)


@dataclass(frozen=True)
class Lesson:
    """A lesson: nets, their recipe and views to look at, and its text in Markdown.

    `look` says what to look at, `paper` what the paper says, and `source` where. `claim` and `question` are those of a
    page of the story, and `measured` is its sentence about what was measured. `illustration` is the key of an
    illustration that stands in place of the views. `controls` are the settings that the page offers: each with its
    values as text, or with none for those that TRAIN offers.
    """

    name: str
    title: str
    look: str
    paper: str
    source: str
    views: dict[str, str]
    specs: tuple[NetSpec, ...]
    config: TrainConfig
    claim: str = ""
    question: Question | None = None
    measured: str = ""
    illustration: str = ""
    controls: dict[str, tuple[str, ...]] = field(default_factory=dict)
    expressions: dict[str, Expression] = field(default_factory=dict)

    def measured_sentence(self, nets: Sequence[LessonNet], names: Sequence[str]) -> str:
        """Return the sentence about what was measured of these nets, or "" if something in it was not."""
        return fill_sentence(_(self.measured), self.expressions, nets, names) if self.measured else ""


@dataclass(frozen=True)
class ControlRange:
    """The limits of a setting that is chosen with a slider, on a logarithmic scale."""

    least: float
    most: float
    is_whole: bool

    def share(self, number: float) -> float:
        """Return where a number is between the limits: 0 to 1."""
        return math.log(min(max(number, self.least), self.most) / self.least) / math.log(self.most / self.least)

    def at(self, share: float) -> float:
        """Return the number at a share of the way from the least to the most."""
        return self.most if share == 1 else self.least * (self.most / self.least) ** share

    def text(self, number: float) -> str:
        """Return a number as a recipe takes it: whole, or with three digits."""
        return str(round(number)) if self.is_whole else f"{number:.3g}"


def control_range(values: Sequence[str]) -> ControlRange | None:
    """Return the limits that "32 to 1500" gives, or None for single values. Raise ValueError if there are none."""
    if len(values) != 1 or (found := _RANGE.fullmatch(values[0])) is None:
        return None
    least, most = (float(text) for text in found.groups())
    if not 0 < least < most < math.inf:
        raise ValueError(_("{text}: both limits must be above 0, the second above the first.").format(text=values[0]))
    return ControlRange(least, most, is_whole=all(text.isdecimal() for text in found.groups()))


def own_lessons_folder() -> Path:
    """Return the folder of the user's own lessons; RESVIZ_LESSONS chooses another place."""
    chosen = os.environ.get("RESVIZ_LESSONS")
    return Path(chosen) if chosen else Path(platformdirs.user_data_dir("resviz", appauthor=False)) / "lessons"


@cache
def all_lessons() -> tuple[tuple[Lesson, ...], tuple[LessonError, ...]]:
    """Return all lessons in their order, and what is wrong with own lessons that could not be read."""
    shipped = sorted((assets.asset_folder("resources") / "lessons").glob("*.toml"))
    found = [_read(path) for path in shipped]
    problems: list[LessonError] = []
    names = {lesson.name for _place, lesson in found}
    for path in sorted(own_lessons_folder().glob("*.toml"))[:_MAX_OWN]:
        try:
            if path.stem in names:
                raise LessonError(_("{file}: a lesson of this name exists. Rename the file.").format(file=path))
            found.append(_read(path))
        except LessonError as error:
            problems.append(error)
    ordered = sorted(found, key=lambda item: item[0])
    return tuple(lesson for _place, lesson in ordered), tuple(problems)


def lessons() -> tuple[Lesson, ...]:
    """Return the lessons that train nets, in the order in which they are taught."""
    return tuple(lesson for lesson in all_lessons()[0] if lesson.specs)


def story() -> tuple[Lesson, ...]:
    """Return the lessons that ask a question, in the order of the paper's argument."""
    return tuple(lesson for lesson in all_lessons()[0] if lesson.question)


def find_lesson(name: str) -> Lesson:
    """Return the lesson of this name. Raise KeyError if that is not possible."""
    found = next((lesson for lesson in all_lessons()[0] if lesson.name == name), None)
    if found is None:
        raise KeyError(name)
    return found


def _read(path: Path) -> tuple[int, Lesson]:
    """Return a lesson and its place. Raise LessonError in one line that names the file."""
    try:
        file = _File.model_validate(tomllib.loads(_content(path)))
        specs = tuple(_spec(dict(net)) for net in file.nets)
        config = TrainConfig.model_validate(file.recipe)
    except tomllib.TOMLDecodeError as error:
        raise LessonError(_("{file} is not TOML: {reason}").format(file=path, reason=error)) from None
    except RecursionError:
        raise LessonError(_("{file} is nested too deeply.").format(file=path)) from None
    except ValidationError as error:
        raise LessonError(validation_message(error, where=str(path))) from None
    except ResvizError as error:
        raise LessonError(str(error) if str(error).startswith(str(path)) else f"{path}: {error}") from None
    except (TypeError, ValueError) as error:  # a key that is no option's, a number of thousands of digits
        raise LessonError(f"{path}: {' '.join(str(error).split())[:_MAX_REASON]}") from None
    return file.place, _lesson(path, file, specs, config)


def _lesson(path: Path, file: _File, specs: tuple[NetSpec, ...], config: TrainConfig) -> Lesson:
    where = path.with_suffix(".md")
    text = read_text(_content(where), str(where))
    if bool(specs) == bool(file.illustration):
        raise LessonError(_("{file}: a lesson needs either nets or an illustration.").format(file=path))
    question = None
    if text.answers and not text.question:
        raise LessonError(_("{file}: there are answers, but no question.").format(file=where))
    if text.question:
        if len(text.answers) != len(file.bounds) + 1 or list(file.bounds) != sorted(set(file.bounds)):
            raise LessonError(
                _("{file}: {count} answers need {bounds} bounds in ascending order.").format(
                    file=path, count=len(text.answers), bounds=max(len(text.answers) - 1, 0)
                )
            )
        expression = None if file.illustration else read_expression(file.measure, str(path))
        if expression is not None:
            _check_nets(expression, specs, path)
        question = Question(text.question, text.answers, file.bounds, expression)
    sentence = read_sentence(text.measured, str(where))
    for expression in sentence.values():
        _check_nets(expression, specs, where)
    for control, values in file.controls.items():
        _check_control(control, values, file, path)
    return Lesson(
        path.stem,
        text.title,
        text.look,
        text.paper,
        text.source,
        file.views.model_dump(exclude_defaults=True),
        specs,
        config,
        text.claim,
        question,
        text.measured,
        file.illustration,
        dict(file.controls),
        sentence,
    )


def _check_nets(expression: Expression, specs: Sequence[NetSpec], where: Path) -> None:
    """Raise LessonError if an expression asks for a net that the lesson has not."""
    if expression.net_count > len(specs):
        raise LessonError(
            _("{file}: {text} asks for net {number}, but the lesson has {count}.").format(
                file=where, text=expression.text, number=expression.net_count, count=len(specs)
            )
        )


def _check_control(control: str, values: tuple[str, ...], file: _File, path: Path) -> None:
    """Raise LessonError for a control that is no setting, or whose values are none of it."""
    if control in _NET_CONTROLS:
        return  # their values are those that TRAIN offers
    if control not in TrainConfig.model_fields:
        raise LessonError(_("{file}: {control} is not a setting.").format(file=path, control=control[:80]))
    try:
        limits = control_range(values)
    except ValueError as error:
        raise LessonError(f"{path}: {control}: {str(error)[:_MAX_REASON]}") from None
    for value in (limits.text(limits.least), limits.text(limits.most)) if limits is not None else values:
        given = value.partition(":")[0].strip()
        try:
            TrainConfig.model_validate({**file.recipe, control: given})
        except ValidationError as error:
            raise LessonError(validation_message(error, where=str(path))) from None


def _content(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_FILE + 1)
        if len(content) > _MAX_FILE:
            raise LessonError(_("{file} is larger than {most} bytes.").format(file=path, most=_MAX_FILE))
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise LessonError(_("{file} is not a text file (UTF-8).").format(file=path)) from None
    except OSError as error:
        raise LessonError(f"{path}: {error.strerror or error}") from None


def _spec(options: dict[str, Any]) -> NetSpec:
    spec = catalogue.find(str(options.pop("net", "")))
    return spec.with_options(**options) if options else spec
