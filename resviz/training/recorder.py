"""Where probes write: one row of numbers on the device, kept step by step until it is copied out. No host sync."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from resviz.measurements.scalars import DEVICE_SCALARS, HOST_SCALARS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from resviz.measurements.axes import AxisName
    from resviz.measurements.quantity import Combination, Quantity
    from resviz.measurements.rows import Rows
    from resviz.training.stable_norms import Number

CAPACITY = 32
"""Steps that a recorder holds until it is drained: also the most that a killed run can lose."""


class StepInterrupted(Exception):
    """A step was given up on the way, because `Recorder.interrupted` was set."""


class Recorder:
    """One preallocated row that probes write into at fixed places, and a table of the rows before it.

    The row's place in memory never changes, so that a captured step writes it again; a finished row is copied at once
    to the table.
    """

    def __init__(
        self,
        places: Mapping[AxisName, int],
        quantities: Sequence[Quantity],
        device: torch.device,
        capacity: int = CAPACITY,
    ) -> None:
        """Prepare the table.

        `places` are the places of each axis (layer, activation, block), and `quantities` what is measured at them.
        """
        self.capacity = capacity
        self.row = 0
        self.interrupted = False
        """Set from any thread to end a step before its update: every probe that is passed looks at it."""
        self.batch: int | None = None
        """Samples of the whole batch, where this process has a part of it alone."""
        self._quantities = quantities
        sizes = {q.name: places[q.axis] * q.values for q in quantities} | dict.fromkeys(DEVICE_SCALARS, 1)
        ends = np.cumsum(list(sizes.values()))
        self._parts = {
            name: slice(int(end) - size, int(end)) for (name, size), end in zip(sizes.items(), ends, strict=True)
        }
        self._table = torch.full((capacity, int(ends[-1])), math.nan, device=device)
        self._current = torch.full((int(ends[-1]),), math.nan, device=device)
        on_cpu = self._on_cpu = device.type == "cpu"
        # On the CPU the same memory is written as an array, which takes a number twenty times as fast as a tensor does.
        self._sinks: dict[str, Any] = {
            name: self._current.numpy()[part] if on_cpu else self._current[part] for name, part in self._parts.items()
        }
        self._known: dict[str, list[float]] = {name: [] for name in ("step", *HOST_SCALARS)}
        self.means = {
            name: torch.full((sizes[name],), math.nan, dtype=torch.float64, device=device)
            for name in self.combined("deviation")
        }
        """For each deviation that is measured on a part of the batch, the part's mean: (place,), NaN for the others."""

    @property
    def is_full(self) -> bool:
        """Whether the table has no room for another row."""
        return self.row == self.capacity

    def check(self, within_step: bool = False) -> None:
        """Raise Interrupted where that is wanted. Steps on a GPU are short, and are not given up on the way."""
        if self.interrupted and (self._on_cpu or not within_step):
            raise StepInterrupted

    def begin_row(self) -> None:
        """Forget the row before, so that what isn't measured now is NaN."""
        self._current.fill_(math.nan)
        if self.batch is not None:
            for means in self.means.values():
                means.fill_(math.nan)

    def combined(self, combination: Combination) -> list[str]:
        """Return the names of the quantities whose parts of a batch are combined in this way."""
        return [quantity.name for quantity in self._quantities if quantity.combination == combination]

    def has(self, name: str) -> bool:
        """Return whether a quantity is recorded."""
        return name in self._parts

    def of(self, name: str) -> Tensor:
        """Return the row's numbers of a quantity or scalar: (place,), the memory itself."""
        return self._current[self._parts[name]]

    def write(self, quantity: str, place: int | slice | np.ndarray, value: Number | np.ndarray) -> None:
        """Write a quantity's value at one place, or its values at several, into the current row."""
        self._sinks[quantity][place] = value

    def write_all(self, quantity: str, values: Tensor) -> None:
        """Write a quantity's values at every place at once."""
        self._current[self._parts[quantity]].copy_(values)

    def finish_row(self, step: int, **known: float) -> None:
        """End the step's row; `known` are the scalars that the host knows anyway."""
        self._table[self.row].copy_(self._current)
        self._known["step"].append(step)
        for name in HOST_SCALARS:
            self._known[name].append(known.get(name, math.nan))
        self.row += 1

    def drain(self) -> Rows:
        """Copy out the finished rows, all at once, and starts again; the one place where the host waits."""
        table = self._table[: self.row].cpu().numpy()
        rows: Rows = {"step": np.asarray(self._known["step"], np.int64)}
        for name in DEVICE_SCALARS:
            rows[name] = table[:, self._parts[name].start].astype(np.float64)
        for name in HOST_SCALARS:
            rows[name] = np.asarray(self._known[name], np.float64)
        for quantity in self._quantities:
            rows[quantity.name] = table[:, self._parts[quantity.name]].copy()
        for known in self._known.values():
            known.clear()
        self.row = 0
        return rows
