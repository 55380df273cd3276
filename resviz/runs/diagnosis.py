"""What a net's gradients do, said from what was measured of them. No text says more than the figures in it.

Judged by the slope of the response gradient over depth and by the update ratio, never by weight gradients alone: in a
plain net without normalisation these can be level where the response gradient falls by ten decades.

The thresholds, all of them on the straight line that least squares put through log10 of the response gradient over the
weight layers but the last (the logits' gradient has met no depth):

    vanishes   the line falls by VANISHING decades or more from the last layer to the first, or by STEEP a layer
    explodes   it rises by as much
    flows      it does neither
    is 0       a layer's gradient is exactly 0: nothing reaches it, and no line can be drawn
    is broken  a layer's gradient is no number

A net that flows still doesn't learn where its weights stand still: its median update ratio is below STILL, or no more
than what weight decay by itself moves (DECAY_ALONE times that at most).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from resviz.base.numbers import format_measurement

VANISHING = 2.0
"""Decades, a factor of 100."""
STEEP = math.log10(2)
"""Decades a layer: a factor of 2 at each."""
LEVEL = 0.04
"""Decades a layer up to which weight gradients are said to be level: over 20 layers, less than one."""
STILL = 1e-6
DECAY_ALONE = 1.5

Verdict = Literal["vanishes", "explodes", "flows", "is 0", "is broken"]
At = Callable[[str], np.ndarray]
"""From a quantity's name to its values at one step, (layer,); NaN where it was not measured."""


@dataclass(frozen=True)
class GradientFall:
    """How a quantity changes from the last weight layer but one down to the first, measured at one step.

    `slope` is in decades a layer, positive where it shrinks towards the input; `decades` that of the whole line.
    """

    first: float
    last: float
    slope: float
    decades: float


@dataclass(frozen=True)
class DiagnosisPart:
    """A piece of a sentence; one with a quantity is a figure, measured at a step, that can be looked up there."""

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


def fall(values: np.ndarray) -> GradientFall | None:
    """The fall of a quantity (layer,); None where a layer's value has no logarithm, or there are too few."""
    y = np.asarray(values, np.float64)[:-1]
    if len(y) < 3 or not np.all(np.isfinite(y)) or np.any(y <= 0):
        return None
    slope = float(np.polyfit(np.arange(len(y)), np.log10(y), 1)[0])
    return GradientFall(float(y[0]), float(y[-1]), slope, slope * (len(y) - 1))


def verdict(response_gradient: np.ndarray) -> Verdict:
    """The verdict on a response gradient (layer,) by the thresholds above."""
    hidden = np.asarray(response_gradient, np.float64)[:-1]
    if not np.all(np.isfinite(hidden)):
        return "is broken"
    if np.any(hidden <= 0):
        return "is 0"
    measured = fall(response_gradient)
    if measured is None or (abs(measured.decades) < VANISHING and abs(measured.slope) < STEEP):
        return "flows"
    return "vanishes" if measured.decades > 0 else "explodes"


def diagnose(at: At, step: int, first: At, recipe: Mapping[str, Any], unit: str = "") -> Diagnosis:
    """Return what the net does at a step.

    Args:
        at: Gives the values of a quantity at the step, (layer,).
        step: The step.
        first: Gives the values at step 0.
        recipe: The run's recipe. It says what weight decay does.
        unit: Kind of the net's blocks. In a net of fractal units, some layers have no part in a step.
    """
    gradient = at("response_gradient")
    found = verdict(gradient)
    parts = _gradient_parts(gradient, found, step)
    if found == "is 0" and unit == "fractal":
        parts.append(DiagnosisPart(", as where drop-path leaves a column out"))
    if step > 0:
        parts += _beginning_parts(first("response_gradient"), found)
    parts += _weight_parts(at("weight_gradient"), step)
    parts += _update_parts(at("update_ratio"), step, recipe)
    return Diagnosis(found, tuple(parts))


def _gradient_parts(gradient: np.ndarray, found: Verdict, step: int) -> list[DiagnosisPart]:
    name = "response_gradient"
    head = DiagnosisPart(f"the gradient {found}", strong=True)
    if found == "is broken":
        count = int(np.count_nonzero(~np.isfinite(gradient)))
        return [
            head,
            DiagnosisPart(": "),
            DiagnosisPart(f"not a number in {count} of {len(gradient)} layers", name, step),
        ]
    if found == "is 0":
        count = int(np.count_nonzero(gradient <= 0))
        return [head, DiagnosisPart(", exactly, in "), DiagnosisPart(f"{count} of {len(gradient)} layers", name, step)]
    measured = fall(gradient)
    if measured is None:
        low, high = format_measurement(float(gradient.min())), format_measurement(float(gradient.max()))
        return [
            head,
            DiagnosisPart(": between "),
            DiagnosisPart(f"{low} and {high}", name, step),
            DiagnosisPart(", too few layers for a slope"),
        ]
    way = "loses" if measured.slope > 0 else "gains"
    return [
        head,
        DiagnosisPart(": it " + way + " "),
        DiagnosisPart(f"{abs(measured.slope):.2f} decades a layer", name, step),
        DiagnosisPart(", "),
        DiagnosisPart(
            f"{format_measurement(measured.last)} at layer {len(gradient) - 1} to "
            f"{format_measurement(measured.first)} at layer 1",
            name,
            step,
        ),
    ]


def _beginning_parts(gradient: np.ndarray, now: Verdict) -> list[DiagnosisPart]:
    """Step 0, where it was another case."""
    before = verdict(gradient)
    measured = fall(gradient)
    if before == now or measured is None:
        return []
    past = {"vanishes": "it vanished", "explodes": "it exploded", "flows": "it flowed"}[before]
    ratio = format_measurement(measured.first / measured.last)
    return [
        DiagnosisPart(f"; {past} "),
        DiagnosisPart(f"at step 0, times {ratio} from the last to the first", "response_gradient", 0),
    ]


def _weight_parts(gradient: np.ndarray, step: int) -> list[DiagnosisPart]:
    usable = gradient[np.isfinite(gradient)]
    if not len(usable) or len(usable) < len(gradient):
        return [DiagnosisPart("; "), DiagnosisPart("the weight gradients are no numbers", "weight_gradient", step)]
    low, high = float(usable.min()), float(usable.max())
    measured = fall(gradient)
    level = measured is not None and abs(measured.slope) <= LEVEL
    if level and high < 30 * low:
        middle = format_measurement(float(np.median(usable)))
        return [DiagnosisPart("; weight gradients are "), DiagnosisPart(f"level at {middle}", "weight_gradient", step)]
    return [
        DiagnosisPart("; weight gradients "),
        DiagnosisPart(f"{format_measurement(low)} to {format_measurement(high)}", "weight_gradient", step),
    ]


def _update_parts(ratios: np.ndarray, step: int, recipe: Mapping[str, Any]) -> list[DiagnosisPart]:
    usable = ratios[np.isfinite(ratios)]
    if not len(usable):
        return []
    median = float(np.median(usable))
    parts = [DiagnosisPart("; "), DiagnosisPart(f"update ratio {format_measurement(median)}", "update_ratio", step)]
    alone = _weight_decay_alone(step, recipe)
    if 0 < median <= DECAY_ALONE * alone:
        parts.append(DiagnosisPart(", no more than weight decay alone", strong=True))
    elif median < STILL:
        parts.append(DiagnosisPart(": they stand still", strong=True))
    return parts


def _weight_decay_alone(step: int, recipe: Mapping[str, Any]) -> float:
    """The update ratio of SGD where every gradient is 0: rate · decay · (1 + m + ... + m^step), momentum m.

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
