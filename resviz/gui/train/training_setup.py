"""What TRAIN is set to: the nets, their recipe, how they go along. No Qt."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from resviz.base.errors import RecipeError
from resviz.base.translation import _
from resviz.gui.style.choices import Choice
from resviz.nets import catalogue
from resviz.nets.spec import NetSpec
from resviz.results.setting_titles import setting_title
from resviz.training.recipe import TrainConfig, validate_recipe

if TYPE_CHECKING:
    from resviz.experiments.lessons import Lesson

FIRST_LESSON = "plain20-resnet20"
MAX_NETS = 4
NET_FIELDS = ("norm", "norm_place", "activation")
"""Options of the nets that are set for all of them at once."""

CHOICES = (
    Choice(
        "depth",
        _("depth"),
        tuple(
            (depth, depth, _("{depth} weight layers (section 4.2)").format(depth=depth))
            for depth in ("20", "32", "44", "56")
        ),
    ),
    Choice(
        "norm",
        _("norm"),
        (
            ("none", _("none"), _("No normalization, as before 2015.")),
            ("batch", _("batch"), _("Batch normalization after each convolution (Ioffe and Szegedy 2015).")),
        ),
    ),
    Choice(
        "init",
        _("initial weights"),
        (
            ("torch", "PyTorch", _("Uniform with bound 1 / sqrt(fan-in), PyTorch's default.")),
            ("he", "He", _("Normal with variance 2 / fan-in (He et al. 2015).")),
            ("xavier", "Xavier", _("Normal with variance 2 / (fan-in + fan-out) (Glorot and Bengio 2010).")),
            ("normal", "N(0, s)", _("Normal with standard deviation s: 0.01 in AlexNet, 0.1 in VGG.")),
        ),
    ),
    Choice(
        "data",
        _("digits"),
        (
            ("digits16", "16²", _("1797 handwritten digits, enlarged to 16×16 pixels: the fastest.")),
            (
                "digits",
                "32²",
                _("The same digits enlarged to 32×32 pixels, the size of CIFAR's images: four times the work."),
            ),
            ("digits72", "72²", _("Enlarged to 72×72 pixels, which AlexNet and ZFNet need: twenty times the work.")),
        ),
    ),
)
"""What can be set by a click while a lecture goes on."""
DEPTHS = " + "
"""Between depths, where several are chosen."""
_DEPTH = re.compile(r"(cifar-[a-z]+)(\d+)", re.ASCII)


@dataclass(frozen=True)
class TrainingSetup:
    """Up to four nets and a recipe. It begins as a lesson and may be changed from there."""

    lesson: Lesson
    specs: tuple[NetSpec, ...]
    config: TrainConfig
    free: bool = False
    """Each net at its own pace, instead of in lock-step."""
    device: str = "auto"

    @classmethod
    def from_lesson(cls, lesson: Lesson, device: str = "auto") -> TrainingSetup:
        """Return the settings that a lesson prescribes."""
        return cls(lesson, lesson.specs, lesson.config, False, device)

    @property
    def changed(self) -> bool:
        """Whether it is no longer the lesson."""
        return (self.specs, self.config, self.free) != (self.lesson.specs, self.lesson.config, False)

    @property
    def changes(self) -> list[str]:
        """Which settings of the recipe are not the lesson's, and what they are."""
        ours, theirs = self.config.model_dump(), self.lesson.config.model_dump()
        nets = [_("nets")] if self.specs != self.lesson.specs else []
        return [*nets, *(f"{setting_title(name)} {value}" for name, value in ours.items() if value != theirs[name])][:3]

    @property
    def depths(self) -> tuple[str, ...]:
        """Depths of the nets, if all are CIFAR nets of section 4.2; else nothing."""
        found = [_DEPTH.fullmatch(spec.name) for spec in self.specs]
        return tuple(dict.fromkeys(match[2] for match in found if match)) if all(found) else ()

    def value(self, name: str) -> str:
        """Return the value of a choice, or "" if the nets differ in it."""
        if name == "depth":
            return DEPTHS.join(self.depths)
        if name in NET_FIELDS:
            values = {str(getattr(spec, name)) for spec in self.specs}
            return values.pop() if len(values) == 1 else ""
        if name in ("free", "device"):
            return str(getattr(self, name))
        value = getattr(self.config, name)
        return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)

    def with_setting(self, name: str, text: str) -> TrainingSetup:
        """Return a copy with another value, given as text. Raises ResvizError: what is wrong with it, in one line."""
        if name == "depth":
            return self._with_depths(tuple(text.split(DEPTHS)))
        if name in NET_FIELDS:
            return replace(self, specs=tuple(spec.with_options(**{name: text}) for spec in self.specs))
        if name == "free":
            return replace(self, free=text == "True")
        if name == "device":
            return replace(self, device=text)
        return replace(self, config=_with_field(self.config, name, text))

    def with_net(self, index: int, name: str) -> TrainingSetup:
        """Return a setup with a net of the catalogue at a place. It takes on what all nets have in common."""
        spec = catalogue.find(name)
        common = {key: self.value(key) for key in NET_FIELDS if self.value(key)}
        return self.with_spec(index, spec.with_options(**common) if common else spec)

    def with_spec(self, index: int, spec: NetSpec) -> TrainingSetup:
        """Return a setup with another net at a place, or one net more."""
        return replace(self, specs=(*self.specs[:index], spec, *self.specs[index + 1 :])[:MAX_NETS])

    def with_shortcut(self, index: int, shortcut: str) -> TrainingSetup:
        """Return a setup in which one net has another shortcut option."""
        spec = self.specs[index].with_options(shortcut=shortcut)
        return replace(self, specs=(*self.specs[:index], spec, *self.specs[index + 1 :]))

    def without_net(self, index: int) -> TrainingSetup:
        """Return a setup without one net. The last net stays."""
        return replace(self, specs=self.specs[:index] + self.specs[index + 1 :]) if len(self.specs) > 1 else self

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the curves: the nets, and what differs if two have the same name."""
        return distinct_names(self.specs)

    def recipe_line(self) -> str:
        """Return the recipe in a line."""
        recipe = self.config
        text = _(
            "batch {batch}  ·  {optimizer}, learning rate {rate:g}, momentum {momentum:g}, weight decay "
            "{decay:g}  ·  seed {seed}"
        ).format(
            batch=recipe.batch,
            optimizer=recipe.optimizer,
            rate=recipe.learning_rate,
            momentum=recipe.momentum,
            decay=recipe.weight_decay,
            seed=recipe.seed,
        )
        weights = "  ·  " + _("weights {name}").format(name=recipe.weights) if recipe.weights else ""
        return text + weights

    def _with_depths(self, depths: tuple[str, ...]) -> TrainingSetup:
        """Return a setup with each kind of net at each depth."""
        first = self.depths[0] if self.depths else ""
        kinds = [spec for spec in self.specs if spec.name.endswith(first)]
        specs = tuple(_of_depth(spec, depth) for depth in depths for spec in kinds)
        if len(specs) > MAX_NETS:
            raise RecipeError(
                _("{count} nets are too many to train together. Up to {most} can be. Choose fewer depths.").format(
                    count=len(specs), most=MAX_NETS
                )
            )
        return replace(self, specs=specs)


def distinct_names(specs: tuple[NetSpec, ...]) -> tuple[str, ...]:
    """Return each net's name, with the options in which nets of one name differ: "ResNet-20, shortcut B".

    If all nets have one name, return only the options.
    """
    labels = [spec.label for spec in specs]
    differing = [
        key
        for key in NetSpec.model_fields
        if key not in ("name", "title") and len({getattr(s, key) for s in specs}) > 1
    ]
    names = []
    for spec, label in zip(specs, labels, strict=True):
        twins = [other for other in specs if other.label == label]
        own = [key for key in differing if len({getattr(other, key) for other in twins}) > 1]
        options = [_option_text(key, getattr(spec, key)) for key in own]
        alike = len(twins) == len(specs) > 1
        names.append(", ".join(options if alike and options else [label, *options]))
    return tuple(names)


def _option_text(key: str, value: Any) -> str:
    if key == "norm":
        return _("no normalization") if value == "none" else _("{name} norm").format(name=value)
    if key == "shortcut":
        return _("option {name}").format(name=value)
    return str(value) if key in ("activation", "unit") else f"{key.replace('_', ' ')} {value}"


def assign_line_styles(specs: tuple[NetSpec, ...]) -> tuple[int, ...]:
    """Return which of its kind's colours and line styles each net is drawn in."""
    kinds = [spec.unit == "plain" for spec in specs]
    return tuple(kinds[:index].count(kind) for index, kind in enumerate(kinds))


def _of_depth(spec: NetSpec, depth: str) -> NetSpec:
    match = _DEPTH.fullmatch(spec.name)
    if not match:
        return spec
    other = catalogue.find(f"{match[1]}{depth}")
    before = catalogue.find(spec.name)
    kept = {
        key: getattr(spec, key)
        for key in NetSpec.model_fields
        if key not in ("name", "title", "stages") and getattr(spec, key) != getattr(before, key)
    }
    return other.with_options(**kept) if kept else other


def _with_field(config: TrainConfig, name: str, text: str) -> TrainConfig:
    value: Any = text.strip()
    if name == "milestones":
        value = [part for part in re.split(r"[,;\s]+", text) if part]
    return validate_recipe({**config.model_dump(), name: value}, field=lambda field: field.replace("_", " "))
