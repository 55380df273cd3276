"""Building blocks: functions that add a block's layers to a GraphBuilder and return its output.

"Deep Residual Learning", figures 2 and 5; "Identity Mappings", figure 4; "Highway Networks". Blocks of several branches
are in `branching.py`. A block is its cells; whether it is "basic" (two 3x3) or a "bottleneck" (1x1, 3x3, 1x1) is in
them, so one function draws both. Layer names are torchvision's.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from resviz.nets.graph import GraphBuilder
from resviz.nets.notation import Block, Cell
from resviz.nets.op import Op
from resviz.nets.ops import (
    Add,
    AvgPool2d,
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
    return builder.add(names("bn"), BatchNorm2d(builder.shape(source)[0], spec.norm_eps), source)


def nonlinearity(builder: GraphBuilder, source: str, spec: NetSpec, names: Names) -> str:
    """The activation of a convolution's output, with its normalisation before or after it."""
    if spec.norm_place != "after":
        source = normalisation(builder, source, spec, names)
    out = activation(builder, source, names("act"), spec)
    return normalisation(builder, out, spec, names) if spec.norm_place == "after" else out


def plain(builder: GraphBuilder, source: str, name: str, block: Block, stride: int, spec: NetSpec) -> str:
    """The residual block of the same cells without its shortcut (section 3.3, "Plain Network")."""
    with builder.block(name):
        out = _convolutions(builder, source, name, block, stride, spec)
        return nonlinearity(builder, out, spec, part_names(name, len(block.cells), spec))


def residual(builder: GraphBuilder, source: str, name: str, block: Block, stride: int, spec: NetSpec) -> str:
    """y = F(x) + x, then the activation (eq. 1 and 2, figure 2); the last normalisation at the spec's place, and the
    last activation before the sum where the spec wants it there ("Identity Mappings", figure 4a to 4c)."""
    last, filters = part_names(name, len(block.cells), spec), block.cells[-1].filters
    with builder.block(name):
        out = _convolutions(builder, source, name, block, stride, spec)
        if spec.activation_place == "before":
            out = nonlinearity(builder, out, spec, last)
            return _add_shortcut(builder, out, source, name, filters, stride, spec)
        behind_sum = spec.norm_place in ("after", "addition")
        if not behind_sum:
            out = normalisation(builder, out, spec, last)
        out = _add_shortcut(builder, out, source, name, filters, stride, spec)
        return nonlinearity(builder, out, spec, last) if behind_sum else activation(builder, out, last("act"), spec)


def preactivation(builder: GraphBuilder, source: str, name: str, block: Block, stride: int, spec: NetSpec) -> str:
    """x + F(x), F with its normalisation and activation before each convolution (arXiv 1603.05027, figure 4e), or with
    its activation alone there and its normalisation behind (figure 4d).

    The net's first unit takes the stem's activation for its own, and one that projects shares its own with the
    projection (appendix, "Implementation Details").
    """
    strided, out, shared = strided_cell(block, spec), source, source
    relu_only = spec.norm_place == "convolution"
    with builder.block(name):
        for index, cell in enumerate(block.cells):
            names = part_names(name, index + 1, spec)
            if index or not builder.is_first_block:
                before = out if relu_only else normalisation(builder, out, spec, names)
                out = activation(builder, before, names("act"), spec)
            if index == 0 and _projects(builder, source, block.cells[-1].filters, stride, spec):
                shared = out
            out = convolution(builder, out, cell, stride if index == strided else 1, spec, names("conv"))
            out = normalisation(builder, out, spec, names) if relu_only else out
        return _add_shortcut(builder, out, shared, name, block.cells[-1].filters, stride, spec)


def highway(builder: GraphBuilder, source: str, name: str, block: Block, stride: int, spec: NetSpec) -> str:
    """Each cell y = H T + x (1 - T), H and the gate T of one convolution each; plain where dimensions change
    ("Highway Networks", section 2.1)."""
    strided, out = strided_cell(block, spec), source
    with builder.block(name):
        for index, cell in enumerate(block.cells):
            names = part_names(name, index + 1, spec)
            x, step = out, stride if index == strided else 1
            out = nonlinearity(builder, convolution(builder, x, cell, step, spec, names("conv")), spec, names)
            if builder.shape(out) != builder.shape(x):
                continue
            channels, kernel = cell.filters, cell.kernel
            op = Conv2d(channels, channels, kernel, 1, kernel // 2, bias=True, first_bias=spec.gate_bias)
            out = gated(builder, out, x, op, names)
        return out


def gated(builder: GraphBuilder, new: str, x: str, op: Op, names: Names) -> str:
    """H T + x (1 - T): `new` is H, and `op` of x makes the gate T ("Highway Networks", eq. 3)."""
    with builder.shortcut():
        gate = builder.add(names("gate"), op, x)
        gate = builder.add(names("sigmoid"), Sigmoid(), gate)
    return builder.add(names("sum"), HighwaySum(), new, x, gate)


def part_names(block: str, number: int, spec: NetSpec) -> Names:
    """The names of a block's n-th convolution and of what belongs to it."""
    names = {part: f"{block}.{part}{number}" for part in ("conv", "bn", "gate", "sum")}
    names |= {"act": f"{block}.{spec.activation}{number}", "sigmoid": f"{block}.gate{number}_sigmoid"}
    return names.__getitem__


def _convolutions(builder: GraphBuilder, source: str, name: str, block: Block, stride: int, spec: NetSpec) -> str:
    """The cells one after the other, a nonlinearity between them; behind the last nothing yet."""
    strided = strided_cell(block, spec)
    out = source
    for index, cell in enumerate(block.cells):
        if index:
            out = nonlinearity(builder, out, spec, part_names(name, index, spec))
        names = part_names(name, index + 1, spec)
        out = convolution(builder, out, cell, stride if index == strided else 1, spec, names("conv"))
    return out


def strided_cell(block: Block, spec: NetSpec) -> int:
    """The place of the cell that carries the block's stride."""
    if spec.stride_in == "first":
        return 0
    return next((index for index, cell in enumerate(block.cells) if cell.kernel > 1), 0)


def has_bottleneck(spec: NetSpec) -> bool:
    """Whether `stride_in` makes a difference: a block of the net begins with a 1x1 before a larger kernel."""
    return any(
        block.is_straight and block.cells[0].kernel == 1 and any(cell.kernel > 1 for cell in block.cells)
        for stage in spec.stages
        for block in stage.blocks
    )


def _projects(builder: GraphBuilder, source: str, filters: int, stride: int, spec: NetSpec) -> bool:
    """Section 3.3: B projects where dimensions change, and D, C everywhere."""
    changes = stride > 1 or builder.shape(source)[0] != filters
    return spec.shortcut == "C" or (spec.shortcut in ("B", "D") and changes)


def _add_shortcut(
    builder: GraphBuilder, out: str, source: str, name: str, filters: int, stride: int, spec: NetSpec
) -> str:
    """F(x) plus the shortcut of section 3.3, by option A, B, C or D."""
    with builder.shortcut():
        identity = _shortcut(builder, source, name, filters, stride, spec)
    return builder.add(f"{name}.add", Add(), out, identity)


def _shortcut(builder: GraphBuilder, source: str, name: str, filters: int, stride: int, spec: NetSpec) -> str:
    if _projects(builder, source, filters, stride, spec):
        number = count()
        if spec.shortcut == "D" and stride > 1:
            pool = AvgPool2d(stride, stride, ceil=True)  # up, as a convolution with that stride rounds
            source, stride = builder.add(f"{name}.downsample.{next(number)}", pool, source), 1
        out = convolution(builder, source, Cell(1, filters), stride, spec, f"{name}.downsample.{next(number)}")
        # Pre-activation units sum what no normalisation has touched; there the projection has none either.
        plain_sum = spec.unit == "preactivation" and spec.norm_place != "convolution"
        return out if plain_sum else normalisation(builder, out, spec, lambda part: f"{name}.downsample.{next(number)}")
    channels = builder.shape(source)[0]
    if stride == 1 and channels == filters:
        return source
    return builder.add(f"{name}.shortcut", PadShortcut(channels, filters, stride), source)
