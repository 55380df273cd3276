"""The errors that people are shown, and how any error becomes one line: what is wrong, where, and how to fix it."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import ValidationError

_MAX_TEXT = 200


class ResvizError(ValueError):
    """An error whose text is one line, fit to be shown as it is."""


class NetError(ResvizError):
    """A network that can't be."""


class MapTooSmall(NetError):
    """A window is larger than the map it slides over: a larger input is needed."""


class DataError(ResvizError):
    """Data that can't be found, read or trained on."""


class RunError(ResvizError):
    """A run that can't be written, read or resumed."""


class RecipeError(ResvizError):
    """A setting of a recipe that is not valid."""


class UsageError(ResvizError):
    """A command or a request that can't be carried out as it was given."""


def user_message(error: BaseException) -> str:
    """Word any error in one line: what happened, and how to fix it where that is known."""
    text = f"{type(error).__name__}: {' '.join(str(error).split())}"
    if isinstance(error, ResvizError):
        return str(error)
    if isinstance(error, MemoryError) or "out of memory" in text.lower() or "can't allocate memory" in text:
        return f"out of memory: a smaller batch or net will do ({text[:_MAX_TEXT]})"
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return f"the disk is full ({error.filename or 'run folder'}): make room, or record elsewhere with RESVIZ_RUNS"
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    if any(words in text for words in ("CUDA error", "device-side assert", "AcceleratorError")):
        again = "the program can use it again after a new start, the CPU at once"
        return f"the GPU has failed; {again} ({text[:_MAX_TEXT]})"
    return text


@dataclass(frozen=True)
class FieldProblem:
    """The first thing that is wrong with given values: the field's path, what was given, and why it is not valid."""

    path: tuple[int | str, ...]
    given: Any
    reason: str
    kind: str
    choices: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The path with dots."""
        return ".".join(map(str, self.path))


def first_problem(error: ValidationError) -> FieldProblem:
    """Return the first problem that pydantic has found."""
    first = error.errors()[0]
    context = first.get("ctx", {})
    ours = context.get("error")  # worded by a validator of ours
    reason = str(ours) if ours else first["msg"][:1].lower() + first["msg"][1:]
    return FieldProblem(first["loc"], first.get("input"), reason, first["type"], tuple(context.get("known", ())))


def validation_message(
    error: ValidationError, *, where: str = "", field: Callable[[str], str] = str, shows_input: bool = True
) -> str:
    """Word pydantic's error in one line: "where: field given: reason".

    `field` turns a field's name into what a person knows it as: an option of a command, a label in the window.
    """
    problem = first_problem(error)
    place = f"{where}: " if where else ""
    if not problem.path:
        return f"{place}{problem.reason}"
    given = f" {problem.given!r}" if shows_input else ""
    return f"{place}{field(problem.name)}{given}: {problem.reason}"
