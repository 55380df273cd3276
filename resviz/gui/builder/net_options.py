"""Every option of a net, with what its values do and where that is from. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from resviz.base.translation import _
from resviz.gui.builder.completion import pretty
from resviz.gui.style.choices import Choice
from resviz.nets.block_types import BLOCKS
from resviz.nets.blocks.layers import has_bottleneck
from resviz.nets.op import format_shape
from resviz.nets.spec import NetSpec


def _title(field: str) -> str:
    return NetSpec.model_fields[field].title or field


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
        _title("shortcut"),
        (
            ("A", "A", _("pads with zeros, no weights (3.3)")),
            ("B", "B", _("projects where dimensions change (3.3)")),
            ("C", "C", _("projects everywhere (3.3)")),
            ("D", "D", _("average pool, then B (2019)")),
        ),
    ),
    Choice(
        "stride_in",
        _title("stride_in"),
        (
            ("first", _("first"), _("in a bottleneck's first 1×1 (table 1)")),
            ("3x3", "3×3", _("in a bottleneck's 3×3 (torchvision)")),
        ),
    ),
    Choice(
        "norm",
        _title("norm"),
        (
            ("batch", _("batch"), _("after each convolution (3.4)")),
            ("none", _("none"), _("none, as before 2015")),
        ),
    ),
    Choice(
        "norm_place",
        _title("norm_place"),
        (
            ("before", _("before"), _("before the activation (Ioffe 2015)")),
            ("after", _("after"), _("after the activation")),
            ("addition", _("sum"), _("after the sum (He 2016, 4b)")),
            ("convolution", _("conv"), _("pre-activation, after each (2016, 4d)")),
        ),
    ),
    Choice(
        "activation_place",
        _title("activation_place"),
        (
            ("after", _("after sum"), _("after the sum (3.2)")),
            ("before", _("before sum"), _("before the sum (He 2016, 4c)")),
        ),
    ),
    Choice(
        "activation",
        _title("activation"),
        (
            ("relu", "ReLU", _("max(0, x), as in the paper")),
            ("prelu", "PReLU", _("learned slopes (He 2015)")),
            ("leaky_relu", _("leaky"), _("slope 0.01 below 0 (Maas 2013)")),
            ("sigmoid", "sigmoid", _("slope at most 0.25")),
            ("tanh", "tanh", _("slope at most 1")),
        ),
    ),
    Choice(
        "shrink",
        _title("shrink"),
        (
            ("stride", _("stride"), _("stride 2 in the first block (3.3)")),
            ("pool", _("pool"), _("2×2 max pool after each stage (VGG)")),
            ("none", _("table"), _("only pools that are written in stages")),
        ),
    ),
    Choice(
        "bias",
        _title("bias"),
        (
            ("no", _("no"), _("no biases in convolutions (ResNet)")),
            ("yes", _("yes"), _("one bias per filter (VGG)")),
        ),
    ),
)
TEXTS = (
    TextOption("input", _title("input"), _("channels × height × width of an image"), 100),
    TextOption("classes", _title("classes"), _("number of outputs"), 100),
    TextOption(
        "stem", _title("stem"), _("layers before the first stage: 7×7, 64, /2; 3×3 max pool, /2 (table 1)"), 190
    ),
    TextOption(
        "head", _title("head"), _("layers before the last fc: average pool, or fc 4096; dropout 0.5 (VGG)"), 190
    ),
    TextOption(
        "columns",
        _title("columns"),
        _("columns of a fractal; the longest has 2^(C−1) convolutions (2017, section 2)"),
        100,
    ),
    TextOption(
        "drop_path", _title("drop_path"), _("probability of leaving out a column of a fractal (2017, section 3)"), 100
    ),
    TextOption("norm_eps", _title("norm_eps"), _("number added to the variance in a normalization"), 100),
    TextOption(
        "gate_bias",
        _title("gate_bias"),
        _("initial bias of a highway's gates; negative ones carry (Srivastava 2015, 2.2)"),
        100,
    ),
    TextOption("name", _title("name"), _("name in tables, runs and files"), 190),
)


def choice_options() -> tuple[Choice, ...]:
    """Return the options with a few values: first the registered blocks."""
    blocks = tuple((block.name, block.title, block.explanation) for block in BLOCKS.values())
    return (Choice("unit", _title("unit"), blocks), *_CHOICES)


def net_options() -> tuple[Choice | TextOption, ...]:
    """Return every option in the order in which they are shown: first what every user of a net must say of it."""
    return (*TEXTS[:2], *choice_options(), *TEXTS[2:])


def explained(option: Choice | TextOption, value: str) -> str:
    """Return what a value does, with its source."""
    if isinstance(option, TextOption):
        return option.explanation
    return next((why for key, _, why in option.values if key == value), "")


def displayed_value(spec: NetSpec, field: str) -> str:
    """Return an option's value as it is chosen or typed."""
    if field == "name":
        return spec.label
    value = getattr(spec, field)
    if field == "bias":
        return "yes" if value else "no"
    if field in ("gate_bias", "drop_path", "norm_eps"):
        return f"{value:g}"
    return format_shape(value) if field == "input" else pretty(str(value)) if field in ("stem", "head") else str(value)


def disabled_reason(spec: NetSpec, field: str) -> str:
    """Return why an option makes no difference to a net, or ""."""
    if field == "shortcut" and not spec.has_shortcuts:
        return _("A {unit} net has no shortcuts.").format(unit=spec.unit)
    if field == "stride_in" and not (has_bottleneck(spec) and spec.shrink == "stride"):
        return _("This option needs bottleneck blocks.")
    if field == "norm_place" and spec.norm == "none":
        return _("The net has no normalization.")
    if field == "norm_eps" and spec.norm == "none":
        return _("The net has no normalization.")
    if field == "activation_place" and field not in BLOCKS[spec.unit].options:
        return _("This option needs residual blocks.")
    if field in ("columns", "drop_path") and field not in BLOCKS[spec.unit].options:
        return _("This option needs fractal blocks.")
    if field == "gate_bias" and field not in BLOCKS[spec.unit].options:
        return _("This option needs highway blocks.")
    return ""
