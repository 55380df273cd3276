"""Every option of a net, with what its values do and where that is from. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from resviz.gui.builder.completion import pretty
from resviz.gui.style.choices import Choice
from resviz.nets.block_types import BLOCKS
from resviz.nets.blocks.layers import has_bottleneck
from resviz.nets.op import format_shape

if TYPE_CHECKING:
    from resviz.nets.spec import NetSpec


@dataclass(frozen=True)
class TextOption:
    """An option that is typed; `width` of its field in pixels."""

    field: str
    title: str
    explanation: str
    width: int


_CHOICES = (
    Choice(
        "shortcut",
        "shortcut",
        (
            ("A", "A", "zero padding, no weights (3.3)"),
            ("B", "B", "projects where it grows (3.3)"),
            ("C", "C", "projects everywhere (3.3)"),
            ("D", "D", "average pool, then B (2019)"),
        ),
    ),
    Choice(
        "stride_in",
        "stride in",
        (
            ("first", "first", "a bottleneck's first 1×1: table 1"),
            ("3x3", "3×3", "a bottleneck's 3×3: torchvision"),
        ),
    ),
    Choice(
        "norm",
        "normalise",
        (
            ("batch", "batch", "behind each convolution (3.4)"),
            ("none", "none", "none, as before 2015"),
        ),
    ),
    Choice(
        "norm_place",
        "where",
        (
            ("before", "before", "before the activation (Ioffe 2015)"),
            ("after", "after", "after the activation"),
            ("addition", "sum", "after the sum (He 2016, 4b)"),
            ("convolution", "conv", "pre-act., behind each (2016, 4d)"),
        ),
    ),
    Choice(
        "activation_place",
        "last act.",
        (
            ("after", "after sum", "behind the sum (3.2)"),
            ("before", "before sum", "before the sum (He 2016, 4c)"),
        ),
    ),
    Choice(
        "activation",
        "activation",
        (
            ("relu", "ReLU", "max(0, x): the paper"),
            ("prelu", "PReLU", "learned slopes (He 2015)"),
            ("leaky_relu", "leaky", "slope 0.01 below 0 (Maas 2013)"),
            ("sigmoid", "sigmoid", "slope at most 0.25"),
            ("tanh", "tanh", "slope at most 1"),
        ),
    ),
    Choice(
        "shrink",
        "shrink by",
        (
            ("stride", "stride", "stride 2, first block (3.3)"),
            ("pool", "pool", "2×2 max pool behind it (VGG)"),
            ("none", "table", "only by pools in its stages"),
        ),
    ),
    Choice(
        "bias",
        "biases",
        (
            ("no", "no", "none in convolutions: ResNet"),
            ("yes", "yes", "one a filter: VGG"),
        ),
    ),
)
TEXTS = (
    TextOption("input", "input", "channels × height × width", 100),
    TextOption("classes", "classes", "outputs of the last fc", 100),
    TextOption("stem", "stem", "before the first stage: 7×7, 64, /2; 3×3 max pool, /2 (table 1)", 190),
    TextOption("head", "head", "before the last fc: average pool, or fc 4096; dropout 0.5 (VGG)", 190),
    TextOption("columns", "columns", "of a fractal; the longest has 2^(C−1) convolutions (2017, 2)", 100),
    TextOption("drop_path", "drop-path", "probability that a fractal's join leaves a column out (2017, 3)", 100),
    TextOption("norm_eps", "epsilon", "added to the variance that normalisation divides by", 100),
    TextOption("gate_bias", "gate bias", "of highway gates at first; negative carries (Srivastava 2015, 2.2)", 100),
    TextOption("name", "name", "in the table's head, in runs and in files", 190),
)


def choice_options() -> tuple[Choice, ...]:
    """Return the options with a few values: first the registered blocks."""
    blocks = tuple((block.name, block.title, block.explanation) for block in BLOCKS.values())
    return (Choice("unit", "unit", blocks), *_CHOICES)


def net_options() -> tuple[Choice | TextOption, ...]:
    """Return every option in the order in which they are shown: first what every user of a net must say of it."""
    return (*TEXTS[:2], *choice_options(), *TEXTS[2:])


def explained(option: Choice | TextOption, value: str) -> str:
    """What a value does, and its source."""
    if isinstance(option, TextOption):
        return option.explanation
    return next((why for key, _, why in option.values if key == value), "")


def displayed_value(spec: NetSpec, field: str) -> str:
    """An option's value as it is chosen or typed."""
    if field == "name":
        return spec.label
    value = getattr(spec, field)
    if field == "bias":
        return "yes" if value else "no"
    if field in ("gate_bias", "drop_path", "norm_eps"):
        return f"{value:g}"
    return format_shape(value) if field == "input" else pretty(str(value)) if field in ("stem", "head") else str(value)


def disabled_reason(spec: NetSpec, field: str) -> str:
    """Why an option makes no difference to a net; "" where it makes one."""
    if field == "shortcut" and not spec.has_shortcuts:
        return f"a {spec.unit} net has none"
    if field == "stride_in" and not (has_bottleneck(spec) and spec.shrink == "stride"):
        return "only a bottleneck has the choice"
    if field == "norm_place" and spec.norm == "none":
        return "nothing is normalised"
    if field == "norm_eps" and spec.norm == "none":
        return "nothing is normalised"
    if field == "activation_place" and field not in BLOCKS[spec.unit].options:
        return "only a residual unit has the choice"
    if field in ("columns", "drop_path") and field not in BLOCKS[spec.unit].options:
        return "only fractal units have columns"
    if field == "gate_bias" and field not in BLOCKS[spec.unit].options:
        return "only highway units have gates"
    return ""
