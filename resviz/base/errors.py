"""The errors that people are shown, and how any error becomes one line: what is wrong, where, and how to fix it."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from resviz.base.translation import N_, _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import ValidationError

_MAX_TEXT = 200
_LIMITS = {
    "greater_than_equal": ("ge", N_("must be at least {limit}")),
    "greater_than": ("gt", N_("must be greater than {limit}")),
    "less_than_equal": ("le", N_("must be at most {limit}")),
    "less_than": ("lt", N_("must be less than {limit}")),
    "string_too_long": ("max_length", N_("must have at most {limit} characters")),
    "string_too_short": ("min_length", N_("must have at least {limit} characters")),
}
"""How pydantic's limits are worded, with the name of the limit."""
_TYPES = {
    "int_parsing": N_("must be a whole number"),
    "int_from_float": N_("must be a whole number"),
    "int_type": N_("must be a whole number"),
    "int_parsing_size": N_("must be a smaller number"),
    "float_parsing": N_("must be a number"),
    "float_type": N_("must be a number"),
    "finite_number": N_("must be a finite number"),
    "bool_parsing": N_("must be true or false"),
    "bool_type": N_("must be true or false"),
    "string_type": N_("must be text"),
    "missing": N_("is missing"),
    "extra_forbidden": N_("is not known"),
    "json_invalid": N_("must be valid JSON"),
}


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
        return _("Out of memory. Use a smaller batch or a smaller net. ({details})").format(details=text[:_MAX_TEXT])
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return _("The disk is full ({file}). Make room, or record into another folder with RESVIZ_RUNS.").format(
            file=error.filename or _("run folder")
        )
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    if any(words in text for words in ("CUDA error", "device-side assert", "AcceleratorError")):
        return _("The GPU has failed. Train on the CPU, or start the program again to use the GPU. ({details})").format(
            details=text[:_MAX_TEXT]
        )
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
    reason = str(ours) if ours else _reason(first["type"], context, first["msg"])
    return FieldProblem(first["loc"], first.get("input"), reason, first["type"], tuple(context.get("known", ())))


def _reason(kind: str, context: Mapping[str, Any], message: str) -> str:
    """Word one of pydantic's problems as what the value must be."""
    if kind in _LIMITS:
        name, text = _LIMITS[kind]
        limit = context[name]
        return _(text).format(limit=int(limit) if limit == int(limit) else limit)
    if kind in ("literal_error", "enum"):
        return _("must be one of {choices}").format(choices=str(context.get("expected", "")).replace(" or ", ", "))
    return _(_TYPES[kind]) if kind in _TYPES else message[:1].lower() + message[1:]


def validation_message(
    error: ValidationError, *, where: str = "", field: Callable[[str], str] = str, shows_input: bool = True
) -> str:
    """Word pydantic's error in one line, like "batch must be at least 1, not 0.".

    `field` turns a field's name into what a person knows it as: an option of a command, a label in the window.
    """
    problem = first_problem(error)
    place = f"{where}: " if where else ""
    if not problem.path:
        return f"{place}{problem.reason}"
    name = field(problem.name)
    if problem.kind == "value_error":
        return _("{place}{field}: {reason}").format(place=place, field=name, reason=problem.reason)
    if not shows_input or problem.kind in ("missing", "extra_forbidden"):
        return _("{place}{field} {reason}.").format(place=place, field=name, reason=problem.reason)
    given = " ".join(repr(problem.given).split())[:_MAX_TEXT]
    return _("{place}{field} {reason}, not {given}.").format(
        place=place, field=name, reason=problem.reason, given=given
    )
