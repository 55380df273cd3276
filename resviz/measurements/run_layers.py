"""What layers.json holds: the places of each axis of a net, and the quantities that a run measures over them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, field_validator

from resviz.base.clean_text import CleanLine
from resviz.measurements.axes import AXES, AxisName
from resviz.measurements.quantities import with_declaration
from resviz.measurements.quantity import Quantity
from resviz.measurements.scalars import SCALARS


class LayerInfo(BaseModel):
    """A place: its name, the kind of layer, the stage it belongs to, and what a lecturer writes into its box."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: CleanLine
    kind: CleanLine
    stage: CleanLine
    label: CleanLine


class RunLayers(BaseModel):
    """The axes, each from the input to the output, and the quantities over them."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    layers: tuple[LayerInfo, ...]
    """The weight layers: each has a response and a gradient."""
    activations: tuple[LayerInfo, ...] = ()
    blocks: tuple[LayerInfo, ...] = ()
    auxiliary: tuple[LayerInfo, ...] = ()
    quantities: tuple[Quantity, ...]

    @field_validator("quantities")
    @classmethod
    def _declared(cls, stored: tuple[Quantity, ...]) -> tuple[Quantity, ...]:
        names = [quantity.name for quantity in stored]
        for name in names:
            if name in SCALARS or name == "step" or names.count(name) > 1:
                raise ValueError(f"there are two columns with the name {name[:80]}")
        return tuple(map(with_declaration, stored))

    def along(self, axis: AxisName) -> tuple[LayerInfo, ...]:
        """Return the places of an axis."""
        places: tuple[LayerInfo, ...] = getattr(self, AXES[axis].field)
        return places

    def quantity(self, name: str) -> Quantity | None:
        """Return the quantity of a name; None where the run does not measure it."""
        return next((quantity for quantity in self.quantities if quantity.name == name), None)

    def width(self, name: str) -> int | None:
        """Return how many numbers a step's row has of a quantity; None where the run does not measure it."""
        quantity = self.quantity(name)
        return len(self.along(quantity.axis)) * quantity.values if quantity else None
