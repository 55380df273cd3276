"""Lessons, one click each: `resources/lessons/*.toml`, read as data.

A lesson says which nets are trained how, which views to look at, what to look for, and what the paper says of it.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from resviz.base import assets
from resviz.nets import catalogue
from resviz.training.recipe import TrainConfig

if TYPE_CHECKING:
    from resviz.nets.spec import NetSpec


class _File(BaseModel):
    """What a lesson file holds. A net is a catalogue name and the options that differ from it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    place: int
    """In the list of lessons."""
    title: str = Field(max_length=80)
    look: str
    paper: str
    source: str
    views: dict[str, str] = {}
    nets: tuple[dict[str, Any], ...] = Field(min_length=1, max_length=4)
    recipe: dict[str, Any] = {}


@dataclass(frozen=True)
class Lesson:
    """A lesson. `look` says what to look at, `paper` what the paper says, and `source` where. `views` has its views."""

    name: str
    title: str
    look: str
    paper: str
    source: str
    views: dict[str, str]
    specs: tuple[NetSpec, ...]
    config: TrainConfig


@cache
def lessons() -> tuple[Lesson, ...]:
    """Return all lessons, in the order in which they are taught."""
    files = {
        path.stem: _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        for path in (assets.asset_folder("resources") / "lessons").glob("*.toml")
    }
    return tuple(_lesson(name, file) for name, file in sorted(files.items(), key=lambda item: item[1].place))


def find_lesson(name: str) -> Lesson:
    """Return the lesson of this name. Raise KeyError if that is not possible."""
    found = next((lesson for lesson in lessons() if lesson.name == name), None)
    if found is None:
        raise KeyError(name)
    return found


def _lesson(name: str, file: _File) -> Lesson:
    specs = tuple(_spec(dict(net)) for net in file.nets)
    config = TrainConfig.model_validate(file.recipe)
    return Lesson(name, file.title, file.look, file.paper, file.source, dict(file.views), specs, config)


def _spec(options: dict[str, Any]) -> NetSpec:
    spec = catalogue.find(options.pop("net"))
    return spec.with_options(**options) if options else spec
