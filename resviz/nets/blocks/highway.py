"""The highway block of "Highway Networks" (arXiv 1505.00387): y = H T + x (1 - T)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resviz.nets.block_types import register_block
from resviz.nets.blocks.layers import Names, convolution, nonlinearity, part_names, strided_cell
from resviz.nets.ops import Conv2d, HighwaySum, Sigmoid

if TYPE_CHECKING:
    from resviz.nets.graph import GraphBuilder
    from resviz.nets.notation import Block
    from resviz.nets.op import Op
    from resviz.nets.spec import NetSpec


@register_block(
    "highway",
    title="highway",
    explanation="y = H·T + x·(1−T) (2015, eq. 3)",
    class_name="HighwayBlock",
    options=("gate_bias",),
)
def highway(builder: GraphBuilder, source: str, name: str, block: Block, stride: int, spec: NetSpec) -> str:
    """Add y = H T + x (1 - T) for each cell, with one convolution each for H and for the gate T (section 2.1).

    A cell that changes dimensions is plain.
    """
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
    """Add H T + x (1 - T), where `new` is H and `op` of x makes the gate T ("Highway Networks", eq. 3)."""
    with builder.shortcut():
        gate = builder.add(names("gate"), op, x)
        gate = builder.add(names("sigmoid"), Sigmoid(), gate)
    return builder.add(names("sum"), HighwaySum(), new, x, gate)
