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
_MAX_GIVEN = 80
_LIMITS = {
    "greater_than_equal": ("ge", N_("{field} must be at least {limit}, not {given}.")),
    "greater_than": ("gt", N_("{field} must be greater than {limit}, not {given}.")),
    "less_than_equal": ("le", N_("{field} must be at most {limit}, not {given}.")),
    "less_than": ("lt", N_("{field} must be less than {limit}, not {given}.")),
    "string_too_long": ("max_length", N_("{field} must have at most {limit} characters, not {given}.")),
    "string_too_short": ("min_length", N_("{field} must have at least {limit} characters, not {given}.")),
}
"""How pydantic's limits are worded, with the name of the limit."""
_WHOLE = N_("{field} must be a whole number, not {given}.")
_NUMBER = N_("{field} must be a number, not {given}.")
_TRUTH = N_("{field} must be true or false, not {given}.")
_TYPES = {
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "int_type": _WHOLE,
    "int_parsing_size": N_("{field} must be a smaller number, not {given}."),
    "float_parsing": _NUMBER,
    "float_type": _NUMBER,
    "finite_number": N_("{field} must be a finite number, not {given}."),
    "bool_parsing": _TRUTH,
    "bool_type": _TRUTH,
    "string_type": N_("{field} must be text, not {given}."),
    "missing": N_("{field} is missing."),
    "extra_forbidden": N_("{field} is not known."),
    "json_invalid": N_("{field} must be valid JSON."),
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
    """The first thing that is wrong with given values: the field's path, what was given, and what it must be."""

    path: tuple[int | str, ...]
    given: Any
    kind: str
    template: str
    """A sentence in which {field} and {given} are not yet filled in."""
    own: str = ""
    """What a validator of ours says; "" if the problem was found by pydantic."""
    choices: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The path with dots."""
        return ".".join(map(str, self.path))

    @property
    def given_text(self) -> str:
        """What was given, in at most one line."""
        try:
            return " ".join(repr(self.given).split())[:_MAX_GIVEN]
        except ValueError:  # a number of more digits than Python writes
            return _("a number of thousands of digits")
        except RecursionError:
            return _("something nested very deeply")

    def sentence(self, field: str) -> str:
        """Return what is wrong as a sentence. `field` is what a person knows the field as."""
        return self.template.format(field=field, given=self.given_text)


def first_problem(error: ValidationError) -> FieldProblem:
    """Return the first problem that pydantic has found."""
    first = error.errors()[0]
    context = first.get("ctx", {})
    own = str(context.get("error", ""))
    template = "{field}: " + _without_fields(own) if own else _template(first["type"], context, first["msg"])
    return FieldProblem(first["loc"], first.get("input"), first["type"], template, own, tuple(context.get("known", ())))


def _template(kind: str, context: Mapping[str, Any], message: str) -> str:
    """Word one of pydantic's problems as a sentence about {field} and {given}."""
    if kind in _LIMITS:
        name, text = _LIMITS[kind]
        limit = context[name]
        return _(text).replace("{limit}", str(int(limit) if limit == int(limit) else limit))
    if kind in ("literal_error", "enum"):
        choices = str(context.get("expected", "")).replace(" or ", ", ")
        return _("{field} must be one of {choices}, not {given}.").replace("{choices}", _without_fields(choices))
    return _(_TYPES[kind]) if kind in _TYPES else "{field}: " + _without_fields(message)


def _without_fields(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def validation_message(error: ValidationError, *, where: str = "", field: Callable[[str], str] = str) -> str:
    """Word pydantic's error in one line, like "batch must be at least 1, not 0.".

    `field` turns a field's name into what a person knows it as: an option of a command, a label in the window.
    """
    problem = first_problem(error)
    place = f"{where}: " if where else ""
    if problem.path:
        return place + problem.sentence(field(problem.name))
    return place + problem.own if problem.own else problem.sentence(where or _("the text"))


def unreadable(path: object, error: Exception) -> RunError:
    """Return an error for a file or folder that failed in a way that no reader expects: it must hide no other one."""
    reason = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
    return RunError(_("{path} can't be read: {reason}").format(path=path, reason=reason))
