"""The operators of torch that are ops of ours, where a model calls them without a module: `F.avg_pool2d`, `x + y`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from resviz.capturing.known_ops import side_of
from resviz.nets import ops

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from resviz.capturing.calls import Call
    from resviz.nets.op import Op, Shape

Shapes = tuple[tuple[int, ...], ...]
_MAPS = 3
"""Axes of a map without its batch axis."""


def known_operator(call: Call, inputs: Shapes, output: Shape, owned: Mapping[str, int]) -> Op | None:
    """Return the op of ours that an operator may be, or None. Its costs have to be held against those recorded.

    Args:
        call: The operator's call.
        inputs: Shapes of what it reads, without their batch axes.
        output: The shape of what it gives, without its batch axis.
        owned: The numbers of the parameters that are its own, by name.
    """
    word = call.operator.partition(".")[2].rstrip("_")
    if owned:
        make = _WITH_WEIGHTS.get(word)
        return make(call.settings, inputs, output, list(owned.values())) if make is not None else None
    plain = _WITHOUT.get(word)
    return plain(call.settings, inputs, output) if plain is not None else None


def _add(settings: Mapping[str, Any], inputs: Shapes, output: Shape) -> Op | None:
    return ops.Add() if len(inputs) > 1 and len(set(inputs)) == 1 else None


def _concat(settings: Mapping[str, Any], inputs: Shapes, output: Shape) -> Op | None:
    return ops.Concat() if len(inputs) > 1 and all(len(shape) == _MAPS for shape in inputs) else None


def _flatten(settings: Mapping[str, Any], inputs: Shapes, output: Shape) -> Op | None:
    return ops.Flatten() if len(inputs) == 1 and inputs[0] and output == (math.prod(inputs[0]),) else None


def _adaptive(settings: Mapping[str, Any], inputs: Shapes, output: Shape) -> Op | None:
    square = len(inputs) == 1 and len(output) == _MAPS and output[1] == output[2]
    return ops.AdaptiveAvgPool2d(output[2]) if square else None


def _average(settings: Mapping[str, Any], inputs: Shapes, output: Shape) -> Op | None:
    sizes = _window(settings)
    plain = settings.get("count_include_pad", True) and not settings.get("divisor_override")
    if sizes is None or not plain or len(inputs) != 1 or len(inputs[0]) != _MAPS:
        return None
    if sizes[2] == 0 and inputs[0][1:] == (sizes[0], sizes[0]):
        return ops.AdaptiveAvgPool2d()  # the whole map, as global average pooling is written without its module
    return ops.AvgPool2d(*sizes, bool(settings.get("ceil_mode")))


def _max(settings: Mapping[str, Any], inputs: Shapes, output: Shape) -> Op | None:
    sizes = _window(settings)
    if sizes is None or side_of(settings.get("dilation", 1)) != 1 or len(inputs) != 1 or len(inputs[0]) != _MAPS:
        return None
    return ops.MaxPool2d(*sizes, bool(settings.get("ceil_mode")))


def _window(settings: Mapping[str, Any]) -> tuple[int, int, int] | None:
    """Return kernel, stride and padding of a pool, if they are squares. Its stride is its kernel if none is given."""
    kernel = side_of(settings.get("kernel_size"))
    stride = side_of(settings.get("stride") or kernel)
    padding = side_of(settings.get("padding", 0))
    return None if kernel is None or stride is None or padding is None else (kernel, stride, padding)


def _conv(settings: Mapping[str, Any], inputs: Shapes, output: Shape, owned: list[int]) -> Op | None:
    stride, padding, groups = side_of(settings.get("stride")), side_of(settings.get("padding")), settings.get("groups")
    maps = len(inputs) == 1 and len(inputs[0]) == len(output) == _MAPS
    if not maps or None in (stride, padding) or not isinstance(groups, int) or side_of(settings.get("dilation")) != 1:
        return None
    kernel = math.isqrt(owned[0] * groups // (inputs[0][0] * output[0]))
    square = kernel * kernel * inputs[0][0] * output[0] == owned[0] * groups
    bias = len(owned) > 1
    return ops.Conv2d(inputs[0][0], output[0], kernel, stride or 1, padding or 0, groups, bias) if square else None


def _linear(settings: Mapping[str, Any], inputs: Shapes, output: Shape, owned: list[int]) -> Op | None:
    vectors = len(inputs) == 1 and len(inputs[0]) == len(output) == 1
    return ops.Linear(inputs[0][0], output[0], bias=len(owned) > 1) if vectors else None


_WITHOUT: dict[str, Callable[[Mapping[str, Any], Shapes, Shape], Op | None]] = {
    "add": _add,
    "cat": _concat,
    "relu": lambda settings, inputs, output: ops.ReLU() if len(inputs) == 1 else None,
    "flatten": _flatten,
    "view": _flatten,
    "reshape": _flatten,
    "squeeze": _flatten,
    "adaptive_avg_pool2d": _adaptive,
    "avg_pool2d": _average,
    "max_pool2d": _max,
}
"""An op of ours from an operator's settings and shapes. Adding one is an entry here."""
_WITH_WEIGHTS: dict[str, Callable[[Mapping[str, Any], Shapes, Shape, list[int]], Op | None]] = {
    "conv2d": _conv,
    "linear": _linear,
}
"""The same for operators that read parameters of their own: with the numbers of its weights, then of its biases."""
READ_SETTINGS = frozenset(f"aten.{word}" for word in (*_WITHOUT, *_WITH_WEIGHTS, "pad", "slice"))
"""Operators whose settings are looked at."""
