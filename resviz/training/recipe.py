"""TrainConfig: how a net is trained. The defaults are those of "Deep Residual Learning", section 4.2, unless said.

Each field's description says in a line what it does and where its default is from: the command line and the window
both show it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from resviz.base.errors import RecipeError, validation_message
from resviz.base.translation import _
from resviz.base.vocabulary import Optimizer, Precision
from resviz.training.data.data_sets import DATA, DataInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from resviz.nets.spec import NetSpec

Init = Literal["torch", "he", "xavier", "normal"]
DataName = Literal["digits16", "digits", "digits72", "mnist", "fashion", "cifar10", "cifar100", "images"]
HeldOut = Literal["test", "validation"]
Augmentation = Literal["none", "crop", "crop-flip"]
Schedule = Literal["milestones", "plateau", "cosine", "constant"]
Layout = Literal["auto", "channels-first", "channels-last"]

PAPER = "section 4.2"
MAX_STEPS = 10_000_000


def recipe_field(group: str, default: Any, *, title: str, description: str, **limits: Any) -> Any:
    """Declare a field: its group on the recipe page, its default, its name in words, and what it does."""
    return Field(default, title=title, description=description, json_schema_extra={"group": group}, **limits)


def recipe_groups(model: type[BaseModel] | None = None) -> dict[str, list[str]]:
    """Return the fields of each group, in the order in which they are declared."""
    groups: dict[str, list[str]] = {}
    for name, field in (model or TrainConfig).model_fields.items():
        extra = field.json_schema_extra
        group = str(extra["group"]) if isinstance(extra, dict) and "group" in extra else "Course"
        groups.setdefault(group, []).append(name)
    return groups


class TrainConfig(BaseModel):
    """A recipe. Two runs with equal recipes and nets are equal, number by number, on one machine's CPU."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: DataName = recipe_field(
        "Data", "digits", title=_("data set"), description=_("Data set to train on. The digits come with Resviz.")
    )
    image_side: int = recipe_field(
        "Data",
        32,
        ge=8,
        le=1024,
        title=_("image side"),
        description=_("For a folder of images: side in pixels to which the images are resized."),
    )
    held_out: HeldOut = recipe_field(
        "Data",
        "test",
        title=_("held-out images"),
        description=_(
            "Images on which the held-out error is measured: the test images, or 5 000 of the 50 000 training "
            "images (section 4.2)."
        ),
    )
    augmentation: Augmentation = recipe_field(
        "Data",
        "none",
        title=_("augmentation"),
        description=_(
            "Random changes to the images. crop: pad by 4 pixels and crop. crop-flip: also mirror half of them "
            "(section 4.2)."
        ),
    )
    training_images: int = recipe_field(
        "Data",
        0,
        ge=0,
        le=100_000_000,
        title=_("training images"),
        description=_("Number of training images, drawn by the seed. 0 uses all of them."),
    )
    steps: int = recipe_field(
        "Course",
        200,
        ge=1,
        le=MAX_STEPS,
        title=_("steps"),
        description=_("Number of updates: 64 000 in the paper, 200 in a lecture."),
    )
    batch: int = recipe_field(
        "Data",
        128,
        ge=1,
        le=65_536,
        title=_("batch size"),
        description=_("Number of images in each step. Section 4.2 uses 128."),
    )
    seed: int = recipe_field(
        "Data",
        0,
        ge=0,
        lt=2**31,
        title=_("seed"),
        description=_("Seed of the random numbers: split and order of the data, initial weights."),
    )
    split_seed: int = recipe_field(
        "Data",
        -1,
        ge=-1,
        lt=2**31,
        title=_("split seed"),
        description=_(
            "Seed of the split into training and held-out images. Nets of an ensemble need one split. -1 uses the seed."
        ),
    )
    init: Init = recipe_field(
        "All nets",
        "he",
        title=_("initial weights"),
        description=_("Initial weights. Section 4.2 uses He's (arXiv 1502.01852)."),
    )
    weights: str = recipe_field(
        "All nets",
        "",
        pattern=r"^[\w.+-]{0,100}$",
        title=_("trained weights"),
        description=_(
            "Trained weights to begin with, such as resnet50-0676ba61. The command resviz weights imports them. "
            "Without a name, the initial weights are drawn."
        ),
    )
    init_std: float = recipe_field(
        "All nets",
        0.01,
        gt=0,
        le=100,
        title=_("deviation s"),
        description=_("Standard deviation s of the weights N(0, s²): 0.01 in AlexNet, 0.1 in VGG."),
    )
    optimizer: Optimizer = recipe_field(
        "Updates",
        "sgd",
        title=_("optimizer"),
        description=_("Optimizer. Section 4.2 uses SGD with momentum; others are Nesterov's and Adam (Kingma 2014)."),
    )
    learning_rate: float = recipe_field(
        "Updates",
        0.1,
        gt=0,
        le=1000,
        allow_inf_nan=False,
        title=_("learning rate"),
        description=_("Learning rate: 0.1 in section 4.2. Adam's usual value is 0.001."),
    )
    schedule: Schedule = recipe_field(
        "Updates",
        "milestones",
        title=_("schedule"),
        description=_(
            "How the learning rate falls. Section 4.2 uses milestones. Section 3.4 divides by 10 at each plateau of "
            "the error, here the held-out error."
        ),
    )
    patience: int = recipe_field(
        "Updates",
        3,
        ge=1,
        le=100_000,
        title=_("patience"),
        description=_(
            "For the schedule plateau: measurements of the held-out error without a new minimum, after which the "
            "learning rate is divided by 10."
        ),
    )
    milestones: tuple[int, ...] = recipe_field(
        "Updates",
        (32_000, 48_000),
        max_length=100,
        title=_("milestones"),
        description=_("Steps at which the learning rate is divided by 10: 32k and 48k in section 4.2."),
    )
    warm_up_steps: int = recipe_field(
        "Updates",
        0,
        ge=0,
        le=MAX_STEPS,
        title=_("warm-up steps"),
        description=_(
            "Number of first steps at the warm-up rate: about 400 for 110 layers, until the error is below "
            "80% (section 4.2)."
        ),
    )
    warm_up_rate: float = recipe_field(
        "Updates",
        0.01,
        gt=0,
        le=1000,
        allow_inf_nan=False,
        title=_("warm-up rate"),
        description=_("Learning rate during warm-up: 0.01 in section 4.2."),
    )
    momentum: float = recipe_field(
        "Updates",
        0.9,
        ge=0,
        lt=1,
        title=_("momentum"),
        description=_("Momentum: 0.9 in section 4.2. For Adam it is the first beta."),
    )
    weight_decay: float = recipe_field(
        "Updates",
        1e-4,
        ge=0,
        le=1,
        title=_("weight decay"),
        description=_("Weight decay of every parameter: 0.0001 in section 4.2."),
    )
    evaluate_every: int = recipe_field(
        "Course",
        50,
        ge=0,
        title=_("evaluate every"),
        description=_("Steps between two measurements on held-out images. 0 measures only at the end."),
    )
    histogram_every: int = recipe_field(
        "Course",
        10,
        ge=0,
        title=_("histograms every"),
        description=_("Steps between two histograms of the activations. 0 makes none."),
    )
    precision: Precision = recipe_field(
        "Machine",
        "float32",
        title=_("precision"),
        description=_(
            "Precision of convolutions and matrix products. tf32 and bfloat16 are faster on a GPU, and less exact."
        ),
    )
    layout: Layout = recipe_field(
        "Machine",
        "auto",
        title=_("memory layout"),
        description=_(
            "Order of an image's numbers in memory. auto is channels-last where it is faster: on a CPU, and on a "
            "GPU with tf32 or bfloat16; channels-first otherwise."
        ),
    )
    capture: bool = recipe_field(
        "Machine",
        False,
        title=_("CUDA graph"),
        description=_("On a GPU: run each step as one CUDA graph, which saves the time to launch kernels."),
    )

    @field_validator("milestones")
    @classmethod
    def _in_order(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if any(step < 1 for step in value) or list(value) != sorted(set(value)):
            raise ValueError(_("Use steps from 1 on, each larger than the one before."))
        return value

    @model_validator(mode="after")
    def _fits_together(self) -> TrainConfig:
        if self.optimizer == "nesterov" and self.momentum == 0:
            raise ValueError(_("Nesterov's momentum needs a momentum above 0. Use sgd to train without."))
        if self.schedule == "plateau" and not self.evaluate_every:
            raise ValueError(_("The schedule plateau needs held-out errors. Set evaluate every to 1 or more."))
        return self

    @property
    def data_seed(self) -> int:
        """The seed of the split into training and held-out images."""
        return self.seed if self.split_seed < 0 else self.split_seed

    def learning_rate_at(self, step: int) -> float:
        """Return the learning rate of the update that ends this step, without what a plateau or a person changed."""
        return self.warm_up_rate if step < self.warm_up_steps else self.scheduled_rate(step)

    def scheduled_rate(self, step: int) -> float:
        """Return the rate of the schedule alone, which during warm-up is the one that the warm-up ends with."""
        if self.schedule == "cosine":
            done = (step - self.warm_up_steps) / max(1, self.steps - self.warm_up_steps)
            return self.learning_rate * (1 + math.cos(math.pi * min(max(done, 0.0), 1.0))) / 2
        if self.schedule in ("constant", "plateau"):
            return self.learning_rate
        passed = sum(step >= milestone for milestone in self.milestones)
        return self.learning_rate / 10.0**passed

    def fitted(self, spec: NetSpec, info: DataInfo | None = None) -> NetSpec:
        """Return a spec with the input shape and the number of outputs that this recipe's images need.

        `info` describes the images; for a named data set it is known. A net that answers at each place or region has
        one more class: the background.
        """
        info = info or DATA[self.data]
        classes = info.classes + 1 if spec.head.dense or spec.head.detector else info.classes
        return spec.with_options(input="x".join(map(str, info.shape)), classes=classes)


def validate_recipe(
    values: Mapping[str, Any],
    where: str = "",
    field: Callable[[str], str] = str,
    model: type[TrainConfig] | None = None,
) -> TrainConfig:
    """Return the recipe of plain values. Raises RecipeError; `field` names a field as a person knows it."""
    try:
        return (model or TrainConfig).model_validate(values)
    except ValidationError as error:
        raise RecipeError(validation_message(error, where=where, field=field)) from None
