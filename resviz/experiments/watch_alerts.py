"""What has to be said of a watched training: what is not measured, and where numbers are not finite any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from resviz.base.translation import _
from resviz.measurements.quantities import RESPONSE, RESPONSE_GRADIENT, WEIGHT_GRADIENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resviz.measurements.rows import Rows


_NAMED = 3


def describe_silent(silent: Sequence[str], count: int, step: int) -> str:
    """Return in a sentence which of so many layers had no gradient of their response, "" if nothing is to be said."""
    if len(silent) == count:
        return _(
            "No gradient of a response was seen at step {step}. Was the model compiled after it was watched? "
            "Weights and their gradients are measured."
        ).format(step=step)
    if not silent or step:
        return ""
    names = ", ".join(silent[:_NAMED]) + (" …" if len(silent) > _NAMED else "")
    return _("{silent} of {count} layers have no gradient of their response: {names}.").format(
        silent=len(silent), count=count, names=names
    )


class FiniteCheck:
    """Finds the first step with a number that is not finite, and the layer in which it arises."""

    def __init__(self, layers: Sequence[str]) -> None:
        self._layers = layers
        self._known: dict[str, np.ndarray] = {}
        """For each quantity the layers that had a finite number: the others never have one."""
        self._is_found = False

    def look(self, rows: Rows) -> str:
        """Return a sentence about the first such step, "" if there is none, or it was found before.

        What goes wrong on the way to the output shows first in the first layer. Gradients go wrong on the way back.
        """
        if self._is_found:
            return ""
        for number, step in enumerate(rows["step"]):
            for quantity, from_input in ((RESPONSE, True), (RESPONSE_GRADIENT, False), (WEIGHT_GRADIENT, False)):
                if quantity.name not in rows:
                    continue
                finite = np.isfinite(rows[quantity.name][number])
                known = self._known.get(quantity.name)
                lost = np.flatnonzero(~finite & known) if known is not None else np.empty(0, int)
                if len(lost):
                    self._is_found = True
                    text = _("At step {step} the {quantity} of {layer} is not a finite number, the first of all.")
                    place = int(lost[0] if from_input else lost[-1])
                    return text.format(step=step, quantity=_(quantity.title), layer=self._layers[place])
                self._known[quantity.name] = finite if known is None else known | finite
        return ""
