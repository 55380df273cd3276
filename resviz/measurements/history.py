"""RunHistory: what a run has measured so far, in growing arrays."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from resviz.measurements.rows import Rows
    from resviz.measurements.run_layers import RunLayers

FIRST_ROOM = 256
LOOK_BACK = 1000
"""Steps that are looked through for one at which something was measured."""


@dataclass(eq=False)  # each history is itself: views keep what they draw by it
class RunHistory:
    """The rows of one net's run. `column` and `at` are views of the growing arrays, not copies.

    A quantity's values at a step are those of its places, one after the other (place,), or (place × value,).
    """

    layers: RunLayers
    count: int = 0
    _arrays: Rows = field(default_factory=dict)

    def append(self, rows: Rows) -> None:
        """Add rows. Raises ValueError for a quantity of another number of places than the run has."""
        new = len(rows["step"])
        for name, values in rows.items():
            if values.ndim > 1 and values.shape[1] != self.layers.width(name):
                raise ValueError(f"{name} has {values.shape[1]} values, the run's layers {self.layers.width(name)}")
        if not new:
            return
        for name, values in rows.items():
            array = self._arrays.get(name)
            if array is None and new > FIRST_ROOM:  # a whole run's: taken as they are, and copied when more come
                self._arrays[name] = values
                continue
            if array is None:
                array = self._arrays[name] = np.empty((FIRST_ROOM, *values.shape[1:]), values.dtype)
            while self.count + new > len(array):
                array = self._arrays[name] = np.concatenate([array, np.empty_like(array)])
            array[self.count : self.count + new] = values
        self.count += new

    def column(self, name: str) -> np.ndarray:
        """Return all steps of a scalar (step,) or a quantity (step, place). A scalar that was not measured is NaN."""
        array = self._arrays.get(name)
        return np.full(self.count, np.nan) if array is None else array[: self.count]

    @property
    def byte_count(self) -> int:
        """Memory of the arrays, in bytes."""
        return sum(array.nbytes for array in self._arrays.values())

    @property
    def step_count(self) -> int:
        """Steps up to the last row. A run may keep the rows of some steps only."""
        return int(self.column("step")[-1]) + 1 if self.count else 0

    @property
    def stride(self) -> int:
        """Steps from one row to the next: 1, or more in a run that keeps one row in several."""
        return max(1, round((self.step_count - 1) / (self.count - 1))) if self.count > 1 else 1

    def row_at(self, step: int) -> int:
        """Return the row of a step, or of the last one before it that has a row."""
        return max(0, int(np.searchsorted(self.column("step"), step, side="right")) - 1)

    @property
    def response_layers(self) -> np.ndarray:
        """Which weight layers figure 7 shows, (layer,) bool: the convolutions, or all layers of a net without any.

        The figure has the 3×3 ones, which are all convolutions of the CIFAR nets in it.
        """
        found = np.array([layer.kind == "conv" for layer in self.layers.layers], bool)
        return found if found.any() else np.ones_like(found)

    def has(self, name: str) -> bool:
        """Return whether the run measures a quantity and has a place for it."""
        return bool(self.layers.width(name))

    def last_measured(self, name: str, row: int) -> np.ndarray | None:
        """Return a quantity as it was last measured at a row or before it, or None."""
        if name not in self._arrays:
            return None
        values = self.column(name)
        row = row if row >= 0 else self.count + row
        for back in range(row, max(-1, row - LOOK_BACK), -1):
            if np.isfinite(values[back]).any():
                found: np.ndarray = values[back]
                return found
        return None

    def at(self, name: str, row: int = -1) -> np.ndarray:
        """Return a quantity at one row, the last by default: (place,); NaN where the run didn't measure it."""
        if name not in self._arrays:
            return np.full(self.layers.width(name) or 0, np.nan, np.float32)
        values: np.ndarray = self.column(name)[row]
        return values
