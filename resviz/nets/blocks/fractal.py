"""The fractal block of "FractalNet" (arXiv 1605.07648), figure 1."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from resviz.nets.block_types import register_block
from resviz.nets.blocks.layers import convolution, nonlinearity
from resviz.nets.ops import Join

if TYPE_CHECKING:
    from resviz.nets.graph import GraphBuilder
    from resviz.nets.notation import Block
    from resviz.nets.spec import NetSpec


@register_block(
    "fractal",
    title="fractal",
    explanation="f(f(x)) and conv(x), their mean",
    class_name="FractalBlock",
    options=("columns", "drop_path"),
)
def fractal(builder: GraphBuilder, source: str, name: str, block: Block, stride: int, spec: NetSpec) -> str:
    """Add f_C, where f_1(z) = conv(z) and f_{C+1}(z) is the mean of f_C(f_C(z)) and conv(z) (section 2).

    Columns that end at one place share one join. Column 1 is the shortest, with one convolution. Column C has 2^(C-1).
    """
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
        """Return the columns that meet behind f of z, `column` the shortest of them: (number, output) of each."""
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
