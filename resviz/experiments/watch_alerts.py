"""What a watched training should be stopped for: numbers that are not finite, where they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from resviz.base.translation import _
from resviz.measurements.quantities import RESPONSE, RESPONSE_GRADIENT, WEIGHT_GRADIENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resviz.measurements.rows import Rows


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
