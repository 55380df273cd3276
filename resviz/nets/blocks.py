"""Building blocks: functions that add a block's layers to a GraphBuilder and return its output.

"Deep Residual Learning", figures 2 and 5. A block is the cells of its stage; whether it is "basic" (two 3x3) or a
"bottleneck" (1x1, 3x3, 1x1) is in the cells, so one function draws both. Layer names are torchvision's.
"""

from __future__ import annotations

from collections.abc import Callable

from resviz.nets.graph import GraphBuilder
from resviz.nets.notation import Cell, Stage
from resviz.nets.ops import (
    Add,
    BatchNorm2d,
    Conv2d,
    LeakyReLU,
    Op,
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
"""From a part ("conv", "bn" or the activation's name) to the full name of the next layer of that part."""


def activation(builder: GraphBuilder, source: str, name: str, spec: NetSpec) -> str:
    return builder.add(name, ACTIVATIONS[spec.activation](builder.shape(source)[0]), source)


def conv_norm(builder: GraphBuilder, source: str, cell: Cell, stride: int, spec: NetSpec, names: Names) -> str:
    """A convolution that keeps the map's size but for its stride, and its normalisation: a "response"."""
    channels = builder.shape(source)[0]
    conv = Conv2d(channels, cell.filters, cell.kernel, stride, cell.kernel // 2, bias=spec.bias)
    out = builder.add(names("conv"), conv, source)
    return builder.add(names("bn"), BatchNorm2d(cell.filters), out) if spec.norm == "batch" else out


def plain(builder: GraphBuilder, source: str, name: str, stage: Stage, stride: int, spec: NetSpec) -> str:
    """The residual block of the same cells without its shortcut (section 3.3, "Plain Network")."""
    with builder.block(name):
        out = _residual_function(builder, source, name, stage, stride, spec)
        return activation(builder, out, f"{name}.{spec.activation}{len(stage.cells)}", spec)


def residual(builder: GraphBuilder, source: str, name: str, stage: Stage, stride: int, spec: NetSpec) -> str:
    """y = F(x) + x, then the activation (eq. 1 and 2, figure 2)."""
    with builder.block(name):
        out = _residual_function(builder, source, name, stage, stride, spec)
        with builder.shortcut():
            identity = _shortcut(builder, source, name, stage.cells[-1].filters, stride, spec)
        out = builder.add(f"{name}.add", Add(), out, identity)
        return activation(builder, out, f"{name}.{spec.activation}{len(stage.cells)}", spec)


UNITS = {"plain": plain, "residual": residual}


def _residual_function(builder: GraphBuilder, source: str, name: str, stage: Stage, stride: int, spec: NetSpec) -> str:
    """F(x): the cells one after the other, an activation between them and none behind the last."""
    strided = strided_cell(stage, spec)
    out = source
    for index, cell in enumerate(stage.cells):
        if index:
            out = activation(builder, out, f"{name}.{spec.activation}{index}", spec)
        parts = {"conv": f"{name}.conv{index + 1}", "bn": f"{name}.bn{index + 1}"}
        out = conv_norm(builder, out, cell, stride if index == strided else 1, spec, parts.__getitem__)
    return out


def strided_cell(stage: Stage, spec: NetSpec) -> int:
    """The place of the cell that carries the block's stride."""
    if spec.stride_in == "first":
        return 0
    return next((index for index, cell in enumerate(stage.cells) if cell.kernel > 1), 0)


def has_bottleneck(spec: NetSpec) -> bool:
    """Whether `stride_in` makes a difference: a block of the net begins with a 1x1 before a larger kernel."""
    return any(stage.cells[0].kernel == 1 and any(cell.kernel > 1 for cell in stage.cells) for stage in spec.stages)


def _shortcut(builder: GraphBuilder, source: str, name: str, filters: int, stride: int, spec: NetSpec) -> str:
    """Section 3.3, options A, B and C."""
    channels = builder.shape(source)[0]
    same = stride == 1 and channels == filters
    if spec.shortcut == "C" or (spec.shortcut == "B" and not same):
        parts = {"conv": f"{name}.downsample.0", "bn": f"{name}.downsample.1"}
        return conv_norm(builder, source, Cell(1, filters), stride, spec, parts.__getitem__)
    if same:
        return source
    return builder.add(f"{name}.shortcut", PadShortcut(channels, filters, stride), source)
