"""Quantity: the declaration of something that is measured at each step, and the registry of all declarations.

A quantity is declared once. The recorder, the run folder, the views, the exports and several processes that train one
net all read the declaration, so that a new quantity needs no change in any of them.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from resviz.base.clean_text import CleanLine
from resviz.base.translation import _
from resviz.measurements.axes import AXES, BACKWARD_NOTE, AxisName

Combination = Literal["whole", "mean", "root of squares", "deviation"]
"""How the values that several processes measure on their parts of a batch become the whole batch's.

"whole": each process has the whole batch's value already; "mean": by the share of samples; "root of squares": square
root of the sum of squares; "deviation": from the parts' means and deviations."""


class Quantity(BaseModel):
    """Something measured for each place of its axis at each step.

    The first fields are stored with each run (layers.json). The excluded ones say how this program measures and draws
    the quantity; for a quantity of a saved run they come from the declaration of that name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: CleanLine
    title: CleanLine
    label: CleanLine
    """Of a plot's axis."""
    formula: CleanLine
    source: CleanLine
    axis: AxisName = "layer"
    values: int = Field(1, ge=1, le=10_000)
    """How many numbers there are for each place."""
    log: bool = True
    """Whether it is drawn on a log scale."""
    combination: Combination = Field("whole", exclude=True)
    span: tuple[float, float] | None = Field(None, exclude=True)
    """What an axis of it always shows, so that noise looks like noise."""
    level: tuple[float, str] | None = Field(None, exclude=True)
    """A value that means something, and its name: a line in the views."""
    backward: bool = Field(False, exclude=True)
    """Whether it flows from the output to the input."""
    sparse: bool = Field(False, exclude=True)
    """Whether it is measured every few steps only: the recipe's `histogram_every`."""
    watched_only: bool = Field(False, exclude=True)
    """Whether it is measured in the training loops of others alone."""
    max_places: int | None = Field(None, exclude=True)
    """A net with more places than this does not measure it: it would be most of the run."""

    @property
    def axis_label(self) -> str:
        """The label of its axis, with the direction in which it flows."""
        label = AXES[self.axis].full_label
        return f"{label}  ·  {_(BACKWARD_NOTE)}" if self.backward else label

    @property
    def is_mapped(self) -> bool:
        """Whether it has one number for each place in the net's picture: then heat maps and the graph can show it."""
        return self.values == 1 and self.axis != "auxiliary"


STORED_FIELDS = frozenset(name for name, field in Quantity.model_fields.items() if not field.exclude)
DECLARED: dict[str, Quantity] = {}
"""By name. Read it through `quantities`, which declares those of Resviz."""


def declare(quantity: Quantity) -> Quantity:
    """Add a quantity to those that are measured. Raises ValueError for a second one of the same name."""
    if quantity.name in DECLARED:
        raise ValueError(f"quantity {quantity.name!r} is declared twice")
    DECLARED[quantity.name] = quantity
    return quantity
