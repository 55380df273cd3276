"""What works on each value by itself, or on few: the image, activations, dropout, and other views of a map."""

from __future__ import annotations

import math
from dataclasses import dataclass

from typing_extensions import override

from resviz.base.errors import NetError
from resviz.base.translation import N_, _
from resviz.nets.op import Op, Shape, Term, Window, format_shape, single_input
from resviz.nets.ops.shape_checks import map_shape


@dataclass(frozen=True)
class Input(Op):
    """The image that the net reads."""

    kind = "input"
    shape: Shape

    @override
    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        return self.shape

    @override
    def label(self) -> str:
        return ("image " if self.shape[0] in (1, 3) else "maps ") + format_shape(self.shape)


@dataclass(frozen=True)
class ReLU(Op):
    """max(x, 0)."""

    kind = "relu"
    saves = frozenset({"output"})
    nonlinear = in_place = True


@dataclass(frozen=True)
class LeakyReLU(Op):
    """x for positive x, negative_slope · x otherwise."""

    kind = "leaky relu"
    saves = frozenset({"input"})
    nonlinear = in_place = True
    negative_slope: float = 0.01


@dataclass(frozen=True)
class PReLU(Op):
    """Rectifier with a learned slope per channel, 0.25 at first (He et al. 2015, arXiv 1502.01852, section 2.1)."""

    kind = "prelu"
    saves = frozenset({"input"})
    nonlinear = in_place = True
    channels: int

    @override
    def parameter_terms(self) -> tuple[Term, ...]:
        return (Term(N_("slopes"), ((self.channels, N_("channels")),)),)


@dataclass(frozen=True)
class Sigmoid(Op):
    """1 / (1 + exp(-x))."""

    kind = "sigmoid"
    saves = frozenset({"output"})
    nonlinear = in_place = True


@dataclass(frozen=True)
class Tanh(Op):
    """The hyperbolic tangent."""

    kind = "tanh"
    saves = frozenset({"output"})
    nonlinear = in_place = True


@dataclass(frozen=True)
class LocalResponseNorm(Op):
    """b = a / (k + α Σ a²)^β, the sum over `size` neighbouring channels (Krizhevsky et al. 2012, section 3.3)."""

    kind = "local response norm"
    saves = frozenset({"input"})
    size: int = 5
    alpha: float = 1e-4
    beta: float = 0.75
    k: float = 2.0

    @override
    def saved_extra_bytes(self, inputs: tuple[Shape, ...], output: Shape, size: int) -> int:
        """As torch computes it: the squares with their padding, the sums, and their powers."""
        channels, *sides = inputs[0]
        return size * math.prod(sides) * ((channels + self.size - 1) + 2 * channels)


@dataclass(frozen=True)
class Flatten(Op):
    """All values of a map in one vector."""

    kind = "flatten"
    in_place = True

    @override
    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        return (math.prod(single_input(self, inputs)),)

    @override
    def is_view(self, training: bool) -> bool:
        return True

    @override
    def window(self, inputs: tuple[Shape, ...]) -> Window:
        """Return the whole map: what reads the vector reads all of it."""
        shape = inputs[0]
        return Window((shape[1], shape[2])) if len(shape) == 3 else Window()


@dataclass(frozen=True)
class Dropout(Op):
    """In training, set each value to zero with probability `p`, and scale the others by 1 / (1 - p)."""

    kind = "dropout"
    in_place = True
    p: float = 0.5

    @override
    def is_view(self, training: bool) -> bool:
        return not training or self.p == 0

    @override
    def label(self) -> str:
        return f"dropout {self.p:g}"

    @override
    def saved_extra_bytes(self, inputs: tuple[Shape, ...], output: Shape, size: int) -> int:
        """Return the mask, as large as the map."""
        return size * math.prod(output) if self.p > 0 else 0


@dataclass(frozen=True)
class Crop(Op):
    """The middle of a map: what upsampling gives beyond the image's border is cut off."""

    kind = "crop"
    size: tuple[int, int]

    @override
    def is_view(self, training: bool) -> bool:
        return True

    @override
    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        channels, height, width = map_shape(self, inputs)
        if height < self.size[0] or width < self.size[1]:
            raise NetError(
                _(
                    "the upsampled map has {height}×{width}, but {size} are needed. Use an image whose sides are "
                    "multiples of the net's stride"
                ).format(height=height, width=width, size=format_shape(self.size))
            )
        return (channels, *self.size)
