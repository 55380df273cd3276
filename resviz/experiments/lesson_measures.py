"""What lessons measure: numbers of a training that a question asks for and a sentence names.

An expression is a measure and the number of a net: `loss 1` is the training loss of the first net. Some measures take
a number more: `steps_to 2 0.5`. Two of them can be divided or subtracted: `loss 2 / loss 1`.

To add a measure, write a function here and decorate it with `@measure`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from resviz.analysis.counts import count, exact
from resviz.base.numbers import format_digits, format_measurement
from resviz.base.translation import _
from resviz.experiments.lesson_text import LessonError
from resviz.measurements.quantities import (
    ACTIVATION_MEAN,
    RESIDUAL_GRADIENT,
    RESPONSE,
    RESPONSE_GRADIENT,
    SATURATION,
    SHORTCUT_GRADIENT,
)
from resviz.measurements.scalars import ERROR, HELD_OUT_ERROR, LOSS
from resviz.measurements.steps import AVERAGED, first_step_below
from resviz.nets.build import build

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from resviz.measurements.history import RunHistory
    from resviz.nets.spec import NetSpec

_RECENT = 20
"""Steps over whose batches a loss or an error is averaged."""


@dataclass(frozen=True)
class LessonNet:
    """A net of a lesson, and what was measured of it; None before it was trained."""

    spec: NetSpec
    history: RunHistory | None
    error: float | None = None
    """The held-out error of its last weights, which is measured after the last row of its history."""


@dataclass(frozen=True)
class Measure:
    """A number of a net. NaN where it was not measured."""

    name: str
    text: str
    value: Callable[[LessonNet, float], float]
    format: Callable[[float], str]
    default: float | None = None
    """The further number, where an expression leaves it out; None for measures that take none."""


MEASURES: dict[str, Measure] = {}
"""By name."""


def measure(
    text: str, format: Callable[[float], str] = format_measurement, default: float | None = None
) -> Callable[[Callable[[LessonNet, float], float]], Callable[[LessonNet, float], float]]:
    """Register a measure under the name of its function."""

    def register(function: Callable[[LessonNet, float], float]) -> Callable[[LessonNet, float], float]:
        MEASURES[function.__name__] = Measure(function.__name__, text, function, format, default)
        return function

    return register


def _percent(value: float) -> str:
    return f"{value:.1%}"


def _whole(value: float) -> str:
    return f"{value:.0f}" if math.isfinite(value) else _("never")


@measure(_("number of weight layers"), _whole)
def depth(net: LessonNet, _argument: float) -> float:
    """Return how many weight layers the net has on its longest path, as its name counts them."""
    return build(net.spec).depth


@measure(_("number of parameters"), lambda value: exact(int(value)))
def parameters(net: LessonNet, _argument: float) -> float:
    """Return the number of parameters."""
    return count(build(net.spec)).parameters


@measure(_("multiply-adds of one image"), lambda value: exact(int(value)))
def multiply_adds(net: LessonNet, _argument: float) -> float:
    """Return the multiply-adds of convolutions and fully connected layers, for one image of the net's own size."""
    return count(build(net.spec)).flops


@measure(_("last training loss, mean of {count} batches").format(count=_RECENT))
def loss(net: LessonNet, _argument: float) -> float:
    """Return the mean loss of the last batches; infinity where it is no longer finite."""
    return _recent(net, LOSS.name)


@measure(_("last training error, mean of {count} batches").format(count=_RECENT), _percent)
def training_error(net: LessonNet, _argument: float) -> float:
    """Return the mean share of wrong answers in the last batches."""
    return _recent(net, ERROR.name)


@measure(_("last held-out error"), _percent)
def held_out_error(net: LessonNet, _argument: float) -> float:
    """Return the held-out error of the last weights, or the one that was measured last."""
    if net.error is not None:
        return net.error
    if net.history is None:
        return math.nan
    values = net.history.column(HELD_OUT_ERROR.name)
    measured = values[np.isfinite(values)]
    return float(measured[-1]) if len(measured) else math.nan


@measure(_("training loss of the first batch"))
def first_loss(net: LessonNet, _argument: float) -> float:
    """Return the loss before the first update."""
    return math.nan if net.history is None or not net.history.count else float(net.history.column(LOSS.name)[0])


@measure(
    _("first step at which the training loss, as a mean of {count} batches, is below a value").format(count=AVERAGED),
    _whole,
    default=0.5,
)
def steps_to(net: LessonNet, argument: float) -> float:
    """Return the step at which a loss is reached, or infinity."""
    if net.history is None:
        return math.nan
    found = first_step_below(net.history.column("step"), net.history.column(LOSS.name), argument)
    return math.inf if found is None else float(found)


@measure(_("gradient of the response at layer 1, as a share of that at the last layer but one"))
def gradient_share(net: LessonNet, _argument: float) -> float:
    """Return how much of the gradient arrives at layer 1, at the last step."""
    values = _at_end(net, RESPONSE_GRADIENT.name)
    return math.nan if len(values) < 3 else _ratio(values[0], values[-2])


@measure(_("gradient of the response at layer 1 before the first update, as a share of that at the last layer but one"))
def first_gradient_share(net: LessonNet, _argument: float) -> float:
    """Return how much of the gradient arrives at layer 1, before the first update."""
    if net.history is None or not net.history.count or not net.history.has(RESPONSE_GRADIENT.name):
        return math.nan
    values = net.history.at(RESPONSE_GRADIENT.name, 0)
    return math.nan if len(values) < 3 else _ratio(values[0], values[-2])


@measure(_("mean response of the convolutions"))
def response(net: LessonNet, _argument: float) -> float:
    """Return the mean of figure 7's curve, at the last step."""
    values = _at_end(net, RESPONSE.name)
    return math.nan if net.history is None or not len(values) else float(values[net.history.response_layers].mean())


@measure(_("median over the blocks: share of the gradient that comes through the shortcut"), _percent)
def shortcut_share(net: LessonNet, _argument: float) -> float:
    """Return how much of both terms of eq. 5 the first one is, at the last step."""
    through, residual = _at_end(net, SHORTCUT_GRADIENT.name), _at_end(net, RESIDUAL_GRADIENT.name)
    total = through + residual
    return float(np.median(through / total)) if len(total) and np.all(total > 0) else math.nan


@measure(_("saturated share of the outputs of the last hidden layer"), _percent)
def saturation(net: LessonNet, _argument: float) -> float:
    """Return the saturation of the last nonlinearity, at the last step."""
    values = _at_end(net, SATURATION.name)
    return float(values[-1]) if len(values) else math.nan


@measure(_("mean activation of the gates of a highway net"))
def gate(net: LessonNet, _argument: float) -> float:
    """Return how far the gates are open, at the last step."""
    values = _at_end(net, ACTIVATION_MEAN.name)
    gates = [index for index, layer in enumerate(build(net.spec).nonlinearities) if layer.op.kind == "sigmoid"]
    return float(values[gates].mean()) if gates and len(values) > gates[-1] else math.nan


def _recent(net: LessonNet, scalar: str) -> float:
    if net.history is None or not net.history.count:
        return math.nan
    mean = float(net.history.column(scalar)[-_RECENT:].mean())
    return mean if math.isfinite(mean) else math.inf


def _at_end(net: LessonNet, quantity: str) -> np.ndarray:
    if net.history is None or not net.history.count:
        return np.empty(0)
    found = net.history.last_measured(quantity, -1)
    return np.empty(0) if found is None else np.asarray(found, np.float64)


def _ratio(above: float, below: float) -> float:
    return math.nan if below == 0 else float(above / below)


@dataclass(frozen=True)
class _Term:
    measure: Measure
    net: int
    argument: float

    def value(self, nets: Sequence[LessonNet]) -> float:
        return self.measure.value(nets[self.net], self.argument) if self.net < len(nets) else math.nan


@dataclass(frozen=True)
class Expression:
    """A measure of a net, or two of them with / or - between."""

    text: str
    terms: tuple[_Term, ...]
    operator: str = ""

    @property
    def net_count(self) -> int:
        """How many nets a lesson must have."""
        return max(term.net for term in self.terms) + 1

    def value(self, nets: Sequence[LessonNet]) -> float:
        """Return the value; NaN where a part of it was not measured."""
        values = [term.value(nets) for term in self.terms]
        if self.operator == "/":
            return _ratio(*values)
        return values[0] - values[1] if self.operator else values[0]

    def format(self, value: float) -> str:
        """Return a value in the form that its measure has."""
        return format_digits(value, 2) if self.operator == "/" else self.terms[0].measure.format(value)


def read_expression(text: str, where: str = "") -> Expression:
    """Return the expression of a text. Raise LessonError, which names `where`, if it can't be understood."""
    words = text.split()
    operators = [at for at, word in enumerate(words) if word in ("/", "-")]
    if len(operators) > 1:
        raise LessonError(_("{file}: {text} has more than one operator. Use one.").format(file=where, text=text[:80]))
    if operators:
        at = operators[0]
        terms = (_term(words[:at], text, where), _term(words[at + 1 :], text, where))
        return Expression(text, terms, words[at])
    return Expression(text, (_term(words, text, where),))


def _term(words: list[str], text: str, where: str) -> _Term:
    found = MEASURES.get(words[0]) if words else None
    if found is None:
        known = ", ".join(sorted(MEASURES))
        raise LessonError(
            _("{file}: {text} is not a measure. Use one of {known}.").format(file=where, text=text[:80], known=known)
        )
    wrong = LessonError(
        _("{file}: {text} must be a measure and the number of a net, like {example}.").format(
            file=where, text=text[:80], example=f"{found.name} 1"
        )
    )
    if not 2 <= len(words) <= 2 + (found.default is not None) or not words[1].isascii() or not words[1].isdigit():
        raise wrong
    try:
        argument = float(words[2]) if len(words) > 2 else found.default or 0.0
    except ValueError:
        raise wrong from None
    if not 1 <= int(words[1][:4]) <= 99:
        raise wrong
    return _Term(found, int(words[1][:4]) - 1, argument)


_NET = re.compile(r"net (\d{1,2})", re.ASCII)
_PLACE = re.compile(r"\{([^{}]*)\}")


def read_sentence(text: str, where: str = "") -> dict[str, Expression]:
    """Return the expressions in a sentence, by their text; `{net 1}` is a name. Raise LessonError for a wrong one."""
    found = {inside: inside for inside in _PLACE.findall(text) if not _NET.fullmatch(inside)}
    return {inside: read_expression(inside, where) for inside in found}


def fill_sentence(
    text: str, expressions: dict[str, Expression], nets: Sequence[LessonNet], names: Sequence[str]
) -> str:
    """Return a sentence with the names of nets and the measured values, or "" if one of them was not measured."""
    values = {inside: expression.value(nets) for inside, expression in expressions.items()}
    asked = [int(match[1]) for match in _NET.finditer("\n".join(_PLACE.findall(text)))]
    if any(math.isnan(value) for value in values.values()) or any(number > len(names) for number in asked):
        return ""
    texts = {inside: expressions[inside].format(value) for inside, value in values.items()}
    texts.update({f"net {number}": names[number - 1] for number in asked if number})
    return _PLACE.sub(lambda match: texts.get(match[1], match[0]), text)
