"""The axes of a run's quantities: for each axis, what there is a value of. Declared once, read everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from resviz.base.translation import N_, _

AxisName = Literal["layer", "activation", "block", "auxiliary"]


@dataclass(frozen=True)
class Axis:
    """A list of places in a net, from the input to the output.

    `label` names it in a plot, and `field` is its list in layers.json.
    """

    name: AxisName
    field: str
    label: str
    note: str = ""
    """What is added to the label where there is room."""

    @property
    def full_label(self) -> str:
        """The label with its note."""
        return f"{_(self.label)}, {_(self.note)}" if self.note else _(self.label)


_FORWARD = N_("from the input to the output")
AXES: dict[AxisName, Axis] = {
    axis.name: axis
    for axis in (
        Axis("layer", "layers", N_("weight layer"), _FORWARD),
        Axis("activation", "activations", "nonlinearity", _FORWARD),
        Axis("block", "blocks", N_("residual block"), _FORWARD),
        Axis("auxiliary", "auxiliary", N_("auxiliary classifier")),
    )
}
BACKWARD_NOTE = N_("⟵ direction of the gradient")
"""Added to the label of a gradient's axis."""
