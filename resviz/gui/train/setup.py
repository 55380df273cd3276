"""What TRAIN is set to: the two nets and their recipe. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from resviz.nets import catalogue
from resviz.nets.spec import NetSpec
from resviz.training.recipe import TrainConfig

DEPTHS = ("20", "32", "44", "56")
NORMS = (("none", "none"), ("batch", "batch"))
INITS = (("torch", "torch's"), ("he", "He"), ("xavier", "Xavier"), ("normal", "N(0, 0.01)"))
DATA = (("digits16", "16×16"), ("digits", "32×32"))


@dataclass(frozen=True)
class Setup:
    """A duel of a plain and a residual net of one depth.

    It comes up as the case where the plain net's gradient falls most plainly: no normalisation, torch's own first
    weights. The batch is half the paper's 128, so that a laptop shows the fall within seconds.
    """

    depth: str = "20"
    norm: str = "none"
    init: str = "torch"
    data: str = "digits16"
    steps: int = 200
    seed: int = 0

    def with_setting(self, field: str, value: str) -> Setup:
        changes: dict[str, Any] = {field: int(value) if field in ("steps", "seed") else value}
        return replace(self, **changes)

    @property
    def specs(self) -> tuple[NetSpec, ...]:
        names = (f"cifar-plain{self.depth}", f"cifar-resnet{self.depth}")
        return tuple(catalogue.find(name).with_options(norm=self.norm) for name in names)

    @property
    def config(self) -> TrainConfig:
        choices = {"data": self.data, "init": self.init, "steps": self.steps, "seed": self.seed, "batch": 64}
        return TrainConfig.model_validate(choices)
