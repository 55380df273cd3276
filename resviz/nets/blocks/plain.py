"""The plain block: convolutions with nonlinearities between them ("Deep Residual Learning", section 3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resviz.nets.block_types import register_block
from resviz.nets.blocks.layers import convolutions, nonlinearity, part_names

if TYPE_CHECKING:
    from resviz.nets.graph import GraphBuilder
    from resviz.nets.notation import Block
    from resviz.nets.spec import NetSpec


@register_block("plain", title="plain", explanation="y = F(x), no shortcut (3.3)", class_name="PlainBlock")
def plain(builder: GraphBuilder, source: str, name: str, block: Block, stride: int, spec: NetSpec) -> str:
    """Return the residual block of the same cells without its shortcut (section 3.3, "Plain Network")."""
    with builder.block(name):
        out = convolutions(builder, source, name, block, stride, spec)
        return nonlinearity(builder, out, spec, part_names(name, len(block.cells), spec))
