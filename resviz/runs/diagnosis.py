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
        parts += _sentence(_(" Drop-path leaves out some columns in each step.")) if found == "is 0" else []
    else:
        parts += _onset_parts(episodes)
    parts += _weight_parts(at("weight_gradient"), step)
    parts += _update_parts(at("update_ratio"), step, recipe)
    return Diagnosis(found, tuple(parts))


_NAMES = re.compile(r"\{(\w+)\}")


def _sentence(text: str, **parts: DiagnosisPart) -> list[DiagnosisPart]:
    """Return a translated sentence in pieces; parts of it, named in braces, stand where the translation has them."""
    pieces = _NAMES.split(text)
    found = [parts[piece] if number % 2 else DiagnosisPart(piece) for number, piece in enumerate(pieces)]
    return [part for part in found if part.text]


def _gradient_parts(gradient: np.ndarray, found: Verdict, step: int) -> list[DiagnosisPart]:
    def measured_part(text: str) -> DiagnosisPart:
        return DiagnosisPart(text, "response_gradient", step)

    verdicts: dict[Verdict, str] = {
        "vanishes": _("it vanishes"),
        "explodes": _("it explodes"),
        "flows": _("it flows"),
        "is 0": _("exactly 0"),
        "is broken": _("not a finite number"),
    }
    strong = DiagnosisPart(verdicts[found], strong=True)
    layers = _("{count} of {layers} layers")
    if found in ("is 0", "is broken"):
        count = int(np.count_nonzero(gradient <= 0 if found == "is 0" else ~np.isfinite(gradient)))
        where = measured_part(layers.format(count=count, layers=len(gradient)))
        return _sentence(_("The gradient is {verdict} in {where}."), verdict=strong, where=where)
    measured = fall(gradient)
    if measured is None:
        low, high = format_measurement(float(gradient.min())), format_measurement(float(gradient.max()))
        ends = measured_part(_("between {low} and {high}").format(low=low, high=high))
        text = _("The gradient is {ends}: {verdict}. The net has too few layers for a slope.")
        return _sentence(text, ends=ends, verdict=strong)
    slope = measured_part(
        _("a factor of {factor} per layer ({decades:.2f} decades)").format(
            factor=_factor(10 ** abs(measured.slope)), decades=abs(measured.slope)
        )
    )
    ends = measured_part(
        _("from {last} at layer {layer} to {first} at layer 1").format(
            last=format_measurement(measured.last), layer=len(gradient) - 1, first=format_measurement(measured.first)
        )
    )
    if found == "flows":
        falls, grows = (
            _("The gradient falls by only {slope}, {ends}: {verdict}."),
            _("The gradient grows by only {slope}, {ends}: {verdict}."),
        )
    else:
        falls, grows = (
            _("The gradient falls by {slope}, {ends}: {verdict}."),
            _("The gradient grows by {slope}, {ends}: {verdict}."),
        )
    return _sentence(falls if measured.slope > 0 else grows, slope=slope, ends=ends, verdict=strong)


def _factor(value: float) -> str:
    """Return a factor with the digits that tell it from 1."""
    return f"{value:.3g}" if value < 1.1 else f"{value:.2g}" if value < 100 else format_measurement(value)


def _onset_parts(episodes: Sequence[Episode]) -> list[DiagnosisPart]:
    """Return when the present case began, and what was before it."""
    if not episodes or (len(episodes) == 1 and episodes[0].verdict == "flows"):
        return []
    now = episodes[-1]
    words: dict[Verdict, str] = {
        "vanishes": _("vanishes"),
        "explodes": _("explodes"),
        "flows": _("flows"),
        "is 0": _("is 0"),
        "is broken": _("is not a finite number"),
    }
    since = DiagnosisPart(_("step {step}").format(step=now.first), "response_gradient", now.first)
    if now.verdict == "is broken":
        text = _(" It has not been a finite number since {since}, first at layer {layer}.")
        return _sentence(text.replace("{layer}", str(now.layer)), since=since)
    if len(episodes) == 1:
        return _sentence(_(" It {verdict} from {since} on."), verdict=DiagnosisPart(words[now.verdict]), since=since)
    before = episodes[-2]
    steps = (
        _("at step {first}").format(first=before.first)
        if before.first == before.last
        else _("at steps {first} to {last}").format(first=before.first, last=before.last)
    )
    return _sentence(
        _(" It {before} {steps}, then {verdict} from {since} on."),
        before=DiagnosisPart(words[before.verdict]),
        steps=DiagnosisPart(steps, "response_gradient", before.first),
        verdict=DiagnosisPart(words[now.verdict]),
        since=since,
    )


def _weight_parts(gradient: np.ndarray, step: int) -> list[DiagnosisPart]:
    def measured_part(text: str) -> DiagnosisPart:
        return DiagnosisPart(text, "weight_gradient", step)

    usable = gradient[np.isfinite(gradient)]
    if not len(usable) or len(usable) < len(gradient):
        return _sentence(_(" The weight gradients are {what}."), what=measured_part(_("not finite numbers")))
    low, high = float(usable.min()), float(usable.max())
    measured = fall(gradient)
    level = measured is not None and abs(measured.slope) <= LEVEL
    if level and high < 30 * low:
        middle = format_measurement(float(np.median(usable)))
        return _sentence(_(" The weight gradients are {what}."), what=measured_part(_("level at {x}").format(x=middle)))
    ends = _("{low} to {high}").format(low=format_measurement(low), high=format_measurement(high))
    return _sentence(_(" The weight gradients range from {ends}."), ends=measured_part(ends))


def _update_parts(ratios: np.ndarray, step: int, recipe: Mapping[str, Any]) -> list[DiagnosisPart]:
    usable = ratios[np.isfinite(ratios)]
    if not len(usable):
        return []
    median = float(np.median(usable))
    ratio = DiagnosisPart(format_measurement(median), "update_ratio", step)
    if 0 < median <= DECAY_ALONE * _weight_decay_alone(step, recipe):
        reason = DiagnosisPart(_("no more than weight decay alone causes"), strong=True)
        return _sentence(_(" The update ratio is {ratio}, {reason}."), ratio=ratio, reason=reason)
    if median < STILL:
        reason = DiagnosisPart(_("the weights stand still"), strong=True)
        return _sentence(_(" The update ratio is {ratio}: {reason}."), ratio=ratio, reason=reason)
    return _sentence(_(" The update ratio is {ratio}."), ratio=ratio)


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
