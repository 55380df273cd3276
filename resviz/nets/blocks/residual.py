"""The residual block of "Deep Residual Learning", figures 2 and 5, and the orders of "Identity Mappings", figure 4."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resviz.nets.block_types import register_block
from resviz.nets.blocks.layers import activation, convolutions, nonlinearity, normalization, part_names
from resviz.nets.blocks.shortcut import add_shortcut

if TYPE_CHECKING:
    from resviz.nets.graph import GraphBuilder
    from resviz.nets.notation import Block
    from resviz.nets.spec import NetSpec


@register_block(
    "residual",
    title="residual",
    explanation="y = F(x) + x (eq. 1)",
    class_name="ResidualBlock",
    options=("shortcut", "activation_place"),
)
def residual(builder: GraphBuilder, source: str, name: str, block: Block, stride: int, spec: NetSpec) -> str:
    """Add y = F(x) + x, then the activation (eq. 1 and 2, figure 2).

    The last normalization stands where the spec places it. The last activation stands before the sum if the spec says
    so ("Identity Mappings", figure 4a to 4c).
    """
    last, filters = part_names(name, len(block.cells), spec), block.cells[-1].filters
    with builder.block(name):
        out = convolutions(builder, source, name, block, stride, spec)
        if spec.activation_place == "before":
            out = nonlinearity(builder, out, spec, last)
            return add_shortcut(builder, out, source, name, filters, stride, spec)
        behind_sum = spec.norm_place in ("after", "addition")
        if not behind_sum:
            out = normalization(builder, out, spec, last)
        out = add_shortcut(builder, out, source, name, filters, stride, spec)
        return nonlinearity(builder, out, spec, last) if behind_sum else activation(builder, out, last("act"), spec)
