"""TrainConfig: how a net is trained. The defaults are those of "Deep Residual Learning", section 4.2, unless said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from resviz.nets.ops import Shape
from resviz.nets.spec import NetSpec

Init = Literal["torch", "he", "xavier", "normal"]
DataName = Literal["digits", "digits16"]


@dataclass(frozen=True)
class DataInfo:
    """What is known of a data set without loading it; `shape` is one image, channels × height × width."""

    title: str
    shape: Shape
    classes: int


DATA: dict[str, DataInfo] = {
    "digits": DataInfo("handwritten digits, 32×32", (1, 32, 32), 10),
    "digits16": DataInfo("handwritten digits, 16×16", (1, 16, 16), 10),
}


class TrainConfig(BaseModel):
    """A recipe. Two runs with equal recipes and nets are equal, number by number, on one machine's CPU."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: DataName = "digits"
    steps: int = Field(200, ge=1, le=10_000_000)
    """The paper trains for 64 000 iterations; a lecture lasts less."""
    batch: int = Field(128, ge=1, le=65_536)
    seed: int = Field(0, ge=0, lt=2**31)
    """Splits and shuffles the data, and draws the first weights."""
    init: Init = "he"
    init_std: float = Field(0.01, gt=0, le=100)
    """Of init "normal"; 0.01 is AlexNet's and VGG's."""
    learning_rate: float = Field(0.1, gt=0, le=1000, allow_inf_nan=False)
    milestones: tuple[int, ...] = (32_000, 48_000)
    """Steps at which the learning rate is divided by 10."""
    momentum: float = Field(0.9, ge=0, lt=1)
    weight_decay: float = Field(1e-4, ge=0, le=1)
    evaluate_every: int = Field(50, ge=0)
    """Steps between two measurements on the held-out images; 0 for none but the last."""

    def learning_rate_at(self, step: int) -> float:
        passed = sum(step >= milestone for milestone in self.milestones)
        return self.learning_rate / 10.0**passed

    def fitted(self, spec: NetSpec) -> NetSpec:
        """The net for this recipe's images and classes: the spec with their input shape and number of outputs."""
        info = DATA[self.data]
        return spec.with_options(input="x".join(map(str, info.shape)), classes=info.classes)
