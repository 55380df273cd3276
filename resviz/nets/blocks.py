"""Building blocks: functions that add a block's layers to a GraphBuilder and return its output.

"Deep Residual Learning", figures 2 and 5; "Identity Mappings", figure 4; "Highway Networks". A block is the cells of
its stage; whether it is "basic" (two 3x3) or a "bottleneck" (1x1, 3x3, 1x1) is in the cells, so one function draws
both. Layer names are torchvision's.
"""

from __future__ import annotations

from collections.abc import Callable

from resviz.nets.graph import GraphBuilder
from resviz.nets.notation import Cell, Stage
from resviz.nets.op import Op
from resviz.nets.ops import (
    Add,
    BatchNorm2d,
    Conv2d,
    HighwaySum,
    LeakyReLU,
    PadShortcut,
    PReLU,
    ReLU,
    Sigmoid,
    Tanh,
)
from resviz.nets.spec import NetSpec

ACTIVATIONS: dict[str, Callable[[int], Op]] = {
    "relu": lambda channels: ReLU(),
    "prelu": lambda channels: PReLU(channels),
    "leaky_relu": lambda channels: LeakyReLU(),
    "sigmoid": lambda channels: Sigmoid(),
    "tanh": lambda channels: Tanh(),
}

Names = Callable[[str], str]
"""From a part ("conv", "bn" or "act") to the full name of the next layer of that part."""


def activation(builder: GraphBuilder, source: str, name: str, spec: NetSpec) -> str:
    return builder.add(name, ACTIVATIONS[spec.activation](builder.shape(source)[0]), source)


def convolution(builder: GraphBuilder, source: str, cell: Cell, stride: int, spec: NetSpec, name: str) -> str:
    """A convolution that keeps the map's size but for its stride, unless the cell has a padding of its own."""
    channels = builder.shape(source)[0]
    padding = cell.kernel // 2 if cell.padding is None else cell.padding
    op = Conv2d(channels, cell.filters, cell.kernel, stride, padding, cell.groups, spec.bias)
    return builder.add(name, op, source)


def normalisation(builder: GraphBuilder, source: str, spec: NetSpec, names: Names) -> str:
    if spec.norm == "none":
        return source
    return builder.add(names("bn"), BatchNorm2d(builder.shape(source)[0]), source)


def nonlinearity(builder: GraphBuilder, source: str, spec: NetSpec, names: Names) -> str:
    """The activation of a convolution's output, with its normalisation before or after it."""
    if spec.norm_place != "after":
        source = normalisation(builder, source, spec, names)
    out = activation(builder, source, names("act"), spec)
    return normalisation(builder, out, spec, names) if spec.norm_place == "after" else out


def plain(builder: GraphBuilder, source: str, name: str, stage: Stage, stride: int, spec: NetSpec) -> str:
    """The residual block of the same cells without its shortcut (section 3.3, "Plain Network")."""
    with builder.block(name):
        out = _convolutions(builder, source, name, stage, stride, spec)
        return nonlinearity(builder, out, spec, _parts(name, len(stage.cells), spec))


def residual(builder: GraphBuilder, source: str, name: str, stage: Stage, stride: int, spec: NetSpec) -> str:
    """y = F(x) + x, then the activation (eq. 1 and 2, figure 2); the last normalisation at the spec's place."""
    last = _parts(name, len(stage.cells), spec)
    with builder.block(name):
        out = _convolutions(builder, source, name, stage, stride, spec)
        if spec.norm_place == "before":
            out = normalisation(builder, out, spec, last)
        out = _add_shortcut(builder, out, source, name, stage.cells[-1].filters, stride, spec)
        if spec.norm_place == "before":
            return activation(builder, out, last("act"), spec)
        return nonlinearity(builder, out, spec, last)


def preactivation(builder: GraphBuilder, source: str, name: str, stage: Stage, stride: int, spec: NetSpec) -> str:
    """x + F(x), F with its normalisation and activation before each convolution (arXiv 1603.05027, figure 4e).

    The net's first unit takes the stem's activation for its own, and one that projects shares its own with the
    projection (appendix, "Implementation Details").
    """
    strided, out, shared = strided_cell(stage, spec), source, source
    with builder.block(name):
        for index, cell in enumerate(stage.cells):
            names = _parts(name, index + 1, spec)
            if index or not builder.is_first_block:
                out = activation(builder, normalisation(builder, out, spec, names), names("act"), spec)
            if index == 0 and _projects(builder, source, stage.cells[-1].filters, stride, spec):
                shared = out
            out = convolution(builder, out, cell, stride if index == strided else 1, spec, names("conv"))
        return _add_shortcut(builder, out, shared, name, stage.cells[-1].filters, stride, spec)


def highway(builder: GraphBuilder, source: str, name: str, stage: Stage, stride: int, spec: NetSpec) -> str:
    """Each cell y = H T + x (1 - T), H and the gate T of one convolution each; plain where dimensions change
    ("Highway Networks", section 2.1)."""
    strided, out = strided_cell(stage, spec), source
    with builder.block(name):
        for index, cell in enumerate(stage.cells):
            names = _parts(name, index + 1, spec)
            x, step = out, stride if index == strided else 1
            out = nonlinearity(builder, convolution(builder, x, cell, step, spec, names("conv")), spec, names)
            if builder.shape(out) != builder.shape(x):
                continue
            with builder.shortcut():
                channels, kernel = cell.filters, cell.kernel
                op = Conv2d(channels, channels, kernel, 1, kernel // 2, bias=True, first_bias=spec.gate_bias)
                gate = builder.add(names("gate"), op, x)
                gate = builder.add(names("sigmoid"), Sigmoid(), gate)
            out = builder.add(names("sum"), HighwaySum(), out, x, gate)
        return out


UNITS = {"plain": plain, "residual": residual, "preactivation": preactivation, "highway": highway}


def _parts(block: str, number: int, spec: NetSpec) -> Names:
    """The names of a block's n-th convolution and of what belongs to it."""
    names = {part: f"{block}.{part}{number}" for part in ("conv", "bn", "gate", "sum")}
    names |= {"act": f"{block}.{spec.activation}{number}", "sigmoid": f"{block}.gate{number}_sigmoid"}
    return names.__getitem__


def _convolutions(builder: GraphBuilder, source: str, name: str, stage: Stage, stride: int, spec: NetSpec) -> str:
    """The cells one after the other, a nonlinearity between them; behind the last nothing yet."""
    strided = strided_cell(stage, spec)
    out = source
    for index, cell in enumerate(stage.cells):
        if index:
            out = nonlinearity(builder, out, spec, _parts(name, index, spec))
        names = _parts(name, index + 1, spec)
        out = convolution(builder, out, cell, stride if index == strided else 1, spec, names("conv"))
    return out


def strided_cell(stage: Stage, spec: NetSpec) -> int:
    """The place of the cell that carries the block's stride."""
    if spec.stride_in == "first":
        return 0
    return next((index for index, cell in enumerate(stage.cells) if cell.kernel > 1), 0)


def has_bottleneck(spec: NetSpec) -> bool:
    """Whether `stride_in` makes a difference: a block of the net begins with a 1x1 before a larger kernel."""
    return any(stage.cells[0].kernel == 1 and any(cell.kernel > 1 for cell in stage.cells) for stage in spec.stages)


def _projects(builder: GraphBuilder, source: str, filters: int, stride: int, spec: NetSpec) -> bool:
    """Section 3.3: B projects where dimensions change, C everywhere."""
    changes = stride > 1 or builder.shape(source)[0] != filters
    return spec.shortcut == "C" or (spec.shortcut == "B" and changes)


def _add_shortcut(
    builder: GraphBuilder, out: str, source: str, name: str, filters: int, stride: int, spec: NetSpec
) -> str:
    """F(x) plus the shortcut of section 3.3, by option A, B or C."""
    with builder.shortcut():
        identity = _shortcut(builder, source, name, filters, stride, spec)
    return builder.add(f"{name}.add", Add(), out, identity)


def _shortcut(builder: GraphBuilder, source: str, name: str, filters: int, stride: int, spec: NetSpec) -> str:
    if _projects(builder, source, filters, stride, spec):
        out = convolution(builder, source, Cell(1, filters), stride, spec, f"{name}.downsample.0")
        # Pre-activation units sum what no normalisation has touched; there the projection has none either.
        plain_sum = spec.unit == "preactivation"
        return out if plain_sum else normalisation(builder, out, spec, lambda part: f"{name}.downsample.1")
    channels = builder.shape(source)[0]
    if stride == 1 and channels == filters:
        return source
    return builder.add(f"{name}.shortcut", PadShortcut(channels, filters, stride), source)
