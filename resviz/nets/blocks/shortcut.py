"""The shortcut of a residual block: the identity, zero padding or a projection (section 3.3, options A to D)."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from resviz.nets.blocks.layers import convolution, normalization
from resviz.nets.notation import Cell
from resviz.nets.ops import Add, AvgPool2d, PadShortcut

if TYPE_CHECKING:
    from resviz.nets.graph import GraphBuilder
    from resviz.nets.spec import NetSpec


def projects(builder: GraphBuilder, source: str, filters: int, stride: int, spec: NetSpec) -> bool:
    """Return whether a shortcut projects: with B and D if dimensions change, with C always (section 3.3)."""
    changes = stride > 1 or builder.shape(source)[0] != filters
    return spec.shortcut == "C" or (spec.shortcut in ("B", "D") and changes)


def add_shortcut(
    builder: GraphBuilder, out: str, source: str, name: str, filters: int, stride: int, spec: NetSpec
) -> str:
    """Add the shortcut of option A, B, C or D to F(x), and return the sum's name (section 3.3)."""
    with builder.shortcut():
        identity = _shortcut(builder, source, name, filters, stride, spec)
    return builder.add(f"{name}.add", Add(), out, identity)


def _shortcut(builder: GraphBuilder, source: str, name: str, filters: int, stride: int, spec: NetSpec) -> str:
    if projects(builder, source, filters, stride, spec):
        number = count()
        if spec.shortcut == "D" and stride > 1:
            pool = AvgPool2d(stride, stride, ceil=True)  # up, as a convolution with that stride rounds
            source, stride = builder.add(f"{name}.downsample.{next(number)}", pool, source), 1
        out = convolution(builder, source, Cell(1, filters), stride, spec, f"{name}.downsample.{next(number)}")
        # Pre-activation units sum what no normalisation has touched; there the projection has none either.
        plain_sum = spec.unit == "preactivation" and spec.norm_place != "convolution"
        return out if plain_sum else normalization(builder, out, spec, lambda part: f"{name}.downsample.{next(number)}")
    channels = builder.shape(source)[0]
    if stride == 1 and channels == filters:
        return source
    return builder.add(f"{name}.shortcut", PadShortcut(channels, filters, stride), source)
