"""What TRAIN is set to: the two nets and their recipe. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from resviz.nets import catalogue
from resviz.nets.spec import NetSpec
from resviz.training.recipe import TrainConfig

CHOICES = (
    (
        "depth",
        "depth",
        tuple((depth, depth, f"{depth} weight layers (section 4.2)") for depth in ("20", "32", "44", "56")),
    ),
    (
        "norm",
        "normalise",
        (
            ("none", "none", "no normalisation, as before 2015"),
            ("batch", "batch", "batch normalisation after each convolution (Ioffe and Szegedy 2015)"),
        ),
    ),
    (
        "init",
        "first weights",
        (
            ("torch", "torch's", "uniform, bound 1 / sqrt(fan-in): what PyTorch does by itself"),
            ("he", "He", "normal, variance 2 / fan-in (He et al. 2015)"),
            ("xavier", "Xavier", "normal, variance 2 / (fan-in + fan-out) (Glorot and Bengio 2010)"),
            ("normal", "N(0, 0.01)", "normal, standard deviation 0.01 (AlexNet, VGG)"),
        ),
    ),
    (
        "data",
        "digits",
        (
            ("digits16", "16×16", "1797 handwritten digits, enlarged to 16×16: the quick ones"),
            ("digits", "32×32", "the same enlarged to 32×32, the size of CIFAR's images: four times the work"),
        ),
    ),
)
"""What can be set by a click: the field, its title, and (value, text, what it is)."""


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
        choices = {"data": self.data, "init": self.init, "steps": self.steps, "seed": self.seed}
        return TrainConfig.model_validate({**choices, "batch": 64, "evaluate_every": 20})
