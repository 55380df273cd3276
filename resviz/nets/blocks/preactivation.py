"""The pre-activation block of "Identity Mappings in Deep Residual Networks" (arXiv 1603.05027), figure 4."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resviz.nets.block_types import register_block
from resviz.nets.blocks.layers import activation, convolution, normalization, part_names, strided_cell
from resviz.nets.blocks.shortcut import add_shortcut, projects

if TYPE_CHECKING:
    from resviz.nets.graph import GraphBuilder
    from resviz.nets.notation import Block
    from resviz.nets.spec import NetSpec


@register_block(
    "preactivation",
    title="pre-act.",
    explanation="norm, ReLU first (He 2016, 4e)",
    class_name="ResidualBlock",
    options=("shortcut",),
)
def preactivation(builder: GraphBuilder, source: str, name: str, block: Block, stride: int, spec: NetSpec) -> str:
    """Add x + F(x), with normalization and activation before each convolution of F (arXiv 1603.05027, figure 4e).

    With the spec's other placement, the activation stands before each convolution and normalization after it (figure
    4d). The net's first unit uses the stem's activation as its own. A unit that projects shares its activation with the
    shortcut (appendix, "Implementation Details").
    """
    strided, out, shared = strided_cell(block, spec), source, source
    relu_only = spec.norm_place == "convolution"
    with builder.block(name):
        for index, cell in enumerate(block.cells):
            names = part_names(name, index + 1, spec)
            if index or not builder.is_first_block:
                before = out if relu_only else normalization(builder, out, spec, names)
                out = activation(builder, before, names("act"), spec)
            if index == 0 and projects(builder, source, block.cells[-1].filters, stride, spec):
                shared = out
            out = convolution(builder, out, cell, stride if index == strided else 1, spec, names("conv"))
            out = normalization(builder, out, spec, names) if relu_only else out
        return add_shortcut(builder, out, shared, name, block.cells[-1].filters, stride, spec)
