"""What looks wrong in a watched training: gradients that vanish or explode, weights that stand still, numbers lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from resviz.base.translation import _
from resviz.measurements.quantities import RESPONSE, RESPONSE_GRADIENT, UPDATE_RATIO, WEIGHT_GRADIENT
from resviz.runs.diagnosis import STILL, headline
from resviz.runs.gradient_verdict import verdict
from resviz.runs.records import RunAlert

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from resviz.measurements.rows import Rows
    from resviz.runs.records import AlertKind
    from resviz.training.step_meter import Measured

IN_A_ROW = 20
"""A gradient has to vanish or explode for so many measured steps in a row before a warning."""
DEAD_STEPS = 100
"""So many measured steps on end the update ratio of a layer is below `STILL`."""
_NAMED = 3


def describe_silent(silent: Sequence[str], count: int, step: int) -> str:
    """Return in a sentence which of so many layers had no gradient of their response, "" if nothing is to be said."""
    if len(silent) == count:
        return _(
            "No gradient of a response was seen at step {step}. Was step() called before loss.backward(), or twice, or "
            "was the model compiled after it was watched? The gradients of the weights are those that were there."
        ).format(step=step)
    if not silent or step:
        return ""
    return _("{silent} of {count} layers have no gradient of their response: {names}.").format(
        silent=len(silent), count=count, names=_listed(silent)
    )


def describe_taken_away(names: Sequence[str]) -> str:
    """Return in a sentence whose hooks are gone, "" if none is."""
    text = _(
        "The hooks of {layers} are gone: another part of the program has replaced these modules or taken the hooks "
        "away. Watch the model again to measure their responses."
    )
    return text.format(layers=_listed(names)) if names else ""


class Alerts:
    """Looks at rows as they are written. Each kind of alert is given once, a dead layer once for each layer."""

    def __init__(self, layers: Sequence[str]) -> None:
        self._layers = tuple(layers)
        self._seen = np.zeros(len(self._layers), bool)
        """Which layers had a gradient of their response in some step."""
        self._missing = np.zeros(len(self._layers), int)
        """For how many measured steps these have had none."""
        self._given: set[str] = set()
        self._verdict, self._since, self._times = "", 0, 0
        self._still = np.zeros(len(self._layers), int)
        """For how many measured steps the weights of each layer have stood still."""

    def look(self, rows: Rows, measured: Sequence[Measured]) -> Iterator[RunAlert]:
        """Yield what these rows are the first to show; `measured` says of each which layers had a value at all."""
        for number, step in enumerate(int(step) for step in rows["step"]):
            row = {name: values[number] for name, values in rows.items() if name != "step"}
            yield from self._not_finite(row, measured[number], step)
            yield from self._silent(measured[number].get(RESPONSE_GRADIENT.name), step)
            yield from self._gradient(row, step)
            yield from self._dead(row, step)

    def _not_finite(self, row: dict[str, np.ndarray], measured: Measured, step: int) -> Iterator[RunAlert]:
        """What goes wrong on the way to the output shows first in the first layer; gradients, on the way back."""
        if "not finite" in self._given:
            return
        for quantity, from_input in ((RESPONSE, True), (RESPONSE_GRADIENT, False), (WEIGHT_GRADIENT, False)):
            if quantity.name not in row:
                continue
            lost = np.flatnonzero(measured[quantity.name] & ~np.isfinite(row[quantity.name]))
            if len(lost):
                self._given.add("not finite")
                layer = self._layers[int(lost[0] if from_input else lost[-1])]
                text = _("At step {step} the {quantity} of layer {layer} is not a finite number, the first of all.")
                said = text.format(step=step, quantity=_(quantity.title), layer=layer)
                yield _alert("not finite", step, (layer,), said)
                return

    def _silent(self, measured: np.ndarray | None, step: int) -> Iterator[RunAlert]:
        """Say which layers had a gradient of their response before, and have none any more."""
        if measured is None or not len(measured):
            return
        self._seen = self._seen | measured
        self._missing = np.where(measured | ~self._seen, 0, self._missing + 1)
        gone = [self._layers[place] for place in np.flatnonzero(self._missing == IN_A_ROW)]
        if gone:
            text = _(
                "{layers} have no gradient of their response any more, in {count} measured steps up to step {step}. "
                "Were they frozen, replaced or left out? Watch the model again to measure what it is now."
            )
            said = text.format(layers=_listed(gone), count=IN_A_ROW, step=step)
            yield _alert("silent", step, tuple(gone), said)

    def _gradient(self, row: dict[str, np.ndarray], step: int) -> Iterator[RunAlert]:
        gradient = row.get(RESPONSE_GRADIENT.name)
        if gradient is None:
            return
        found = verdict(gradient)
        if found != self._verdict:
            self._verdict, self._since, self._times = found, step, 0
        self._times += 1
        kind: AlertKind = "vanishing" if found == "vanishes" else "exploding"
        if found not in ("vanishes", "explodes") or self._times != IN_A_ROW or kind in self._given:
            return
        self._given.add(kind)
        text = _("{what} This began at step {first} and has lasted for {count} measured steps.")
        said = text.format(what=headline(gradient), first=self._since, count=IN_A_ROW)
        yield _alert(kind, self._since, self._layers[:1], said)

    def _dead(self, row: dict[str, np.ndarray], step: int) -> Iterator[RunAlert]:
        ratio = row.get(UPDATE_RATIO.name)
        if ratio is None:
            return
        still = np.isfinite(ratio) & (ratio < STILL)
        self._still = np.where(still, self._still + 1, 0)
        dead = [self._layers[place] for place in np.flatnonzero(self._still == DEAD_STEPS)]
        if dead:
            text = _(
                "The weights of layers {layers} stand still: the update ratio is below {limit:g} in {count} measured "
                "steps, up to step {step}."
            )
            said = text.format(layers=_listed(dead), limit=STILL, count=DEAD_STEPS, step=step)
            yield _alert("dead", step, tuple(dead), said)


def _alert(kind: AlertKind, step: int, layers: tuple[str, ...], text: str) -> RunAlert:
    return RunAlert(kind=kind, step=step, layers=layers, text=text)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")
