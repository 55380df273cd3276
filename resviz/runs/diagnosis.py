"""What a net's gradients do, in sentences. No sentence claims more than the measured numbers in it.

The thresholds of the verdict are in `resviz.runs.gradient_verdict`. A net whose gradient flows still does not learn if
its weights stand still. That is so if the median update ratio is below STILL, or at most DECAY_ALONE times what weight
decay alone would move.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from resviz.base.numbers import format_measurement
from resviz.base.translation import _
from resviz.runs.gradient_verdict import Episode, Verdict, fall, verdict

LEVEL = 0.04
"""Decades a layer up to which weight gradients are said to be level: over 20 layers, less than one."""
STILL = 1e-6
DECAY_ALONE = 1.5

At = Callable[[str], np.ndarray]
"""From a quantity's name to its values at one step, (layer,); NaN where it was not measured."""


@dataclass(frozen=True)
class DiagnosisPart:
    """A piece of a sentence. A piece with a quantity is a measured number, which can be looked up at its step."""

    text: str
    quantity: str = ""
    step: int = 0
    strong: bool = False


@dataclass(frozen=True)
class Diagnosis:
    """What a net does at a step, as a verdict and as a sentence in parts."""

    verdict: Verdict
    parts: tuple[DiagnosisPart, ...]

    @property
    def text(self) -> str:
        """The sentence."""
        return "".join(part.text for part in self.parts)


def diagnose(at: At, step: int, episodes: Sequence[Episode], recipe: Mapping[str, Any], unit: str = "") -> Diagnosis:
    """Return what the net does at a step.

    Args:
        at: Gives the values of a quantity at the step, (layer,).
        step: The step.
        episodes: What the gradient did from step 0 to this step.
        recipe: The run's recipe. It says what weight decay does.
        unit: Kind of the net's blocks. In a net of fractal units, some layers have no part in a step.
    """
    gradient = at("response_gradient")
    found = verdict(gradient)
    parts = _gradient_parts(gradient, found, step)
    if unit == "fractal":
        if found == "is 0":
            parts.append(DiagnosisPart(_(" Drop-path leaves out some columns in each step.")))
    else:
        parts += _onset_parts(episodes)
    parts += _weight_parts(at("weight_gradient"), step)
    parts += _update_parts(at("update_ratio"), step, recipe)
    return Diagnosis(found, tuple(parts))


def headline(gradient: np.ndarray) -> str:
    """Return what a response gradient (layer,) does in a few words, for a screen that is read from far away."""
    found = verdict(gradient)
    if found == "is 0":
        return _("The gradient is exactly 0 in some layers.")
    if found == "is broken":
        return _("The gradient is not a finite number.")
    measured = fall(gradient)
    if found == "flows" or measured is None:
        low, high = format_measurement(float(gradient.min())), format_measurement(float(gradient.max()))
        return _("The gradient flows: between {low} and {high}.").format(low=low, high=high)
    text = (
        _("The gradient vanishes: a factor of {factor} per layer, down to {first}.")
        if found == "vanishes"
        else _("The gradient explodes: a factor of {factor} per layer, up to {first}.")
    )
    return text.format(factor=_factor(10 ** abs(measured.slope)), first=format_measurement(measured.first))


_MARKED = re.compile(r"\[([^\]]*)\]|\*([^*]*)\*")


def _sentence(text: str, quantity: str, step: int) -> list[DiagnosisPart]:
    """Return a sentence in pieces: [measured] as a number of a quantity at a step, *strong* as an emphasized one."""
    parts, end = [], 0
    for marked in _MARKED.finditer(text):
        parts.append(DiagnosisPart(text[end : marked.start()]))
        measured, strong = marked.groups()
        parts.append(
            DiagnosisPart(strong, strong=True) if measured is None else DiagnosisPart(measured, quantity, step)
        )
        end = marked.end()
    parts.append(DiagnosisPart(text[end:]))
    return [part for part in parts if part.text]


def _gradient_parts(gradient: np.ndarray, found: Verdict, step: int) -> list[DiagnosisPart]:
    measured = fall(gradient)
    if found in ("is 0", "is broken"):
        zero = found == "is 0"
        text = (
            _("The gradient is *exactly 0* in [{count} of {layers} layers].")
            if zero
            else _("The gradient is *not a finite number* in [{count} of {layers} layers].")
        )
        count = int(np.count_nonzero(gradient <= 0 if zero else ~np.isfinite(gradient)))
        text = text.format(count=count, layers=len(gradient))
    elif measured is None:
        text = _(
            "The gradient is [between {low} and {high}]: *it flows*. The net has too few layers for a slope."
        ).format(low=format_measurement(float(gradient.min())), high=format_measurement(float(gradient.max())))
    else:
        text = _slope_sentence(found, falls=measured.slope > 0).format(
            factor=_factor(10 ** abs(measured.slope)),
            decades=f"{abs(measured.slope):.2f}",
            last=format_measurement(measured.last),
            layer=len(gradient) - 1,
            first=format_measurement(measured.first),
        )
    return _sentence(text, "response_gradient", step)


def _slope_sentence(found: Verdict, *, falls: bool) -> str:
    if found == "vanishes":
        return _(
            "The gradient falls by [a factor of {factor} per layer ({decades} decades)], "
            "[from {last} at layer {layer} to {first} at layer 1]: *it vanishes*."
        )
    if found == "explodes":
        return _(
            "The gradient grows by [a factor of {factor} per layer ({decades} decades)], "
            "[from {last} at layer {layer} to {first} at layer 1]: *it explodes*."
        )
    if falls:
        return _(
            "The gradient falls by only [a factor of {factor} per layer ({decades} decades)], "
            "[from {last} at layer {layer} to {first} at layer 1]: *it flows*."
        )
    return _(
        "The gradient grows by only [a factor of {factor} per layer ({decades} decades)], "
        "[from {last} at layer {layer} to {first} at layer 1]: *it flows*."
    )


def _factor(value: float) -> str:
    """Return a factor with the digits that tell it from 1."""
    return f"{value:.3g}" if value < 1.1 else f"{value:.2g}" if value < 100 else format_measurement(value)


_SINCE: dict[Verdict, tuple[str, str]] = {
    "vanishes": (_(" It vanishes from [step {since}] on."), _(" Then it vanishes, from [step {since}] on.")),
    "explodes": (_(" It explodes from [step {since}] on."), _(" Then it explodes, from [step {since}] on.")),
    "flows": ("", _(" Then it flows, from [step {since}] on.")),
    "is 0": (_(" It is 0 from [step {since}] on."), _(" Then it is 0, from [step {since}] on.")),
}
"""Since when a case holds: the sentence if it held from the start, and the one if there was another before."""
_BROKEN = _(" It has not been a finite number since [step {since}], first at layer {layer}.")
_BEFORE: dict[Verdict, tuple[str, str]] = {
    "vanishes": (_(" It vanishes [at step {first}]."), _(" It vanishes [at steps {first} to {last}].")),
    "explodes": (_(" It explodes [at step {first}]."), _(" It explodes [at steps {first} to {last}].")),
    "flows": (_(" It flows [at step {first}]."), _(" It flows [at steps {first} to {last}].")),
    "is 0": (_(" It is 0 [at step {first}]."), _(" It is 0 [at steps {first} to {last}].")),
    "is broken": (
        _(" It is not a finite number [at step {first}]."),
        _(" It is not a finite number [at steps {first} to {last}]."),
    ),
}
"""What was before: the sentence for one step, and the one for several."""


def _onset_parts(episodes: Sequence[Episode]) -> list[DiagnosisPart]:
    """Return when the present case began, and what was before it."""
    if not episodes:
        return []
    now = episodes[-1]
    if now.verdict == "is broken":
        return _sentence(_BROKEN.format(since=now.first, layer=now.layer), "response_gradient", now.first)
    alone, after = _SINCE[now.verdict]
    if len(episodes) == 1:
        return _sentence(alone.format(since=now.first), "response_gradient", now.first)
    before = episodes[-2]
    one, several = _BEFORE[before.verdict]
    text = (one if before.first == before.last else several).format(first=before.first, last=before.last)
    return [
        *_sentence(text, "response_gradient", before.first),
        *_sentence(after.format(since=now.first), "response_gradient", now.first),
    ]


def _weight_parts(gradient: np.ndarray, step: int) -> list[DiagnosisPart]:
    usable = gradient[np.isfinite(gradient)]
    if not len(usable) or len(usable) < len(gradient):
        return _sentence(_(" The weight gradients are [not finite numbers]."), "weight_gradient", step)
    low, high = float(usable.min()), float(usable.max())
    measured = fall(gradient)
    level = measured is not None and abs(measured.slope) <= LEVEL
    if level and high < 30 * low:
        text = _(" The weight gradients are [level at {x}].").format(x=format_measurement(float(np.median(usable))))
    else:
        text = _(" The weight gradients range from [{low} to {high}].").format(
            low=format_measurement(low), high=format_measurement(high)
        )
    return _sentence(text, "weight_gradient", step)


def _update_parts(ratios: np.ndarray, step: int, recipe: Mapping[str, Any]) -> list[DiagnosisPart]:
    usable = ratios[np.isfinite(ratios)]
    if not len(usable):
        return []
    median = float(np.median(usable))
    if 0 < median <= DECAY_ALONE * _weight_decay_alone(step, recipe):
        text = _(" The update ratio is [{ratio}], *what weight decay alone would cause*.")
    elif median < STILL:
        text = _(" The update ratio is [{ratio}]: *the weights stand still*.")
    else:
        text = _(" The update ratio is [{ratio}].")
    return _sentence(text.format(ratio=format_measurement(median)), "update_ratio", step)


def _weight_decay_alone(step: int, recipe: Mapping[str, Any]) -> float:
    """Return the update ratio of SGD where every gradient is 0: rate · decay · (1 + m + ... + m^step), momentum m.

    0 where the learning rate has changed meanwhile, or for another optimizer: then nothing is said of it.
    """
    warm, milestones = recipe.get("warm_up_steps", 0), recipe.get("milestones") or (step + 1,)
    passed = recipe.get("schedule") == "milestones" and step >= min(milestones)
    changed = (warm and step >= warm) or recipe.get("schedule") == "cosine" or passed
    if changed or recipe.get("optimizer") != "sgd":
        return 0.0
    rate = recipe.get("warm_up_rate" if warm else "learning_rate", 0.0)
    momentum = recipe.get("momentum", 0.0)
    return float(rate * recipe.get("weight_decay", 0.0) * (1 - momentum ** (step + 1)) / (1 - momentum))
