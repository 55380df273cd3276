"""Building blocks of several branches: Inception modules with their auxiliary classifiers, and fractals.

"Going Deeper with Convolutions" (arXiv 1409.4842), figure 2 and section 5; "FractalNet" (arXiv 1605.07648), figure 1.
Layer names of an Inception module are torchvision's.
"""

from __future__ import annotations

from collections import Counter

from resviz.nets.blocks.straight import activation, convolution, nonlinearity
from resviz.nets.graph import Graph, GraphBuilder
from resviz.nets.notation import Block, Cell, Pool
from resviz.nets.op import Shape
from resviz.nets.ops import AdaptiveAvgPool2d, AvgPool2d, Concat, Dropout, Flatten, Join, Linear, MaxPool2d
from resviz.nets.spec import NetSpec

_AUXILIARY_POOL, _AUXILIARY_FILTERS, _AUXILIARY_FEATURES, _AUXILIARY_DROPOUT = 4, 128, 1024, 0.7
"""Szegedy et al. 2015, section 5: a 1x1 convolution of 128 filters, 1024 units, 70 per cent of them dropped."""


def unit_of_cell(builder: GraphBuilder, source: str, prefix: str, cell: Cell, stride: int, spec: NetSpec) -> str:
    """A convolution with its nonlinearity under one name: prefix.conv, prefix.bn, prefix.relu."""
    names = {"bn": f"{prefix}.bn", "act": f"{prefix}.{spec.activation}"}
    out = convolution(builder, source, cell, stride, spec, f"{prefix}.conv")
    return nonlinearity(builder, out, spec, names.__getitem__)


def pooling(builder: GraphBuilder, source: str, name: str, pool: Pool) -> str:
    """Where its table doesn't say, 3x3 pads by 1 as in conv2_x, 2x2 not at all as in VGG, nor one that rounds up."""
    op = AvgPool2d if pool.mean else MaxPool2d
    padding = (0 if pool.ceil else (pool.kernel - 1) // 2) if pool.padding is None else pool.padding
    return builder.add(name, op(pool.kernel, pool.stride, padding, pool.ceil), source)


def inception(builder: GraphBuilder, source: str, name: str, block: Block, spec: NetSpec) -> str:
    """The branches of a block side by side, their channels one behind the other: name.branch1, name.branch2.0 ..."""
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
    """One block of branches by itself, convolutions and pools with nothing between them, for an input of this shape."""
    builder = GraphBuilder(name, shape)
    spec = NetSpec(name=name, stages=(), norm="none", unit="plain")
    inception(builder, builder.input, "inception", block, spec)
    return builder.build()


def auxiliary(builder: GraphBuilder, source: str, name: str, spec: NetSpec) -> None:
    """A classifier on the side, whose loss is added in training.

    Its pooling is to 4×4, whatever the map; the paper's 5×5 at stride 3 gives 4×4 of the 14×14 maps that an image of
    224×224 has there.
    """
    with builder.auxiliary(), builder.stage(name), builder.block(name):
        out = builder.add(f"{name}.pool", AdaptiveAvgPool2d(_AUXILIARY_POOL), source)
        out = unit_of_cell(builder, out, f"{name}.conv", Cell(1, _AUXILIARY_FILTERS), 1, spec)
        out = builder.add(f"{name}.flatten", Flatten(), out)
        out = builder.add(f"{name}.fc1", Linear(builder.shape(out)[0], _AUXILIARY_FEATURES), out)
        out = activation(builder, out, f"{name}.{spec.activation}", spec)
        out = builder.add(f"{name}.dropout", Dropout(_AUXILIARY_DROPOUT), out)
        builder.add(f"{name}.fc2", Linear(builder.shape(out)[0], spec.classes), out)


def fractal(builder: GraphBuilder, source: str, name: str, block: Block, stride: int, spec: NetSpec) -> str:
    """f_1(z) = conv(z), f_{C+1}(z) = f_C(f_C(z)) joined with conv(z) by the mean (section 2); what meets at one place
    is one join. Column 1 is the shortest, one convolution; column C has 2^(C-1)."""
    used: Counter[int] = Counter()

    def numbered(column: int) -> str:
        used[column] += 1
        return f"{column}_{used[column]}"

    def convolved(z: str, column: int, step: int) -> str:
        with builder.branch(column):
            for place, cell in enumerate(block.cells):
                number = numbered(column)
                names = {"bn": f"{name}.bn{number}", "act": f"{name}.{spec.activation}{number}"}
                z = convolution(builder, z, cell, 1 if place else step, spec, f"{name}.conv{number}")
                z = nonlinearity(builder, z, spec, names.__getitem__)
        return z

    def ends(z: str, column: int, step: int) -> list[tuple[int, str]]:
        """The columns that meet behind f of z, `column` the shortest of them: (number, output) of each."""
        if column == spec.columns:
            return [(column, convolved(z, column, step))]
        short = (column, convolved(z, column, step))
        half = joined(ends(z, column + 1, step))
        return [short, *ends(half, column + 1, 1)]

    def joined(columns: list[tuple[int, str]]) -> str:
        if len(columns) == 1:
            return columns[0][1]
        op = Join(tuple(column for column, _ in columns), spec.drop_path)
        with builder.branch(0 if columns[0][0] == 1 else columns[0][0]):
            return builder.add(f"{name}.join{numbered(0).removeprefix('0_')}", op, *(end for _, end in columns))

    with builder.block(name):
        return joined(ends(source, 1, stride))
