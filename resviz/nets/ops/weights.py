"""Layers with weights: convolutions, fully connected layers, normalisation.

Multiply-adds are counted for convolutions and fully connected layers only and without their biases:
what "Deep Residual Learning for Image Recognition" (arXiv 1512.03385), table 1, prints as FLOPs.
"""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import override

from resviz.base.errors import NetError
from resviz.base.translation import N_, _
from resviz.nets.op import Op, Shape, Term, Window, format_shape, single_input
from resviz.nets.ops.shape_checks import map_shape, require_channels, sliding, square_window, stride_suffix


@dataclass(frozen=True)
class Conv2d(Op):
    """Square convolution. Multiply-adds: kernel² · in / groups · out · height · width."""

    kind = "conv"
    saves = frozenset({"input"})
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

    @override
    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        channels, height, width = map_shape(self, inputs)
        require_channels(self, channels, self.in_channels)
        for what, number in (("input channels", channels), ("filters", self.out_channels)):
            if number % self.groups:
                raise NetError(
                    _("{number} {what} can't be divided into {groups} groups. Use a divisor").format(
                        number=number, what=what, groups=self.groups
                    )
                )
        return (self.out_channels, *sliding(self, (height, width), self.kernel, self.stride, self.padding))

    @override
    def parameter_terms(self) -> tuple[Term, ...]:
        weights = Term(N_("weights"), self._weights())
        return (weights, Term(N_("biases"), ((self.out_channels, N_("filters")),))) if self.bias else (weights,)

    @override
    def multiply_add_terms(self, output: Shape) -> tuple[Term, ...]:
        places = ((output[1], N_("output height")), (output[2], N_("output width")))
        return (Term(N_("multiply-adds"), self._weights() + places),)

    @override
    def window(self, inputs: tuple[Shape, ...]) -> Window:
        return square_window(self.kernel, self.stride, self.padding)

    def _weights(self) -> tuple[tuple[int, str], ...]:
        channels = N_("input channels a group") if self.groups > 1 else N_("input channels")
        return (
            (self.kernel, N_("kernel height")),
            (self.kernel, N_("kernel width")),
            (self.in_channels // self.groups, channels),
            (self.out_channels, N_("filters")),
        )

    @override
    def label(self) -> str:
        cardinality = f", C={self.groups}" if self.groups > 1 else ""
        return f"{self.kernel}×{self.kernel} conv, {self.out_channels}{cardinality}" + stride_suffix(self.stride)


@dataclass(frozen=True)
class ConvTranspose2d(Op):
    """Learned upsampling (Long et al. 2015, section 3.3).

    Each place of the input spreads over kernel × kernel places of the output, `stride` apart. Multiply-adds: kernel² ·
    in · out · height · width of the input.
    """

    kind = "transposed conv"
    saves = frozenset({"input"})
    weighted = True
    in_channels: int
    out_channels: int
    kernel: int
    stride: int
    padding: int = 0

    @override
    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        channels, height, width = map_shape(self, inputs)
        require_channels(self, channels, self.in_channels)
        height, width = ((side - 1) * self.stride + self.kernel - 2 * self.padding for side in (height, width))
        return (self.out_channels, height, width)

    @override
    def parameter_terms(self) -> tuple[Term, ...]:
        return (Term(N_("weights"), self._weights()),)

    @override
    def multiply_add_terms(self, output: Shape) -> tuple[Term, ...]:
        height, width = ((side + 2 * self.padding - self.kernel) // self.stride + 1 for side in output[1:])
        return (
            Term(N_("multiply-adds"), (*self._weights(), (height, N_("input height")), (width, N_("input width")))),
        )

    @override
    def window(self, inputs: tuple[Shape, ...]) -> Window:
        reads = -(-self.kernel // self.stride)
        return Window((reads, reads), up=self.stride)

    def _weights(self) -> tuple[tuple[int, str], ...]:
        return (
            (self.kernel, N_("kernel height")),
            (self.kernel, N_("kernel width")),
            (self.in_channels, N_("input channels")),
            (self.out_channels, N_("filters")),
        )

    @override
    def label(self) -> str:
        return f"{self.kernel}×{self.kernel} transposed conv, {self.out_channels}, ×{self.stride}"


@dataclass(frozen=True)
class Linear(Op):
    """Fully connected layer. Multiply-adds: in · out."""

    kind = "fc"
    saves = frozenset({"input"})
    weighted = True
    in_features: int
    out_features: int
    bias: bool = True
    first_bias: float | None = None
    """As a convolution's."""

    @override
    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        shape = single_input(self, inputs)
        if shape != (self.in_features,):
            raise NetError(
                _("fc takes {wanted} features, not {shape}. Flatten the map first").format(
                    wanted=self.in_features, shape=format_shape(shape)
                )
            )
        return (self.out_features,)

    @override
    def parameter_terms(self) -> tuple[Term, ...]:
        weights = Term(N_("weights"), self._weights())
        return (weights, Term(N_("biases"), ((self.out_features, N_("outputs")),))) if self.bias else (weights,)

    @override
    def multiply_add_terms(self, output: Shape) -> tuple[Term, ...]:
        return (Term(N_("multiply-adds"), self._weights()),)

    def _weights(self) -> tuple[tuple[int, str], ...]:
        return ((self.in_features, N_("inputs")), (self.out_features, N_("outputs")))

    @override
    def label(self) -> str:
        return f"fc, {self.out_features}"


@dataclass(frozen=True)
class BatchNorm2d(Op):
    """Batch normalization (Ioffe and Szegedy 2015) with a learned scale and shift per channel."""

    kind = "batch norm"
    saves = frozenset({"input"})
    channels: int
    eps: float = 1e-5

    @override
    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        shape = map_shape(self, inputs)
        require_channels(self, shape[0], self.channels)
        return shape

    @override
    def parameter_terms(self) -> tuple[Term, ...]:
        return (Term(N_("scale and shift"), ((2, N_("a channel")), (self.channels, N_("channels")))),)

    @override
    def saved_statistics(self) -> int:
        """Return the batch's mean and deviation of each channel."""
        return 2 * self.channels

    @override
    def running_statistics(self) -> tuple[int, int]:
        """Return the running mean and variance of each channel, and the counter of batches."""
        return 2 * self.channels, 1

    @override
    def parameter_tensors(self) -> int:
        """Return one tensor for the scale and one for the shift."""
        return 2


@dataclass(frozen=True)
class BatchNorm1d(BatchNorm2d):
    """Batch normalization of the outputs of a fully connected layer."""

    @override
    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        shape = single_input(self, inputs)
        if len(shape) != 1:
            raise NetError(_("{layer} takes a vector, not {shape}").format(layer=self.kind, shape=format_shape(shape)))
        require_channels(self, shape[0], self.channels)
        return shape
