"""The verdict on a net's gradient at each step, and since when it holds.

The verdict depends on the slope of the response gradient over depth, never on weight gradients alone. In a plain net
without normalization the weight gradients can be level while the response gradient falls by ten decades.

All thresholds apply to the least-squares line through log10 of the response gradient over the weight layers. The last
layer is left out, because the gradient of the logits has not passed any depth.

    vanishes   the line falls by VANISHING decades or more from the last layer to the first, or by STEEP per layer
    explodes   the line rises by as much
    flows      neither
    is 0       the gradient of a layer is exactly 0, so there is no line
    is broken  the gradient of a layer is not a finite number
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

VANISHING = 2.0
"""Decades, a factor of 100."""
STEEP = math.log10(2)
"""Decades a layer: a factor of 2 at each."""
Verdict = Literal["vanishes", "explodes", "flows", "is 0", "is broken"]


@dataclass(frozen=True)
class GradientFall:
    """How a quantity changes from the last weight layer but one down to the first, at one step.

    `slope` is in decades per layer, and positive if the quantity shrinks towards the input. `decades` is that of the
    whole line.
    """

    first: float
    last: float
    slope: float
    decades: float


def fall(values: np.ndarray) -> GradientFall | None:
    """Return the fall of a quantity (layer,); None where a layer's value has no logarithm, or there are too few."""
    y = np.asarray(values, np.float64)[:-1]
    if len(y) < 3 or not np.all(np.isfinite(y)) or np.any(y <= 0):
        return None
    slope = float(np.polyfit(np.arange(len(y)), np.log10(y), 1)[0])
    return GradientFall(float(y[0]), float(y[-1]), slope, slope * (len(y) - 1))


def verdict(response_gradient: np.ndarray) -> Verdict:
    """Return the verdict on a response gradient (layer,) by the thresholds above."""
    hidden = np.asarray(response_gradient, np.float64)[:-1]
    if not np.all(np.isfinite(hidden)):
        return "is broken"
    if np.any(hidden <= 0):
        return "is 0"
    measured = fall(response_gradient)
    if measured is None or (abs(measured.decades) < VANISHING and abs(measured.slope) < STEEP):
        return "flows"
    return "vanishes" if measured.decades > 0 else "explodes"


@dataclass(frozen=True)
class Episode:
    """Consecutive steps with the same verdict, both ends included.

    `layer` is the layer, counted from 1, that the gradient reached first when it was no finite number.
    """

    verdict: Verdict
    first: int
    last: int
    layer: int | None = None


class GradientEpisodes:
    """The episodes of one run. They grow with the run, and no step is looked at twice."""

    def __init__(self) -> None:
        self._episodes: list[Episode] = []
        self._count = 0

    def update(self, gradient: np.ndarray) -> None:
        """Add the steps that are new in a run's response gradient (step, layer)."""
        if gradient.ndim != 2 or len(gradient) <= self._count:
            return
        for row, found in enumerate(verdicts(gradient[self._count :]), self._count):
            if self._episodes and self._episodes[-1].verdict == found:
                self._episodes[-1] = replace(self._episodes[-1], last=row)
            else:
                self._episodes.append(Episode(found, row, row, _first_layer(gradient[row])))
        self._count = len(gradient)

    def until(self, step: int) -> list[Episode]:
        """Return the episodes from step 0 to `step`."""
        found = [episode for episode in self._episodes if episode.first <= step]
        if found and found[-1].last > step:
            found[-1] = replace(found[-1], last=step)
        return found


def episodes_of_run(gradient: np.ndarray) -> list[Episode]:
    """Return the episodes of a whole run, from its response gradient (step, layer)."""
    episodes = GradientEpisodes()
    episodes.update(gradient)
    return episodes.until(len(gradient))


def verdicts(gradient: np.ndarray) -> Sequence[Verdict]:
    """Return the verdict of each step, from the response gradient (step, layer)."""
    hidden = np.asarray(gradient, np.float64)[:, :-1]
    finite: np.ndarray = np.all(np.isfinite(hidden), axis=1)
    positive: np.ndarray = finite & np.all(hidden > 0, axis=1)
    count = hidden.shape[1]
    slopes = np.zeros(len(hidden))
    if count >= 3:
        centred = np.arange(count) - (count - 1) / 2
        logarithms = np.log10(hidden, where=positive[:, None], out=np.zeros_like(hidden))
        slopes = logarithms @ centred / (centred @ centred)
    strong = (np.abs(slopes * (count - 1)) >= VANISHING) | (np.abs(slopes) >= STEEP)
    found = np.where(strong, np.where(slopes > 0, "vanishes", "explodes"), "flows")
    found = np.where(positive, found, np.where(finite, "is 0", "is broken"))
    return [str(verdict) for verdict in found]  # type: ignore[misc]


def _first_layer(gradient: np.ndarray) -> int | None:
    """Return the broken layer nearest to the output, which the gradient reaches first."""
    broken = np.flatnonzero(~np.isfinite(gradient))
    return int(broken[-1]) + 1 if len(broken) else None
