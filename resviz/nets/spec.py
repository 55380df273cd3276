"""NetSpec: a column of the depth table with its options, what a person edits; and its TOML file."""

from __future__ import annotations

import difflib
import re
import tomllib
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, get_args

import tomli_w
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, PlainValidator, ValidationError
from pydantic_core import PydanticCustomError

from resviz.base.clean_text import CleanLine
from resviz.base.errors import NetError, first_problem
from resviz.base.translation import _
from resviz.nets.block_types import BLOCKS
from resviz.nets.head_notation import Head
from resviz.nets.notation import Stage, Stem, parse_shape
from resviz.nets.op import format_shape

if TYPE_CHECKING:
    from collections.abc import Callable

Shortcut = Literal["A", "B", "C", "D"]
StrideIn = Literal["first", "3x3"]
Norm = Literal["batch", "none"]
NormPlace = Literal["before", "after", "addition", "convolution"]
ActivationPlace = Literal["after", "before"]
Activation = Literal["relu", "prelu", "leaky_relu", "sigmoid", "tanh"]
Shrink = Literal["stride", "pool", "none"]

MAX_FILE = 1_000_000
_MAX_PARTS = 50
_DEEP_KEY = re.compile(rf"(?:[^.\n=]*\.){{{_MAX_PARTS}}}")
"""A dotted key of so many parts: no field of a spec has more than three."""
_T = TypeVar("_T")


def _from_text(kind: type[_T] | None, parse: Callable[[str], _T]) -> PlainValidator:
    """Return a field that is written as text and held as what the text says."""

    def read(value: Any) -> _T:
        if kind is not None and isinstance(value, kind):
            return value
        if not isinstance(value, str):
            raise NetError(_("expected text, not {kind}").format(kind=type(value).__name__))
        return parse(value)

    return PlainValidator(read)


def _input_shape(value: Any) -> tuple[int, int, int]:
    if not isinstance(value, str | list | tuple):
        raise NetError(
            _("{value} is not an input shape. Write channels x height x width, like 3x224x224.").format(
                value=repr(value)
            )
        )
    shape = parse_shape(value if isinstance(value, str) else "x".join(map(str, value)))
    if not (1 <= shape[0] <= 4096 and all(1 <= side <= 8192 for side in shape[1:])):
        raise NetError(
            _("{shape} is out of range. Use 1 to 4096 channels and sides of 1 to 8192.").format(
                shape=format_shape(shape)
            )
        )
    return shape


def _registered_block(name: str) -> str:
    if name not in BLOCKS:
        raise PydanticCustomError("literal_error", "unknown block", {"known": list(BLOCKS)})
    return name


class NetSpec(BaseModel):
    """A network as a column of the depth table: what `resviz.nets.build.build` makes a Graph of.

    The defaults are those of "Deep Residual Learning" for its 18- and 34-layer nets.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: CleanLine = Field("net", title=_("name"), min_length=1, max_length=80)
    title: CleanLine = Field("", max_length=80)
    """How the paper writes the name, "ResNet-34"; the name where there is none."""
    input: Annotated[
        tuple[int, int, int], PlainValidator(_input_shape), PlainSerializer(format_shape, return_type=str)
    ] = Field((3, 224, 224), title=_("input"))
    """Channels, height, width."""
    classes: int = Field(1000, title=_("classes"), ge=1, le=1_000_000)
    stem: Annotated[Stem, _from_text(Stem, Stem.parse), PlainSerializer(str, return_type=str)] = Field(
        Stem(), title=_("stem")
    )
    stages: Annotated[
        tuple[Annotated[Stage, _from_text(Stage, Stage.parse), PlainSerializer(str, return_type=str)], ...],
        Field(max_length=16, title=_("stages")),
    ]
    """None at all leaves the head alone: a multilayer perceptron."""
    shrink: Shrink = Field("stride", title=_("shrink by"))
    """How a stage halves the map: stride 2 in its first block (not in the first stage), a max pool behind it, or only
    by the pools that stand in it."""
    unit: Annotated[str, AfterValidator(_registered_block)] = Field("residual", title=_("unit"))
    """The kind of its blocks: a name in `block_types.BLOCKS`."""
    shortcut: Shortcut = Field("A", title=_("shortcut"))
    """Section 3.3: A pads with zeros where dimensions grow, B projects there, C projects everywhere. D projects as B,
    behind an average pool that does the striding (He, T. et al. 2019, arXiv 1812.01187, figure 2c)."""
    stride_in: StrideIn = Field("first", title=_("stride in"))
    """Where a bottleneck strides: in its first 1x1 (the paper) or in its 3x3 (torchvision)."""
    norm: Norm = Field("batch", title=_("normalization"))
    norm_place: NormPlace = Field("before", title=_("place of norm"))
    """Before the nonlinearity (Ioffe and Szegedy 2015; section 3.4), after it, or, in a residual unit, after the
    addition (arXiv 1603.05027, figure 4b). A pre-activation unit has it before its activation (figure 4e) or, with
    "convolution", behind each convolution (figure 4d, "ReLU-only pre-activation")."""
    norm_eps: float = Field(1e-5, title=_("epsilon"), gt=0, le=1)
    """What is added to the variance before its root is taken."""
    activation: Activation = Field("relu", title=_("activation"))
    activation_place: ActivationPlace = Field("after", title=_("last activation"))
    """Of a residual unit's last activation: after the addition (section 3.2), or before it (arXiv 1603.05027, 4c)."""
    gate_bias: float = Field(-2.0, title=_("gate bias"), ge=-100, le=100)
    """Of a highway unit's transform gates at first: negative carries (arXiv 1505.00387, section 2.2, -1 to -4)."""
    columns: int = Field(3, title=_("columns"), ge=1, le=8)
    """Of a fractal unit: f_C, whose longest column has 2^(C-1) convolutions (arXiv 1605.07648, section 2)."""
    drop_path: float = Field(0.15, title=_("drop-path"), ge=0, lt=1)
    """Probability of a fractal's join to leave out each of its columns in training (arXiv 1605.07648, section 3)."""
    bias: bool = Field(False, title=_("biases"))
    """Biases in the convolutions. ResNets have none, with or without normalisation; VGG nets have them."""
    head: Annotated[Head, _from_text(Head, Head.parse), PlainSerializer(str, return_type=str)] = Field(
        Head(), title=_("head")
    )

    @property
    def label(self) -> str:
        """How people are shown it."""
        return self.title or self.name

    @property
    def has_shortcuts(self) -> bool:
        """Whether the options of section 3.3 make a difference: its blocks are F(x) plus a shortcut."""
        return "shortcut" in BLOCKS[self.unit].options

    def with_options(self, **changes: Any) -> NetSpec:
        """Return a copy with other values, validated. Raise NetError if that is not possible."""
        return validate({**self.model_dump(), **changes})

    @property
    def is_branching(self) -> bool:
        """Whether a block of it is an Inception module."""
        return any(not block.is_straight for stage in self.stages for block in stage.blocks)

    def stage_name(self, index: int) -> str:
        """Return the name of a stage, as the depth table writes it.

        conv2_x is the first stage after conv1. inception3 is GoogLeNet's first stage after its three convolutions.
        """
        blocks = self.stages[index].blocks if index < len(self.stages) else ()
        if any(not block.is_straight for block in blocks):
            return f"inception{index + 3}"
        return f"conv{index + 2}_x" if self.stem.parts else f"conv{index + 1}_x"

    def to_toml(self) -> str:
        """Return the spec as a TOML text, which `from_toml` reads back as an equal spec.

        Default values are left out. The name is always written, because a net without a name takes its file's.
        """
        return tomli_w.dumps({"name": self.name, **self.model_dump(exclude_defaults=True)})


def validate(values: dict[str, Any], where: str = "") -> NetSpec:
    """Return a NetSpec of plain values. Raises NetError: what, where (prefixed by `where`) and what would do."""
    try:
        return NetSpec.model_validate(values)
    except ValidationError as error:
        raise NetError(_one_line(error, where)) from None


def from_toml(text: str, where: str = "spec") -> NetSpec:
    """Read a spec file's text; `where` names the file in errors. Raise NetError if that is not possible."""
    if len(text) > MAX_FILE:
        raise NetError(
            _("{where}: the text has {count} characters. A net's spec has at most {most}.").format(
                where=where, count=len(text), most=MAX_FILE
            )
        )
    if _DEEP_KEY.search(text):  # tomllib takes the square of their number in memory
        raise NetError(_("{where}: a key has more than {most} parts.").format(where=where, most=_MAX_PARTS))
    try:
        values = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also a number of more digits than Python reads
        raise NetError(_("{where}: the text is not TOML: {error}").format(where=where, error=error)) from None
    return validate(values, where)


def _one_line(error: ValidationError, where: str) -> str:
    problem = first_problem(error)
    # Its second stage is what a person calls entry 2 of stages.
    path = ", entry ".join(str(part + 1) if isinstance(part, int) else part for part in problem.path)
    place = f"{where}: " if where else ""
    if problem.kind == "extra_forbidden":
        known = list(NetSpec.model_fields)
        near = difflib.get_close_matches(path, known, 1)
        if near:
            return _("{place}the key {key} is not known. Did you mean {nearest}?").format(
                place=place, key=repr(path), nearest=repr(near[0])
            )
        return _("{place}the key {key} is not known. Known keys: {known}").format(
            place=place, key=repr(path), known=", ".join(known)
        )
    if problem.kind == "missing":
        return _('{place}{field} is missing. Add it, for example: stages = ["[3x3,64; 3x3,64] x3"]').format(
            place=place, field=path
        )
    if problem.kind == "literal_error":
        choices = problem.choices or get_args(NetSpec.model_fields[path].annotation)
        return _("{place}{field} = {given} is not known. Use one of {choices}.").format(
            place=place, field=path, given=problem.given_text, choices=", ".join(choices)
        )
    return place + problem.sentence(path)
