"""The layers that every block is made of: convolution, normalization and nonlinearity, and their names.

Layer names are torchvision's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from resviz.nets.ops import BatchNorm1d, BatchNorm2d, Conv2d, LeakyReLU, PReLU, ReLU, Sigmoid, Tanh

if TYPE_CHECKING:
    from resviz.nets.graph import GraphBuilder
    from resviz.nets.notation import Block, Cell
    from resviz.nets.op import Op
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
    """Add the spec's activation and return its name."""
    return builder.add(name, ACTIVATIONS[spec.activation](builder.shape(source)[0]), source)


def convolution(builder: GraphBuilder, source: str, cell: Cell, stride: int, spec: NetSpec, name: str) -> str:
    """Return a convolution that keeps the map's size but for its stride, unless the cell has a padding of its own."""
    channels = builder.shape(source)[0]
    padding = cell.kernel // 2 if cell.padding is None else cell.padding
    op = Conv2d(channels, cell.filters, cell.kernel, stride, padding, cell.groups, spec.bias)
    return builder.add(name, op, source)


def normalization(builder: GraphBuilder, source: str, spec: NetSpec, names: Names) -> str:
    """Add the spec's normalization, if it has one, and return the name of the last layer."""
    if spec.norm == "none":
        return source
    shape = builder.shape(source)
    kind = BatchNorm1d if len(shape) == 1 else BatchNorm2d
    return builder.add(names("bn"), kind(shape[0], spec.norm_eps), source)


def nonlinearity(builder: GraphBuilder, source: str, spec: NetSpec, names: Names) -> str:
    """Return the activation of a convolution's output, with its normalisation before or after it."""
    if spec.norm_place != "after":
        source = normalization(builder, source, spec, names)
    out = activation(builder, source, names("act"), spec)
    return normalization(builder, out, spec, names) if spec.norm_place == "after" else out


def part_names(block: str, number: int, spec: NetSpec) -> Names:
    """Return the names of a block's n-th convolution and of what belongs to it."""
    names = {part: f"{block}.{part}{number}" for part in ("conv", "bn", "gate", "sum")}
    names |= {"act": f"{block}.{spec.activation}{number}", "sigmoid": f"{block}.gate{number}_sigmoid"}
    return names.__getitem__


def convolutions(builder: GraphBuilder, source: str, name: str, block: Block, stride: int, spec: NetSpec) -> str:
    """Add the cells in order, with a nonlinearity between them, and return the last layer's name."""
    strided = strided_cell(block, spec)
    out = source
    for index, cell in enumerate(block.cells):
        if index:
            out = nonlinearity(builder, out, spec, part_names(name, index, spec))
        names = part_names(name, index + 1, spec)
        out = convolution(builder, out, cell, stride if index == strided else 1, spec, names("conv"))
    return out


def strided_cell(block: Block, spec: NetSpec) -> int:
    """Return the place of the cell that carries the block's stride."""
    if spec.stride_in == "first":
        return 0
    return next((index for index, cell in enumerate(block.cells) if cell.kernel > 1), 0)


def has_bottleneck(spec: NetSpec) -> bool:
    """Return whether `stride_in` makes a difference: a block of the net begins with a 1x1 before a larger kernel."""
    return any(
        block.is_straight and block.cells[0].kernel == 1 and any(cell.kernel > 1 for cell in block.cells)
        for stage in spec.stages
        for block in stage.blocks
    )
