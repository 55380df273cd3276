"""Imported runs as curves beside those of trained nets: they have losses and errors, and no layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from resviz.gui.plots.scene import OverlayCurve
from resviz.measurements.scalars import SCALARS

if TYPE_CHECKING:
    from resviz.measurements.history import RunHistory


def overlay_curves(
    name: str, history: RunHistory, line_style: int, epoch_steps: int | None, *, strong: bool = False
) -> list[OverlayCurve]:
    """Return a curve for each scalar that an imported run has."""
    steps = history.column("step").astype(np.float64)
    found = []
    for scalar in SCALARS:
        values = history.column(scalar)
        measured = np.isfinite(values)
        if measured.any():
            found.append(OverlayCurve(name, scalar, steps[measured], values[measured], line_style, strong, epoch_steps))
    return found
