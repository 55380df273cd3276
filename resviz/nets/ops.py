"""The kinds of layer: output shape, parameters and multiply-adds of each.

Adding an op is a class here and a line in `resviz/training/modules.py`.

Multiply-adds are counted for convolutions and fully connected layers only and without their biases:
what "Deep Residual Learning for Image Recognition" (arXiv 1512.03385), table 1, prints as FLOPs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from resviz.nets.errors import MapTooSmall, NetError
from resviz.nets.op import Op, Shape, Term, Window, only, show


@dataclass(frozen=True)
class Input(Op):
    kind = "input"
    shape: Shape

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        return self.shape

    def label(self) -> str:
        return ("image " if self.shape[0] in (1, 3) else "maps ") + show(self.shape)


@dataclass(frozen=True)
class Conv2d(Op):
    """Square convolution. Multiply-adds: kernel² · in / groups · out · height · width."""

    kind = "conv"
    weighted = True
    in_channels: int
    out_channels: int
    kernel: int
    stride: int = 1
    padding: int = 0
    groups: int = 1
    bias: bool = False
    first_bias: float | None = None
    """What the bias starts at, where the net and not the recipe says so: a highway unit's gate."""

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        channels, height, width = _map(self, inputs)
        _require_channels(self, channels, self.in_channels)
        for what, number in (("input channels", channels), ("filters", self.out_channels)):
            if number % self.groups:
                raise NetError(f"{number} {what} can't be shared out among {self.groups} groups; a divisor will do")
        return (self.out_channels, *_window(self, (height, width), self.kernel, self.stride, self.padding))

    def parameter_terms(self) -> tuple[Term, ...]:
        weights = Term("weights", self._weights())
        return (weights, Term("biases", ((self.out_channels, "filters"),))) if self.bias else (weights,)

    def multiply_add_terms(self, output: Shape) -> tuple[Term, ...]:
        places = ((output[1], "output height"), (output[2], "output width"))
        return (Term("multiply-adds", self._weights() + places),)

    def window(self, inputs: tuple[Shape, ...]) -> Window:
        return _square(self.kernel, self.stride, self.padding)

    def _weights(self) -> tuple[tuple[int, str], ...]:
        channels = "input channels" + (" a group" if self.groups > 1 else "")
        return (
            (self.kernel, "kernel height"),
            (self.kernel, "kernel width"),
            (self.in_channels // self.groups, channels),
            (self.out_channels, "filters"),
        )

    def label(self) -> str:
        cardinality = f", C={self.groups}" if self.groups > 1 else ""
        return f"{self.kernel}×{self.kernel} conv, {self.out_channels}{cardinality}" + _slash(self.stride)


@dataclass(frozen=True)
class ConvTranspose2d(Op):
    """Learned upsampling (Long et al. 2015, section 3.3): each place of the input spreads over kernel × kernel of
    the output, `stride` from the next. Multiply-adds: kernel² · in · out · height · width of the input."""

    kind = "transposed conv"
    weighted = True
    in_channels: int
    out_channels: int
    kernel: int
    stride: int
    padding: int = 0

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        channels, height, width = _map(self, inputs)
        _require_channels(self, channels, self.in_channels)
        height, width = ((side - 1) * self.stride + self.kernel - 2 * self.padding for side in (height, width))
        return (self.out_channels, height, width)

    def parameter_terms(self) -> tuple[Term, ...]:
        return (Term("weights", self._weights()),)

    def multiply_add_terms(self, output: Shape) -> tuple[Term, ...]:
        height, width = ((side + 2 * self.padding - self.kernel) // self.stride + 1 for side in output[1:])
        return (Term("multiply-adds", (*self._weights(), (height, "input height"), (width, "input width"))),)

    def window(self, inputs: tuple[Shape, ...]) -> Window:
        reads = -(-self.kernel // self.stride)
        return Window((reads, reads), up=self.stride)

    def _weights(self) -> tuple[tuple[int, str], ...]:
        return (
            (self.kernel, "kernel height"),
            (self.kernel, "kernel width"),
            (self.in_channels, "input channels"),
            (self.out_channels, "filters"),
        )

    def label(self) -> str:
        return f"{self.kernel}×{self.kernel} transposed conv, {self.out_channels}, ×{self.stride}"


@dataclass(frozen=True)
class Linear(Op):
    """Fully connected layer. Multiply-adds: in · out."""

    kind = "fc"
    weighted = True
    in_features: int
    out_features: int
    bias: bool = True
    first_bias: float | None = None
    """As a convolution's."""

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        shape = only(self, inputs)
        if shape != (self.in_features,):
            raise NetError(f"fc takes {self.in_features} features, got {show(shape)}; flatten the map first")
        return (self.out_features,)

    def parameter_terms(self) -> tuple[Term, ...]:
        weights = Term("weights", self._weights())
        return (weights, Term("biases", ((self.out_features, "outputs"),))) if self.bias else (weights,)

    def multiply_add_terms(self, output: Shape) -> tuple[Term, ...]:
        return (Term("multiply-adds", self._weights()),)

    def _weights(self) -> tuple[tuple[int, str], ...]:
        return ((self.in_features, "inputs"), (self.out_features, "outputs"))

    def label(self) -> str:
        return f"fc, {self.out_features}"


@dataclass(frozen=True)
class BatchNorm2d(Op):
    """Ioffe and Szegedy 2015. Learns a scale and a shift a channel; running statistics are not parameters."""

    kind = "batch norm"
    channels: int
    eps: float = 1e-5

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        shape = _map(self, inputs)
        _require_channels(self, shape[0], self.channels)
        return shape

    def parameter_terms(self) -> tuple[Term, ...]:
        return (Term("scale and shift", ((2, "a channel"), (self.channels, "channels"))),)


@dataclass(frozen=True)
class ReLU(Op):
    kind = "relu"
    nonlinear = in_place = True


@dataclass(frozen=True)
class LeakyReLU(Op):
    kind = "leaky relu"
    nonlinear = in_place = True
    negative_slope: float = 0.01


@dataclass(frozen=True)
class PReLU(Op):
    """He et al. 2015, "Delving Deep into Rectifiers", section 2.1: one learned slope a channel, 0.25 at first."""

    kind = "prelu"
    nonlinear = in_place = True
    channels: int

    def parameter_terms(self) -> tuple[Term, ...]:
        return (Term("slopes", ((self.channels, "channels"),)),)


@dataclass(frozen=True)
class Sigmoid(Op):
    kind = "sigmoid"
    nonlinear = in_place = True


@dataclass(frozen=True)
class Tanh(Op):
    kind = "tanh"
    nonlinear = in_place = True


@dataclass(frozen=True)
class Pool2d(Op):
    """One value of each window; where it rounds up ("ceil"), the last one may reach beyond the map."""

    kernel: int
    stride: int
    padding: int = 0
    ceil: bool = False

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        channels, height, width = _map(self, inputs)
        return (channels, *_window(self, (height, width), self.kernel, self.stride, self.padding, self.ceil))

    def window(self, inputs: tuple[Shape, ...]) -> Window:
        return _square(self.kernel, self.stride, self.padding)

    def label(self) -> str:
        return f"{self.kernel}×{self.kernel} {self.kind}" + _slash(self.stride)


@dataclass(frozen=True)
class MaxPool2d(Pool2d):
    kind = "max pool"


@dataclass(frozen=True)
class AvgPool2d(Pool2d):
    """The mean of each window; LeNet-5's subsampling without its learned scale and shift."""

    kind = "average pool"


@dataclass(frozen=True)
class LocalResponseNorm(Op):
    """b = a / (k + α Σ a²)^β, the sum over `size` neighbouring channels (Krizhevsky et al. 2012, section 3.3)."""

    kind = "local response norm"
    size: int = 5
    alpha: float = 1e-4
    beta: float = 0.75
    k: float = 2.0


@dataclass(frozen=True)
class AdaptiveAvgPool2d(Op):
    """The mean over as many windows as the output has places; size 1 is global average pooling."""

    kind = "average pool"
    size: int = 1

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        return (_map(self, inputs)[0], self.size, self.size)

    def window(self, inputs: tuple[Shape, ...]) -> Window:
        """Of its largest window: place i runs from floor(i side / size) to ceil((i + 1) side / size)."""
        sides = inputs[0][1:]
        height, width = (
            max(-(-(place + 1) * side // self.size) - place * side // self.size for place in range(self.size))
            for side in sides
        )
        return Window((height, width), (max(1, sides[0] // self.size), max(1, sides[1] // self.size)))


@dataclass(frozen=True)
class PyramidPool2d(Op):
    """The largest value in each place of several grids, one behind the other (He et al. 2014, arXiv 1406.4729): as many
    features whatever the map's size."""

    kind = "pyramid pool"
    levels: tuple[int, ...]

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        return (_map(self, inputs)[0] * sum(level * level for level in self.levels),)

    def window(self, inputs: tuple[Shape, ...]) -> Window:
        """The whole map: what reads the vector reads all of it."""
        return Window((inputs[0][1], inputs[0][2]))

    def label(self) -> str:
        return "pyramid pool " + ", ".join(map(str, self.levels))


@dataclass(frozen=True)
class Flatten(Op):
    kind = "flatten"
    in_place = True

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        return (math.prod(only(self, inputs)),)

    def window(self, inputs: tuple[Shape, ...]) -> Window:
        """The whole map: what reads the vector reads all of it."""
        shape = inputs[0]
        return Window((shape[1], shape[2])) if len(shape) == 3 else Window()


@dataclass(frozen=True)
class Dropout(Op):
    kind = "dropout"
    in_place = True
    p: float = 0.5

    def label(self) -> str:
        return f"dropout {self.p:g}"


@dataclass(frozen=True)
class Add(Op):
    """The sum of a block's residual function and its shortcut: eq. 1 and 2 of "Deep Residual Learning"."""

    kind = "add"

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        if len(inputs) < 2 or len(set(inputs)) != 1:
            raise NetError(
                "a sum takes two or more maps of one shape, got "
                + " and ".join(map(show, inputs))
                + "; a projection shortcut (option B) makes them equal"
            )
        return inputs[0]


@dataclass(frozen=True)
class Fuse(Add):
    """The sum of the scores of two depths (Long et al. 2015, section 4.2)."""

    kind = "fuse"

    def label(self) -> str:
        return "sum of scores"


@dataclass(frozen=True)
class Crop(Op):
    """The middle of a map: what upsampling gives beyond the image's border is cut off."""

    kind = "crop"
    size: tuple[int, int]

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        channels, height, width = _map(self, inputs)
        if height < self.size[0] or width < self.size[1]:
            raise NetError(
                f"upsampled to {height}×{width}, smaller than the {show(self.size)} wanted; an image whose sides are "
                "multiples of the net's stride will do"
            )
        return (channels, *self.size)


@dataclass(frozen=True)
class Concat(Op):
    """The channels of one branch behind those of the other (Szegedy et al. 2015, figure 2)."""

    kind = "concat"

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        if not inputs or len({shape[1:] for shape in inputs}) != 1:
            raise NetError(
                "branches end in maps of one size, got "
                + " and ".join(map(show, inputs))
                + "; convolutions and 3x3 pools keep it"
            )
        return (sum(shape[0] for shape in inputs), *inputs[0][1:])

    def label(self) -> str:
        return "concatenation"


@dataclass(frozen=True)
class Join(Op):
    """The mean of the columns that meet (Larsson et al. 2017, section 2); in training, of those that drop-path leaves:
    `drop` is the probability of each to be left out (section 3). `columns` are their numbers, 1 the shortest."""

    kind = "mean"
    columns: tuple[int, ...]
    drop: float = 0.0

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        if len(inputs) != len(self.columns) or len(set(inputs)) != 1:
            raise NetError(f"a mean takes {len(self.columns)} maps of one shape, got {' and '.join(map(show, inputs))}")
        return inputs[0]

    def label(self) -> str:
        return f"mean of {len(self.columns)}"


@dataclass(frozen=True)
class HighwaySum(Op):
    """y = H T + x (1 - T), of H, x and the gate T: eq. 3 of "Highway Networks" (arXiv 1505.00387)."""

    kind = "highway sum"

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        if len(inputs) != 3 or len(set(inputs)) != 1:
            raise NetError(f"a highway sum takes three maps of one shape, got {' and '.join(map(show, inputs))}")
        return inputs[0]


@dataclass(frozen=True)
class PadShortcut(Op):
    """Shortcut option A (section 3.3): every stride-th pixel, new channels are zeros behind the old. No parameters."""

    kind = "pad shortcut"
    in_channels: int
    out_channels: int
    stride: int

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        channels, height, width = _map(self, inputs)
        _require_channels(self, channels, self.in_channels)
        if self.out_channels < channels:
            raise NetError(
                f"shortcut option A pads with zeros and can't drop channels, {channels} to {self.out_channels}; "
                "option B (a projection) can"
            )
        return (self.out_channels, -(-height // self.stride), -(-width // self.stride))

    def window(self, inputs: tuple[Shape, ...]) -> Window:
        return _square(1, self.stride, 0)

    def label(self) -> str:
        return f"identity, zero-padded to {self.out_channels}" + _slash(self.stride)


def _slash(stride: int) -> str:
    return f", /{stride}" if stride > 1 else ""


def _map(op: Op, inputs: tuple[Shape, ...]) -> tuple[int, int, int]:
    shape = only(op, inputs)
    if len(shape) != 3:
        raise NetError(f"{op.kind} takes a map (channels × height × width), got {show(shape)}")
    return shape[0], shape[1], shape[2]


def _require_channels(op: Op, got: int, wanted: int) -> None:
    if got != wanted:
        raise NetError(f"{op.label()} takes {wanted} channels, got {got}")


def _square(kernel: int, stride: int, padding: int) -> Window:
    return Window((kernel, kernel), (stride, stride), padding)


def _window(
    op: Op, size: tuple[int, int], kernel: int, stride: int, padding: int, ceil: bool = False
) -> tuple[int, int]:
    """Places of a sliding window: floor((size + 2 padding - kernel) / stride) + 1, along height and width.

    With `ceil` one more where something is left over, as long as it begins on the map.
    """

    def places(side: int) -> int:
        steps, rest = divmod(side + 2 * padding - kernel, stride)
        one_more = ceil and rest > 0 and (steps + 1) * stride < side + padding
        return steps + 1 + one_more

    height, width = places(size[0]), places(size[1])
    if min(height, width) < 1:
        raise MapTooSmall(f"the {size[0]}×{size[1]} map is smaller than the {kernel}×{kernel} window of {op.kind}")
    return height, width
