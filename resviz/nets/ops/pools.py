"""Pooling: one value of each window, or of each place of a grid."""

from __future__ import annotations

import math
from dataclasses import dataclass

from typing_extensions import override

from resviz.nets.op import Op, Shape, Window
from resviz.nets.ops.shape_checks import map_shape, sliding, square_window, stride_suffix


@dataclass(frozen=True)
class Pool2d(Op):
    """One value for each window. If the pool rounds up ("ceil"), the last window may reach beyond the map."""

    kernel: int
    stride: int
    padding: int = 0
    ceil: bool = False

    @override
    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        channels, height, width = map_shape(self, inputs)
        return (channels, *sliding(self, (height, width), self.kernel, self.stride, self.padding, self.ceil))

    @override
    def window(self, inputs: tuple[Shape, ...]) -> Window:
        return square_window(self.kernel, self.stride, self.padding)

    @override
    def label(self) -> str:
        return f"{self.kernel}×{self.kernel} {self.kind}" + stride_suffix(self.stride)


@dataclass(frozen=True)
class MaxPool2d(Pool2d):
    """The largest value of each window, channel by channel."""

    kind = "max pool"
    saves = frozenset({"input"})

    @override
    def saved_extra_bytes(self, inputs: tuple[Shape, ...], output: Shape, size: int) -> int:
        """Return where each largest value was: a 64-bit index."""
        return 8 * math.prod(output)


@dataclass(frozen=True)
class AvgPool2d(Pool2d):
    """The mean of each window; LeNet-5's subsampling without its learned scale and shift."""

    kind = "average pool"
    saves = frozenset({"input"})


@dataclass(frozen=True)
class AdaptiveAvgPool2d(Op):
    """The mean over as many windows as the output has places; size 1 is global average pooling."""

    kind = "average pool"
    size: int = 1

    @override
    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        return (map_shape(self, inputs)[0], self.size, self.size)

    @override
    def window(self, inputs: tuple[Shape, ...]) -> Window:
        """Of its largest window: place i runs from floor(i side / size) to ceil((i + 1) side / size)."""
        sides = inputs[0][1:]
        height, width = (
            max(-(-(place + 1) * side // self.size) - place * side // self.size for place in range(self.size))
            for side in sides
        )
        return Window((height, width), (max(1, sides[0] // self.size), max(1, sides[1] // self.size)))

    @override
    def saved_maps(self) -> frozenset[str]:
        """Nothing where it is a mean over the whole map."""
        return frozenset() if self.size == 1 else frozenset({"input"})


@dataclass(frozen=True)
class RegionPool2d(Op):
    """The largest value in each cell of a grid over a region (RoI pooling; Girshick 2015, section 2.1).

    The shape is that of one region. If no regions are given, the region is the whole image.
    """

    kind = "region pool"
    saves = frozenset({"input"})
    side: int

    @override
    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        return (map_shape(self, inputs)[0], self.side, self.side)

    @override
    def window(self, inputs: tuple[Shape, ...]) -> Window:
        """Return the whole map: a region may be anywhere."""
        return Window((inputs[0][1], inputs[0][2]))

    @override
    def label(self) -> str:
        return f"regions to {self.side}×{self.side}"

    @override
    def saved_extra_bytes(self, inputs: tuple[Shape, ...], output: Shape, size: int) -> int:
        """As a max pool."""
        return 8 * math.prod(output)


@dataclass(frozen=True)
class PyramidPool2d(Op):
    """The largest value in each cell of several grids (He et al. 2014, arXiv 1406.4729).

    The number of features does not depend on the size of the map.
    """

    kind = "pyramid pool"
    saves = frozenset({"input"})
    levels: tuple[int, ...]

    @override
    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        return (map_shape(self, inputs)[0] * sum(level * level for level in self.levels),)

    @override
    def window(self, inputs: tuple[Shape, ...]) -> Window:
        """Return the whole map: what reads the vector reads all of it."""
        return Window((inputs[0][1], inputs[0][2]))

    @override
    def label(self) -> str:
        return "pyramid pool " + ", ".join(map(str, self.levels))

    @override
    def saved_extra_bytes(self, inputs: tuple[Shape, ...], output: Shape, size: int) -> int:
        """As a max pool."""
        return 8 * math.prod(output)
