"""The same numbers for a logger that a training has anyway: `also=SummaryWriter()`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from resviz.measurements.rows import Rows


class ScalarWriter(Protocol):
    """What is asked of a logger; TensorBoard's SummaryWriter has it."""

    def add_scalar(self, tag: str, scalar_value: float, global_step: int, /) -> Any:
        """Log a number of a step."""


class Mirror:
    """Hands what is measured on to a logger."""

    def __init__(self, writer: ScalarWriter) -> None:
        self._writer = writer
        self._kept: list[tuple[int, dict[str, Any]]] = []

    def keep(self, step: int, scalars: Mapping[str, Tensor | float]) -> None:
        """Keep numbers of the loop itself until the row is written: reading them now would wait for the device."""
        if scalars:
            held = {name: one.detach() if isinstance(one, Tensor) else one for name, one in scalars.items()}
            self._kept.append((step, held))

    def write(self, rows: Rows, places: Mapping[str, Sequence[str]]) -> None:
        """Log all finite numbers of these rows, those at places as `QUANTITY/PLACE`. `places` has their names."""
        for number, step in enumerate(int(step) for step in rows["step"]):
            for name, values in rows.items():
                if values.ndim > 1:
                    for place, value in zip(places[name], values[number], strict=True):
                        self._log(f"{name}/{place}", value, step)
                elif name != "step":
                    self._log(name, values[number], step)
        for step, scalars in self._kept:
            for name, value in scalars.items():
                self._log(name, float(value), step)
        self._kept = []

    def _log(self, tag: str, value: float, step: int) -> None:
        if np.isfinite(value):
            self._writer.add_scalar(tag, float(value), step)
