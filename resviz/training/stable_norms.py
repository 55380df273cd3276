"""Norms and deviations that stay right where float32's own sums of squares underflow or overflow.

In a deep plain net gradients of 1e-25 are what there is to see; a norm summed in float32 would show 0.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

_SQUARES_ARE_EXACT = (1e-20, 1e30)
"""Where float32 sums of squares neither lose small entries to underflow nor overflow."""
_PART = 1 << 18
_IN_CACHE = 1 << 16
"""So many numbers of two tensors stay in the cache of a core: measured, the quickest of six sizes."""
_LARGER = 2.0**64

Number = Tensor | float
"""A tensor of one number on a device; on the CPU, where reading it costs nothing and an op on it does, a float."""


def in_memory_order(x: Tensor) -> Tensor:
    """Return all entries as one axis, in the order of memory, so that none is copied: (entry,).

    A channels-last map flattened by its own axes would be copied, which takes longer than any sum over it.
    """
    if x.ndim == 4 and x.is_contiguous(memory_format=torch.channels_last):
        return x.as_strided((x.numel(),), (1,))
    return x.reshape(-1)


def dot(a: Tensor, b: Tensor) -> Number:
    """Return the inner product of two tensors of one shape."""
    if a.device.type == "cpu" and a.dtype == torch.float32:
        flatten = in_memory_order if a.stride() == b.stride() else _in_order_of_axes
        value = float(torch.dot(flatten(a), flatten(b)))
        if _SQUARES_ARE_EXACT[0] < abs(value) < _SQUARES_ARE_EXACT[1]:
            return value
    product = (a.double() * b.double()).sum()
    return float(product) if a.device.type == "cpu" else product


def _in_order_of_axes(x: Tensor) -> Tensor:
    return x.reshape(-1)


def l2_norm(x: Tensor) -> Number:
    """Return the L2 norm over all entries, right down to entries of 1e-45, whose squares float32 can't hold."""
    on_cpu = x.device.type == "cpu"
    if on_cpu and x.dtype == torch.float32:
        flat = in_memory_order(x)
        square = _sum_of_squares(flat)
        if _SQUARES_ARE_EXACT[0] < square < _SQUARES_ARE_EXACT[1]:
            return math.sqrt(square)
        if square <= _SQUARES_ARE_EXACT[0]:
            if float(torch.linalg.vector_norm(flat, math.inf)) == 0:
                return 0.0  # as in a frozen layer: much quicker than in float64
            square = _sum_of_squares(flat * _LARGER)  # exact, and much quicker than in float64
            if _SQUARES_ARE_EXACT[0] < square < _SQUARES_ARE_EXACT[1]:
                return math.sqrt(square) / _LARGER
    norm: Tensor = torch.linalg.vector_norm(x, dtype=torch.float64)
    return float(norm) if on_cpu else norm


def copied_norm(x: Tensor, copy: Tensor) -> Number:
    """Copy a tensor, and return its L2 norm. Both are read in parts that stay in the cache of a CPU."""
    if not _in_parts(x, copy):
        copy.copy_(x)
        return l2_norm(x)
    square = 0.0
    for part, room in zip(_parts(x), _parts(copy), strict=True):
        room.copy_(part)
        square += float(torch.dot(room, room))
    return math.sqrt(square) if _SQUARES_ARE_EXACT[0] < square < _SQUARES_ARE_EXACT[1] else l2_norm(x)


def flat_norm(flat: Tensor) -> float:
    """Return the L2 norm of float32 numbers on the CPU in one axis (entry,): `l2_norm` with less around it."""
    square = _sum_of_squares(flat)
    if _SQUARES_ARE_EXACT[0] < square < _SQUARES_ARE_EXACT[1]:
        return math.sqrt(square)
    return float(l2_norm(flat))


def distance(a: Tensor, b: Tensor) -> Number:
    """Return the L2 norm of the difference of two tensors of one shape."""
    if not _in_parts(a, b):
        return l2_norm(a - b)
    square, room = 0.0, torch.empty(min(a.numel(), _IN_CACHE))
    for first, second in zip(_parts(a), _parts(b), strict=True):
        moved = torch.sub(first, second, out=room[: len(first)])
        square += float(torch.dot(moved, moved))
    if _SQUARES_ARE_EXACT[0] < square < _SQUARES_ARE_EXACT[1]:
        return math.sqrt(square)
    return 0.0 if torch.equal(a, b) else l2_norm(a - b)  # where nothing moved, as in a frozen layer, it is soon said


def _in_parts(a: Tensor, b: Tensor) -> bool:
    """Return whether two tensors can be read part by part, in the order of one memory."""
    same = a.dtype == b.dtype == torch.float32 and a.stride() == b.stride() and a.device.type == "cpu"
    return same and in_memory_order(a).data_ptr() == a.data_ptr() and in_memory_order(b).data_ptr() == b.data_ptr()


def _parts(x: Tensor) -> tuple[Tensor, ...]:
    return torch.split(in_memory_order(x), _IN_CACHE)


def _sum_of_squares(flat: Tensor) -> float:
    if flat.numel() <= _PART:  # `len` of a tensor is Python, and takes as long as a short sum
        return float(torch.dot(flat, flat))
    # float32 sums of millions of squares lose their sixth digit: parts are summed in float64.
    return math.fsum(float(torch.dot(part, part)) for part in torch.split(flat, _PART))


def standard_deviation(x: Tensor) -> Number:
    """Return the standard deviation over all entries, also where squares underflow in float32."""
    if x.device.type != "cpu":
        # In float64 E(x²) - E(x)² has digits to spare.
        mean = x.mean(dtype=torch.float64)
        square = torch.linalg.vector_norm(x, dtype=torch.float64).square() / x.numel()
        deviation: Tensor = (square - mean.square()).clamp_min(0).sqrt()
        return deviation
    if x.dtype in (torch.bfloat16, torch.float16):
        x = x.float()
    mean = x.mean()
    if x.dtype == torch.float32:
        flat = in_memory_order(x)
        square_, squared_mean = _sum_of_squares(flat) / flat.numel(), float(mean) ** 2
        # E(x²) - E(x)² saves a pass over the response; where the mean outweighs the rest, it would lose digits.
        if _SQUARES_ARE_EXACT[0] < square_ < _SQUARES_ARE_EXACT[1] and squared_mean < 0.9 * square_:
            return math.sqrt(square_ - squared_mean)
    return l2_norm(x - mean) / math.sqrt(x.numel())


def number(x: Tensor) -> Number:
    """Return a tensor of one number as what its device is quickest to take."""
    return float(x) if x.device.type == "cpu" else x


def ratio(a: Number, b: Number) -> Number:
    """Return a / b; NaN, and no error, where b is 0."""
    if isinstance(a, Tensor) or isinstance(b, Tensor):
        quotient: Tensor = torch.where(torch.as_tensor(b) == 0, math.nan, a / b)
        return quotient
    return a / b if b else math.nan
