"""Whether a net that Resviz did not build is a ResNet, a VGG or a plain net, and then its depth table.

A table is read from the structure: kernels, filters, strides and sums, whatever the modules are called. Then the net of
that table is built, and both are compared from the output to the input. Only a table whose net does the same is given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from resviz.analysis.table_reading import read_tables
from resviz.base.errors import NetError
from resviz.base.translation import _
from resviz.nets.build import build
from resviz.nets.op import format_shape
from resviz.nets.ops.recorded import Recorded
from resviz.nets.spec import validate

if TYPE_CHECKING:
    from resviz.nets.graph import Graph, Layer
    from resviz.nets.spec import NetSpec

_PASSING = ("flatten", "identity")
"""Kinds of layers that change no value."""


@dataclass(frozen=True)
class Recognition:
    """The depth table of a net, or why it has none.

    `names` are the names that its layers have in the table's net: weights of "conv1" there belong to `names["conv1"]`.
    """

    spec: NetSpec | None
    names: dict[str, str]
    reason: str = ""


def recognise(graph: Graph) -> Recognition:
    """Return the depth table whose net does the same as this one."""
    try:
        tables = read_tables(graph)
    except NetError as error:
        return Recognition(None, {}, str(error))
    reason = ""
    for values in tables:
        try:
            spec = validate(values)
            names = matching_layers(graph, build(spec))
        except NetError as error:
            reason = reason or str(error)
        else:
            return Recognition(spec, names)
    return Recognition(None, {}, reason)


def matching_layers(graph: Graph, other: Graph) -> dict[str, str]:
    """Return for each layer of a net that of another that does the same. Raise NetError where they part."""
    pairs: dict[str, str] = {}
    waiting = [(graph.output.name, other.output.name)]
    while waiting:
        first, second = _passing(graph, waiting[0][0]), _passing(other, waiting.pop(0)[1])
        if pairs.get(first.name) == second.name:
            continue
        if first.name in pairs or not _same(first, second):
            raise NetError(_difference(first, second))
        pairs[first.name] = second.name
        sources = _in_order(graph, other, first, second)
        if len(first.inputs) != len(sources):
            raise NetError(_difference(first, second))
        waiting += zip(first.inputs, sources, strict=True)
    return pairs


def _passing(graph: Graph, name: str) -> Layer:
    """Return the layer that makes what a layer gives: not one that only passes it on."""
    layer = graph[name]
    while layer.op.kind in _PASSING or (layer.op.kind == "dropout" and not getattr(layer.op, "p", 1)):
        layer = graph[layer.inputs[0]]
    return layer


def _same(first: Layer, second: Layer) -> bool:
    if _is_mean(first) and second.op.kind == "average pool":
        return True
    return first.op == second.op and first.shape == second.shape


def _is_mean(layer: Layer) -> bool:
    """Return whether a layer is a mean over all places of a map, as some write a global average pool."""
    return isinstance(layer.op, Recorded) and layer.op.kind == "mean" and layer.shape[1:] in ((), (1, 1))


def _in_order(graph: Graph, other: Graph, first: Layer, second: Layer) -> tuple[str, ...]:
    """Return what the second layer reads, in the order of the first: a sum may be written either way round."""
    if first.op.kind != "add" or len(second.inputs) != 2:
        return second.inputs
    ours, theirs = [_passing(graph, name) for name in first.inputs], [_passing(other, name) for name in second.inputs]
    straight = all(_same(a, b) for a, b in zip(ours, theirs, strict=True))
    crossed = all(_same(a, b) for a, b in zip(ours, reversed(theirs), strict=True))
    return second.inputs[::-1] if crossed and not straight else second.inputs


def _difference(first: Layer, second: Layer) -> str:
    def said(layer: Layer) -> dict[str, Any]:
        return {"what": layer.op.label(), "shape": format_shape(layer.shape)}

    return _("{layer} is {what} to {shape}, where a depth table has {other}").format(
        layer=first.name, **said(first), other=f"{second.op.label()} → {format_shape(second.shape)}"
    )
