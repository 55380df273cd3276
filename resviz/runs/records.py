"""What a run folder's JSON files hold: closed schemas, so that a stranger's file is read or refused."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from resviz.base.errors import NetError
from resviz.nets.spec import NetSpec, validate

FORMATS = (2, 3)
"""Of run folders: those that are read, the last of them written. 3 has places for auxiliary outputs."""
Axis = Literal["layer", "activation", "block", "auxiliary"]
State = Literal["running", "finished", "stopped", "failed", "interrupted"]
MAX_JSON = 20_000_000


class RunError(ValueError):
    """A run that can't be written or read: what, where, and what would do; one line."""


class RunInfo(BaseModel):
    """What run.json holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMATS[-1]
    id: str
    spec: dict[str, Any]
    recipe: dict[str, Any]
    seed: int
    device: str
    versions: dict[str, str]
    group: str = ""
    """Runs of one duel share it."""
    created: str
    ended: str = ""
    state: State = "running"
    steps: int = 0
    steps_per_second: float | None = None
    loss: float | None = None
    """Of the last step's batch."""
    error: float | None = None
    """Share of wrong answers on the held-out images, the last time it was measured."""
    error_step: int | None = None
    """After how many steps that was."""
    best_error: float | None = None
    """The least that was measured; runs of format 2 don't say."""
    message: str = ""
    """Why a run failed."""
    host: str = ""
    pid: int = Field(0, ge=0, lt=2**31)

    @property
    def net(self) -> NetSpec:
        """The net that was trained. Raises RunError where this program can't build it."""
        try:
            return validate(self.spec, f"run {self.id}")
        except NetError as error:
            raise RunError(f"{error}; a newer Resviz may read it") from None


class Format(BaseModel):
    """What is read of a run.json before anything else: another format may have other fields."""

    format: int = FORMATS[-1]


class LayerInfo(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    kind: str
    stage: str
    label: str


class QuantityInfo(BaseModel):
    """What a column of the rows is: `axis` says what it has `values` numbers for each of."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    title: str
    label: str
    formula: str
    source: str
    axis: Axis
    values: int = Field(1, ge=1, le=10_000)
    log: bool = True


class RunLayers(BaseModel):
    """What layers.json holds: the axes, each from the input to the output, and the quantities over them."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    layers: tuple[LayerInfo, ...]
    """The weight layers: a response, a gradient each."""
    activations: tuple[LayerInfo, ...] = ()
    blocks: tuple[LayerInfo, ...] = ()
    auxiliary: tuple[LayerInfo, ...] = ()
    quantities: tuple[QuantityInfo, ...]

    def along(self, axis: Axis) -> tuple[LayerInfo, ...]:
        axes = {"layer": self.layers, "activation": self.activations, "block": self.blocks}
        return (axes | {"auxiliary": self.auxiliary})[axis]

    def quantity(self, name: str) -> QuantityInfo | None:
        return next((quantity for quantity in self.quantities if quantity.name == name), None)

    def width(self, name: str) -> int | None:
        """How many numbers a step's row has of a quantity; None for what is no quantity of this run."""
        quantity = self.quantity(name)
        return len(self.along(quantity.axis)) * quantity.values if quantity else None
