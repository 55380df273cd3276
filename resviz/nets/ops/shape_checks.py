"""What ops of every kind ask of shapes and windows."""

from __future__ import annotations

from resviz.base.errors import MapTooSmall, NetError
from resviz.base.translation import _
from resviz.nets.op import Op, Shape, Window, format_shape, single_input


def stride_suffix(stride: int) -> str:
    """Return a stride as part of a label: ", /2". A stride of 1 is left out."""
    return f", /{stride}" if stride > 1 else ""


def map_shape(op: Op, inputs: tuple[Shape, ...]) -> tuple[int, int, int]:
    """Return the shape of the only input, (channels, height, width). Raise NetError if it is not a map."""
    shape = single_input(op, inputs)
    if len(shape) != 3:
        raise NetError(
            _("{kind} takes a map (channels × height × width), not {shape}").format(
                kind=op.kind, shape=format_shape(shape)
            )
        )
    return shape[0], shape[1], shape[2]


def require_channels(op: Op, got: int, wanted: int) -> None:
    """Raise NetError unless an input has as many channels as the op takes."""
    if got != wanted:
        raise NetError(_("{layer} takes {wanted} channels, not {got}").format(layer=op.label(), wanted=wanted, got=got))


def square_window(kernel: int, stride: int, padding: int) -> Window:
    """Return the window of a square kernel."""
    return Window((kernel, kernel), (stride, stride), padding)


def sliding(
    op: Op, size: tuple[int, int], kernel: int, stride: int, padding: int, ceil: bool = False
) -> tuple[int, int]:
    """Return the places of a sliding window: floor((size + 2 padding - kernel) / stride) + 1, for both sides.

    With `ceil` there is one place more if something is left over and the window begins on the map.
    """

    def places(side: int) -> int:
        steps, rest = divmod(side + 2 * padding - kernel, stride)
        one_more = ceil and rest > 0 and (steps + 1) * stride < side + padding
        return steps + 1 + one_more

    height, width = places(size[0]), places(size[1])
    if min(height, width) < 1:
        raise MapTooSmall(
            _("the {height}×{width} map is smaller than the {kernel}×{kernel} window of {kind}").format(
                height=size[0], width=size[1], kernel=kernel, kind=op.kind
            )
        )
    return height, width
