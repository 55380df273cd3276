"""Inception modules and their auxiliary classifiers: "Going Deeper with Convolutions" (arXiv 1409.4842).

Figure 2 and section 5. Layer names are torchvision's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from resviz.nets.blocks.layers import activation, convolution, nonlinearity
from resviz.nets.graph import Graph, GraphBuilder
from resviz.nets.notation import Block, Cell, Pool
from resviz.nets.ops import AdaptiveAvgPool2d, AvgPool2d, Concat, Dropout, Flatten, Linear, MaxPool2d
from resviz.nets.spec import NetSpec

if TYPE_CHECKING:
    from resviz.nets.op import Shape

_AUXILIARY_POOL, _AUXILIARY_FILTERS, _AUXILIARY_FEATURES, _AUXILIARY_DROPOUT = 4, 128, 1024, 0.7
"""Szegedy et al. 2015, section 5: a 1x1 convolution of 128 filters, 1024 units, 70 per cent of them dropped."""


def unit_of_cell(builder: GraphBuilder, source: str, prefix: str, cell: Cell, stride: int, spec: NetSpec) -> str:
    """Return a convolution with its nonlinearity under one name: prefix.conv, prefix.bn, prefix.relu."""
    names = {"bn": f"{prefix}.bn", "act": f"{prefix}.{spec.activation}"}
    out = convolution(builder, source, cell, stride, spec, f"{prefix}.conv")
    return nonlinearity(builder, out, spec, names.__getitem__)


def pooling(builder: GraphBuilder, source: str, name: str, pool: Pool) -> str:
    """Add a pool and return its name.

    Without a padding in the table, 3×3 pads by 1 as in conv2_x. 2×2 does not pad, as in VGG, and neither does a pool
    that rounds up.
    """
    op = AvgPool2d if pool.mean else MaxPool2d
    padding = (0 if pool.ceil else (pool.kernel - 1) // 2) if pool.padding is None else pool.padding
    return builder.add(name, op(pool.kernel, pool.stride, padding, pool.ceil), source)


def inception(builder: GraphBuilder, source: str, name: str, block: Block, spec: NetSpec) -> str:
    """Add the branches of a block, and concatenate their channels: name.branch1, name.branch2.0 ..."""
    ends = []
    with builder.block(name):
        for number, branch in enumerate(block.branches, 1):
            out = source
            with builder.branch(number):
                for place, part in enumerate(branch):
                    prefix = f"{name}.branch{number}" + (f".{place}" if len(branch) > 1 else "")
                    if isinstance(part, Pool):
                        out = pooling(builder, out, prefix, part)
                    else:
                        out = unit_of_cell(builder, out, prefix, part, 1, spec)
            ends.append(out)
        return builder.add(f"{name}.concat", Concat(), *ends)


def alone(block: Block, shape: Shape, name: str) -> Graph:
    """Return one block of branches as a graph, with nothing between its convolutions, for an input of this shape."""
    builder = GraphBuilder(name, shape)
    spec = NetSpec(name=name, stages=(), norm="none", unit="plain")
    inception(builder, builder.input, "inception", block, spec)
    return builder.build()


def auxiliary(builder: GraphBuilder, source: str, name: str, spec: NetSpec) -> None:
    """Add an auxiliary classifier, whose loss is added in training.

    It pools to 4×4, for maps of any size. The paper's 5×5 pool at stride 3 gives 4×4 for its 14×14 maps.
    """
    with builder.auxiliary(), builder.stage(name), builder.block(name):
        out = builder.add(f"{name}.pool", AdaptiveAvgPool2d(_AUXILIARY_POOL), source)
        out = unit_of_cell(builder, out, f"{name}.conv", Cell(1, _AUXILIARY_FILTERS), 1, spec)
        out = builder.add(f"{name}.flatten", Flatten(), out)
        out = builder.add(f"{name}.fc1", Linear(builder.shape(out)[0], _AUXILIARY_FEATURES), out)
        out = activation(builder, out, f"{name}.{spec.activation}", spec)
        out = builder.add(f"{name}.dropout", Dropout(_AUXILIARY_DROPOUT), out)
        builder.add(f"{name}.fc2", Linear(builder.shape(out)[0], spec.classes), out)
