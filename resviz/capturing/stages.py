"""The stages of a captured net: the modules that share most of it among them, as rows share a depth table."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from resviz.nets.graph import Graph

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST = 0.6
"""A module with more than this share of the layers is no stage: those inside it are."""


def name_stages(graph: Graph) -> Graph:
    """Return the graph with a stage for each layer that is in a module."""
    paths = [tuple(filter(None, layer.block.split("."))) for layer in graph.layers]
    around = _around_stages(paths)
    depth = len(around)
    layers = [
        replace(layer, stage=".".join(path[: depth + 1] if path[:depth] == around else path[:1]))
        for layer, path in zip(graph.layers, paths, strict=True)
    ]
    return Graph(graph.name, tuple(layers))


def _around_stages(paths: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the path of the innermost module that holds most layers, in at least two modules."""
    around: tuple[str, ...] = ()
    while True:
        depth = len(around)
        inside = [path for path in paths if path[:depth] == around]
        children = Counter(path[depth] for path in inside if len(path) > depth)
        if not children:
            return around[:-1]
        name, most = children.most_common(1)[0]
        if most <= _MOST * len(paths):
            return around
        around = (*around, name)
