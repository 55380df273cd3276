"""The kinds of layer: output shape, parameters and multiply-adds of each.

Adding an op is a class here and a line in `resviz/training/modules.py`.

Shapes have no batch axis: (channels, height, width) for a map, (features,) for a vector.
Multiply-adds are counted for convolutions and fully connected layers only and without their biases:
what "Deep Residual Learning for Image Recognition" (arXiv 1512.03385), table 1, prints as FLOPs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from resviz.nets.errors import MapTooSmall, NetError

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Op:
    """One kind of layer with its settings; knows nothing of the net it stands in."""

    kind: ClassVar[str]
    """What a person calls it; the `kind` of the layer table and of `resviz show --json`."""
    weighted: ClassVar[bool] = False
    """True for the layers that the papers count as depth: convolutions and fully connected layers."""
    nonlinear: ClassVar[bool] = False

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        """The output's shape for these input shapes. Raises NetError where there can be none."""
        return _only(self, inputs)

    def parameters(self) -> int:
        """How many numbers are learned."""
        return 0

    def multiply_adds(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        """Multiply-adds for one image; 0 for all that the paper's convention leaves out."""
        return 0

    def label(self) -> str:
        """What a lecturer writes into the box."""
        return self.kind


@dataclass(frozen=True)
class Input(Op):
    kind = "input"
    shape: Shape

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        return self.shape

    def label(self) -> str:
        return "image " + "×".join(map(str, self.shape))


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
        return (self.out_channels, *_window(self, (height, width), self.kernel, self.stride, self.padding))

    def parameters(self) -> int:
        return self._weights() + (self.out_channels if self.bias else 0)

    def multiply_adds(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return self._weights() * output[1] * output[2]

    def _weights(self) -> int:
        return self.kernel**2 * (self.in_channels // self.groups) * self.out_channels

    def label(self) -> str:
        return f"{self.kernel}×{self.kernel} conv, {self.out_channels}" + _slash(self.stride)


@dataclass(frozen=True)
class Linear(Op):
    """Fully connected layer. Multiply-adds: in · out."""

    kind = "fc"
    weighted = True
    in_features: int
    out_features: int
    bias: bool = True

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        shape = _only(self, inputs)
        if shape != (self.in_features,):
            raise NetError(f"fc takes {self.in_features} features, got {show(shape)}; flatten the map first")
        return (self.out_features,)

    def parameters(self) -> int:
        return self.in_features * self.out_features + (self.out_features if self.bias else 0)

    def multiply_adds(self, inputs: tuple[Shape, ...], output: Shape) -> int:
        return self.in_features * self.out_features

    def label(self) -> str:
        return f"fc, {self.out_features}"


@dataclass(frozen=True)
class BatchNorm2d(Op):
    """Ioffe and Szegedy 2015. Learns a scale and a shift a channel; running statistics are not parameters."""

    kind = "batch norm"
    channels: int

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        shape = _map(self, inputs)
        _require_channels(self, shape[0], self.channels)
        return shape

    def parameters(self) -> int:
        return 2 * self.channels


@dataclass(frozen=True)
class ReLU(Op):
    kind = "relu"
    nonlinear = True


@dataclass(frozen=True)
class LeakyReLU(Op):
    kind = "leaky relu"
    nonlinear = True
    negative_slope: float = 0.01


@dataclass(frozen=True)
class PReLU(Op):
    """He et al. 2015, "Delving Deep into Rectifiers", section 2.1: one learned slope a channel, 0.25 at first."""

    kind = "prelu"
    nonlinear = True
    channels: int

    def parameters(self) -> int:
        return self.channels


@dataclass(frozen=True)
class Sigmoid(Op):
    kind = "sigmoid"
    nonlinear = True


@dataclass(frozen=True)
class Tanh(Op):
    kind = "tanh"
    nonlinear = True


@dataclass(frozen=True)
class MaxPool2d(Op):
    kind = "max pool"
    kernel: int
    stride: int
    padding: int = 0

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        channels, height, width = _map(self, inputs)
        return (channels, *_window(self, (height, width), self.kernel, self.stride, self.padding))

    def label(self) -> str:
        return f"{self.kernel}×{self.kernel} max pool" + _slash(self.stride)


@dataclass(frozen=True)
class AdaptiveAvgPool2d(Op):
    """The mean over as many windows as the output has places; size 1 is global average pooling."""

    kind = "average pool"
    size: int = 1

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        return (_map(self, inputs)[0], self.size, self.size)


@dataclass(frozen=True)
class Flatten(Op):
    kind = "flatten"

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        return (math.prod(_only(self, inputs)),)


@dataclass(frozen=True)
class Dropout(Op):
    kind = "dropout"
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

    def label(self) -> str:
        return f"identity, zero-padded to {self.out_channels}" + _slash(self.stride)


def show(shape: Shape) -> str:
    """(64, 56, 56) as people write it: 64×56×56."""
    return "×".join(map(str, shape))


def _slash(stride: int) -> str:
    return f", /{stride}" if stride > 1 else ""


def _only(op: Op, inputs: tuple[Shape, ...]) -> Shape:
    if len(inputs) != 1:
        raise NetError(f"{op.kind} takes one input, got {len(inputs)}")
    return inputs[0]


def _map(op: Op, inputs: tuple[Shape, ...]) -> tuple[int, int, int]:
    shape = _only(op, inputs)
    if len(shape) != 3:
        raise NetError(f"{op.kind} takes a map (channels × height × width), got {show(shape)}")
    return shape[0], shape[1], shape[2]


def _require_channels(op: Op, got: int, wanted: int) -> None:
    if got != wanted:
        raise NetError(f"{op.label()} takes {wanted} channels, got {got}")


def _window(op: Op, size: tuple[int, int], kernel: int, stride: int, padding: int) -> tuple[int, int]:
    """Places of a sliding window: floor((size + 2 padding - kernel) / stride) + 1, along height and width."""
    if min(size) + 2 * padding < kernel:
        raise MapTooSmall(f"the {size[0]}×{size[1]} map is smaller than the {kernel}×{kernel} window of {op.kind}")
    height, width = ((side + 2 * padding - kernel) // stride + 1 for side in size)
    return height, width
