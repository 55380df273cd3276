"""Rows that belong to their run: each column is what layers.json says it is, and the steps count upwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from resviz.base.errors import RunError
from resviz.base.translation import _
from resviz.measurements.scalars import SCALARS

if TYPE_CHECKING:
    from pathlib import Path

    from resviz.measurements.rows import Rows
    from resviz.measurements.run_layers import RunLayers


def checked_rows(rows: Rows, layers: RunLayers, folder: Path) -> Rows:
    """Return the rows. Raise RunError if they are not those of a run with these layers."""
    if not rows:
        return rows
    steps = rows["step"]
    if steps[0] < 0 or (np.diff(steps) <= 0).any():
        raise RunError(_("{folder}: its steps don't count upwards from 0.").format(folder=folder))
    for name, values in rows.items():
        if name == "step":
            continue
        width = layers.width(name)
        found = 1 if values.ndim == 1 else values.shape[1]
        if name in SCALARS and values.ndim == 1:
            continue
        if width is None:
            raise RunError(
                _("{folder}: its rows have a column {name}, which layers.json does not name.").format(
                    folder=folder, name=repr(name[:80])
                )
            )
        if values.ndim == 1 or found != width:
            raise RunError(
                _("{folder}: {name} has {found} values, but layers.json has places for {width}.").format(
                    folder=folder, name=name, found=found, width=width
                )
            )
    return rows


def measured_layers(layers: RunLayers, rows: Rows) -> RunLayers:
    """Return the layers with those quantities only that the rows have."""
    if not rows:
        return layers
    measured = tuple(
        quantity for quantity in layers.quantities if quantity.name in rows or not layers.width(quantity.name)
    )
    return layers if len(measured) == len(layers.quantities) else layers.model_copy(update={"quantities": measured})
