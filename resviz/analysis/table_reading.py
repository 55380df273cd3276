"""Reads depth tables from the structure of a net: guesses, which have to be held against the net afterwards."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from resviz.base.errors import NetError
from resviz.base.translation import _
from resviz.nets.ops import AdaptiveAvgPool2d, BatchNorm2d, Conv2d, Dropout, Linear, MaxPool2d
from resviz.nets.ops.recorded import Recorded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resviz.nets.graph import Graph, Layer, ResidualBlock

_ACTIVATIONS = {"relu": "relu", "leaky relu": "leaky_relu", "prelu": "prelu", "sigmoid": "sigmoid", "tanh": "tanh"}
_KNOWN = {
    *("input", "conv", "fc", "batch norm", "max pool", "average pool", "add", "flatten", "dropout", "identity", "mean"),
    *("pad shortcut", "local response norm"),
    *_ACTIVATIONS,
}


def read_tables(graph: Graph) -> list[dict[str, Any]]:
    """Return the values of specs that may be the net's. Raise NetError, with the layer, if there can be none."""
    inputs = [layer for layer in graph.layers if layer.op.kind == "input"]
    if len(inputs) != 1 or len(inputs[0].shape) != 3:
        raise NetError(_("A depth table begins with one image, and this net reads something else."))
    for layer in graph.layers:
        strange = isinstance(layer.op, Recorded) and layer.op.kind != "mean"
        if layer.op.kind not in _KNOWN or strange:
            raise NetError(
                _("{layer}: {what} has no place in a depth table.").format(layer=layer.name, what=layer.op.label())
            )
    if not isinstance(graph.output.op, Linear):
        raise NetError(_("A depth table ends with a fully connected layer, and this net does not."))
    blocks = graph.residual_blocks
    tables = [_residual(graph, blocks)] if blocks else _plain(graph)
    return [_common(graph) | table for table in tables]


def _common(graph: Graph) -> dict[str, Any]:
    """Return the settings that the whole net shares: its input, its classes, its normalization and its head."""
    convolutions = [layer.op for layer in graph.layers if isinstance(layer.op, Conv2d)]
    norms = [layer.op for layer in graph.layers if isinstance(layer.op, BatchNorm2d)]
    activations = [layer.op.kind for layer in graph.layers if layer.op.kind in _ACTIVATIONS]
    assert isinstance(graph.output.op, Linear)
    return {
        "name": graph.name[:80],
        "input": "×".join(map(str, graph.layers[0].shape)),
        "classes": graph.output.op.out_features,
        "norm": "batch" if norms else "none",
        "norm_eps": norms[0].eps if norms else 1e-5,
        "activation": _ACTIVATIONS[activations[0]] if activations else "relu",
        "bias": bool(convolutions and convolutions[0].bias),
        "head": _head(graph),
    }


def _head(graph: Graph) -> str:
    """Return what stands behind the convolutions, but for the last layer."""
    last = max((place for place, layer in enumerate(graph.layers) if layer.op.kind == "conv"), default=0)
    parts = []
    for layer in graph.layers[last + 1 : -1]:
        op = layer.op
        if isinstance(op, AdaptiveAvgPool2d) or op.kind == "mean":
            size = getattr(op, "size", 1)
            parts.append("average pool" if size == 1 else f"average pool {size}x{size}")
        elif isinstance(op, Linear):
            parts.append(f"fc {op.out_features}")
        elif isinstance(op, Dropout) and op.p:
            parts.append(f"dropout {op.p}")
    return "; ".join(parts)


def _residual(graph: Graph, blocks: Sequence[ResidualBlock]) -> dict[str, Any]:
    order = {layer.name: place for place, layer in enumerate(graph.layers)}
    paths = [_path(graph, block) for block in blocks]
    stem = [layer for layer in graph.layers[1 : order[blocks[0].source] + 1] if not layer.on_shortcut]
    cells = [[layer for layer in path if layer.op.kind == "conv"] for path in paths]
    projects = [any(graph[name].op.kind == "conv" for name in _shortcut(graph, block)) for block in blocks]
    pools = any(graph[name].op.kind == "average pool" for block in blocks for name in _shortcut(graph, block))
    changes = [graph[block.source].shape != graph[block.total].shape for block in blocks]
    strides = [[_conv(layer).stride for layer in cell] for cell in cells]
    inner = any(len(own) > 1 and own[0] == 1 and max(own) > 1 for own in strides)
    before = any(path and path[0].op.kind != "conv" for path in paths)
    return {
        "stem": _stem(stem),
        "stages": _stages(cells),
        "unit": "preactivation" if before else "residual",
        "shortcut": "D" if pools else "C" if all(projects) else "B" if any(projects) or not any(changes) else "A",
        "stride_in": "3x3" if inner else "first",
    }


def _path(graph: Graph, block: ResidualBlock) -> list[Layer]:
    """Return the layers of F, from x to the sum."""
    found: list[Layer] = []
    layer = graph[block.residual]
    while layer.name != block.source:
        found.append(layer)
        if len(layer.inputs) != 1:
            raise NetError(
                _("{layer}: a block with more than one way in F is in no depth table.").format(layer=layer.name)
            )
        layer = graph[layer.inputs[0]]
    return found[::-1]


def _shortcut(graph: Graph, block: ResidualBlock) -> list[str]:
    """Return the layers on the way past F."""
    found, name = [], block.shortcut
    while name != block.source:
        found.append(name)
        name = graph[name].inputs[0]
    return found


def _plain(graph: Graph) -> list[dict[str, Any]]:
    """Return tables of a net without sums: its stages end at pools, or begin with a stride; or it is all stem."""
    last = max((place for place, layer in enumerate(graph.layers) if layer.op.kind == "conv"), default=0)
    behind = [place for place, layer in enumerate(graph.layers) if place > last and isinstance(layer.op, MaxPool2d)]
    trunk = list(graph.layers[1 : (behind[0] if behind else last) + 1])
    chosen = [layer for layer in trunk if layer.op.kind in ("conv", "max pool")]
    tables = []
    if any(layer.op.kind == "max pool" for layer in chosen):
        parts = [list(own) for pool, own in groupby(chosen, key=lambda layer: layer.op.kind == "max pool") if not pool]
        cells = [f"[{'; '.join(_cell(layer) for layer in part)}] x1" for part in parts]
        tables.append({"unit": "plain", "stages": cells, "shrink": "pool"})
    first = next((place for place, layer in enumerate(chosen) if layer.op.kind == "max pool"), 0)
    cells_of = [[layer] for layer in chosen[first + 1 :] if layer.op.kind == "conv"]
    tables.append({"unit": "plain", "stem": _stem(chosen[: first + 1]), "stages": _stages(cells_of)})
    tables.append({"unit": "plain", "stem": _stem(trunk), "stages": []})
    return tables


def _stages(cells: Sequence[Sequence[Layer]]) -> list[str]:
    """Return rows of the table: blocks that are alike, up to one that strides."""
    stages: list[tuple[str, int]] = []
    for cell in cells:
        text = "; ".join(map(_cell, cell))
        strides = any(_conv(layer).stride > 1 for layer in cell)
        if stages and stages[-1][0] == text and not strides:
            stages[-1] = text, stages[-1][1] + 1
        else:
            stages.append((text, 1))
    return [f"[{text}] x{times}" for text, times in stages]


def _stem(layers: Sequence[Layer]) -> str:
    parts = []
    for layer in layers:
        op = layer.op
        if isinstance(op, Conv2d | MaxPool2d):
            part = _cell(layer) if isinstance(op, Conv2d) else f"{op.kernel}x{op.kernel} max pool"
            part += f",/{op.stride}" if op.stride > 1 else ""
            usual = (op.kernel - 1) // 2
            rounds_up = isinstance(op, MaxPool2d) and op.ceil
            part += f",pad {op.padding}" if op.padding != usual or rounds_up else ""
            parts.append(part + (",ceil" if rounds_up else ""))
        elif op.kind == "local response norm":
            parts.append("LRN")
    return "; ".join(parts)


def _cell(layer: Layer) -> str:
    op = _conv(layer)
    return f"{op.kernel}x{op.kernel},{op.out_channels}" + (f",C={op.groups}" if op.groups > 1 else "")


def _conv(layer: Layer) -> Conv2d:
    assert isinstance(layer.op, Conv2d)
    return layer.op
