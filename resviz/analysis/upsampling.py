"""Receptive fields behind learned upsampling, place by place.

Between neighbouring places of an upsampled map lies less than a step of the map before it, so what they see differs in
size; but the pattern comes again after as many places as a step has. Along one axis, what a place sees is its first and
its last pixel.
"""

from __future__ import annotations

from math import gcd, lcm
from typing import TYPE_CHECKING, NamedTuple

from resviz.nets.ops import ConvTranspose2d, Crop

if TYPE_CHECKING:
    from resviz.nets.graph import Graph, Layer


class Reach(NamedTuple):
    """`first` and `last` are the pixels that each place of one period sees; the next period's lie `step` further on."""

    first: tuple[int, ...] = (0,)
    last: tuple[int, ...] = (0,)
    step: int = 1

    @property
    def period(self) -> int:
        """Number of output positions after which the pattern of windows repeats."""
        return len(self.first)

    @property
    def size(self) -> int:
        """Size in pixels of the largest window in the pattern."""
        return max(last - first for first, last in zip(self.first, self.last, strict=True)) + 1

    @property
    def stride(self) -> int:
        """Pixels between the windows of neighbouring output positions, on average."""
        return self.step // self.period

    def over(self, first: int, last: int) -> tuple[int, int]:
        """Return the pixels that the places from `first` to `last` see together."""
        seen = [divmod(place, self.period) for place in range(first, last + 1)]
        starts = [self.first[rest] + turn * self.step for turn, rest in seen]
        ends = [self.last[rest] + turn * self.step for turn, rest in seen]
        return min(starts), max(ends)


def upsampled(graph: Graph) -> dict[str, tuple[Reach, Reach]]:
    """Return what the places of each layer after an upsampling see, along height and width."""
    if not any(isinstance(layer.op, ConvTranspose2d) for layer in graph.layers):
        return {}
    reaches: dict[str, tuple[Reach, Reach]] = {}
    behind: set[str] = set()
    for layer in graph.layers:
        own = [[reaches[name][axis] for name in layer.inputs] for axis in (0, 1)]
        height, width = (_seen(graph, layer, inputs, axis) for axis, inputs in enumerate(own))
        reaches[layer.name] = height, width
        if isinstance(layer.op, ConvTranspose2d) or behind & set(layer.inputs):
            behind.add(layer.name)
    return {name: reaches[name] for name in behind}


def _seen(graph: Graph, layer: Layer, inputs: list[Reach], axis: int) -> Reach:
    if not inputs:
        return Reach()
    if len(inputs) > 1:
        return _together(inputs)
    (before,) = inputs
    if isinstance(layer.op, ConvTranspose2d):
        return _spread(before, layer.op)
    if isinstance(layer.op, Crop):
        offset = (graph[layer.inputs[0]].shape[axis + 1] - layer.shape[axis + 1]) // 2
        return _windows(before, 1, 1, -offset)
    window = layer.op.window(graph.input_shapes(layer))
    return _windows(before, window.size[axis], window.stride[axis], window.padding)


def _windows(before: Reach, size: int, stride: int, padding: int) -> Reach:
    """Return each place reads `size` places, from `stride` times its own number on."""
    period = before.period // gcd(before.period, stride)
    starts = [place * stride - padding for place in range(period)]
    seen = [before.over(start, start + size - 1) for start in starts]
    return _reach(seen, before.step * period * stride // before.period)


def _spread(before: Reach, op: ConvTranspose2d) -> Reach:
    """Return each place is written by those whose kernel reaches it."""
    places = [place + op.padding for place in range(before.period * op.stride)]
    seen = [before.over(-((op.kernel - 1 - place) // op.stride), place // op.stride) for place in places]
    return _reach(seen, before.step)


def _together(inputs: list[Reach]) -> Reach:
    """Of maps that are added up or stand side by side: what any of them sees."""
    period = lcm(*(one.period for one in inputs))
    seen = [[one.over(place, place) for one in inputs] for place in range(period)]
    ends = [(min(first for first, _ in both), max(last for _, last in both)) for both in seen]
    return _reach(ends, inputs[0].step * period // inputs[0].period)


def _reach(seen: list[tuple[int, int]], step: int) -> Reach:
    return Reach(tuple(first for first, _ in seen), tuple(last for _, last in seen), step)
