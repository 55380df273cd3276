"""Finds the shortcuts in a recorded graph: where a sum adds x to F(x), the side with fewer layers is the shortcut.

"Deep Residual Learning", section 3.2: the shortcut is the identity, or a projection with its normalization. A sum of
two sides that are alike in depth is none.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import networkx

from resviz.nets.graph import Graph

if TYPE_CHECKING:
    from resviz.nets.graph import Layer

_ROOT = ""
"""A node before all inputs, so that each layer has a dominator."""
_ON_SHORTCUT = frozenset(
    {
        *("conv", "batch norm", "average pool", "avg pool2d", "max pool", "dropout", "layer norm"),
        *("pad", "slice", "pad shortcut"),
    }
)
"""Kinds of layers that a shortcut consists of."""


def mark_shortcuts(graph: Graph) -> Graph:
    """Return the graph with the layers on shortcuts marked. Of a residual sum the shortcut is the second input."""
    sums = [layer for layer in graph.layers if layer.op.kind == "add" and len(layer.inputs) == 2]
    if not sums:
        return graph
    edges = [(source, layer.name) for layer in graph.layers for source in layer.inputs or (_ROOT,)]
    dominators = networkx.immediate_dominators(networkx.DiGraph(edges), _ROOT)
    changed: dict[str, Layer] = {}
    for total in sums:
        sides = {end: _shortcut(graph, end, dominators[total.name]) for end in total.inputs}
        found = [end for end, side in sides.items() if side is not None]
        if len(found) == 2:  # both could be one: the shorter is, if it is shorter
            found.sort(key=lambda end: len(sides[end] or ()))
            if len(sides[found[0]] or ()) == len(sides[found[1]] or ()):
                continue
        if not found:
            continue
        shortcut = found[0]
        residual = next(end for end in total.inputs if end != shortcut)
        changed[total.name] = replace(changed.get(total.name, total), inputs=(residual, shortcut))
        for layer in sides[shortcut] or ():
            # A projection may be a module of its own: it belongs to the block whose sum it leads to.
            changed[layer.name] = replace(changed.get(layer.name, layer), on_shortcut=True, block=total.block)
    return Graph(graph.name, tuple(changed.get(layer.name, layer) for layer in graph.layers))


def _shortcut(graph: Graph, end: str, source: str) -> list[Layer] | None:
    """Return the layers from a block's input to the end of one side, if that side can be a shortcut."""
    found: list[Layer] = []
    while end != source:
        if end == _ROOT:
            return None
        layer = graph[end]
        alone = len(layer.inputs) == 1 and len(graph.consumers[end]) == 1
        if not alone or layer.op.kind not in _ON_SHORTCUT or sum(one.op.weighted for one in (*found, layer)) > 1:
            return None
        found.append(layer)
        end = layer.inputs[0]
    return found
