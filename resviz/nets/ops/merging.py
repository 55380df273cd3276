"""Where ways meet: sums, means and concatenations, and the shortcut without weights."""

from __future__ import annotations

import math
from dataclasses import dataclass

from typing_extensions import override

from resviz.base.errors import NetError
from resviz.base.translation import _
from resviz.nets.op import Op, Shape, Window, listed_shapes
from resviz.nets.ops.shape_checks import map_shape, require_channels, square_window, stride_suffix


@dataclass(frozen=True)
class Add(Op):
    """The sum of a block's residual function and its shortcut: eq. 1 and 2 of "Deep Residual Learning"."""

    kind = "add"

    @override
    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        if len(inputs) < 2 or len(set(inputs)) != 1:
            raise NetError(
                _("a sum takes maps of one shape, not {shapes}. Use a projection shortcut, option B").format(
                    shapes=listed_shapes(inputs)
                )
            )
        return inputs[0]


@dataclass(frozen=True)
class Fuse(Add):
    """The sum of the scores of two depths (Long et al. 2015, section 4.2)."""

    kind = "fuse"

    @override
    def label(self) -> str:
        return "sum of scores"


@dataclass(frozen=True)
class Concat(Op):
    """The channels of all branches together (Szegedy et al. 2015, figure 2)."""

    kind = "concat"

    @override
    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        if not inputs or len({shape[1:] for shape in inputs}) != 1:
            raise NetError(
                _(
                    "branches must end in maps of one size, not {shapes}. Convolutions and 3x3 pools keep the size"
                ).format(shapes=listed_shapes(inputs))
            )
        return (sum(shape[0] for shape in inputs), *inputs[0][1:])

    @override
    def label(self) -> str:
        return "concatenation"


@dataclass(frozen=True)
class Join(Op):
    """The mean of the columns that meet (Larsson et al. 2017, section 2).

    In training it is the mean of the columns that drop-path keeps. `drop` is the probability of leaving out each column
    (section 3). `columns` are their numbers, 1 is the shortest.
    """

    kind = "mean"
    columns: tuple[int, ...]
    drop: float = 0.0

    @override
    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        if len(inputs) != len(self.columns) or len(set(inputs)) != 1:
            raise NetError(
                _("a mean takes {count} maps of one shape, not {shapes}").format(
                    count=len(self.columns), shapes=listed_shapes(inputs)
                )
            )
        return inputs[0]

    @override
    def label(self) -> str:
        return f"mean of {len(self.columns)}"


@dataclass(frozen=True)
class HighwaySum(Op):
    """y = H T + x (1 - T), of H, x and the gate T: eq. 3 of "Highway Networks" (arXiv 1505.00387)."""

    kind = "highway sum"

    @override
    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        if len(inputs) != 3 or len(set(inputs)) != 1:
            raise NetError(
                _("a highway sum takes three maps of one shape, not {shapes}").format(shapes=listed_shapes(inputs))
            )
        return inputs[0]

    @override
    def saved_extra_bytes(self, inputs: tuple[Shape, ...], output: Shape, size: int) -> int:
        """H - x; the gate is kept as a sigmoid's output is."""
        return size * math.prod(output)


@dataclass(frozen=True)
class PadShortcut(Op):
    """Shortcut option A (section 3.3): every stride-th pixel, with zeros as new channels. It has no parameters.

    `before` is how many of the new channels come before the others. The paper does not say, and our nets have 0.
    """

    kind = "pad shortcut"
    in_channels: int
    out_channels: int
    stride: int
    before: int = 0

    @override
    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        channels, height, width = map_shape(self, inputs)
        require_channels(self, channels, self.in_channels)
        if self.out_channels < channels:
            raise NetError(
                _(
                    "shortcut option A pads with zeros and can't reduce {before} channels to {after}. Use option "
                    "B, a projection"
                ).format(before=channels, after=self.out_channels)
            )
        return (self.out_channels, -(-height // self.stride), -(-width // self.stride))

    @override
    def window(self, inputs: tuple[Shape, ...]) -> Window:
        return square_window(1, self.stride, 0)

    @override
    def label(self) -> str:
        before = f", {self.before} of them before" if self.before else ""
        return f"identity, zero-padded to {self.out_channels}{before}" + stride_suffix(self.stride)
