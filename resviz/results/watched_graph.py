"""The graph of a watched model, which its run keeps: for pictures of models that no depth table describes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resviz.base.errors import NetError
from resviz.capturing.graph_files import read_graph

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from resviz.nets.graph import Graph

GRAPH_FILE = "model.graph.json"


def watched_graph(folder: Path) -> Graph | None:
    """Return the graph of the model that a run has watched, None if it has none that can be read."""
    try:
        return read_graph(folder / GRAPH_FILE).graph
    except NetError:
        return None


def places_in(graph: Graph, names: Sequence[str]) -> Mapping[str, str]:
    """Return the layer of a graph that each place of a run is, by the place's name.

    A place is a module, and a layer may be a call in it. If a part of the model was called, the graph's names begin
    there.
    """
    found: dict[str, str] = {}
    for name in names:
        for layer in graph.layers:
            path = layer.name.partition(":")[0]
            if any(name == own or name.endswith(f".{own}") for own in (path, path.rpartition(".")[0]) if own):
                found.setdefault(name, layer.name)
                break
    return found
