"""The paths through a net, by networkx: how long, how many, and which layers lie on all of them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from resviz.nets.graph import Graph


def longest_path(graph: Graph) -> list[str]:
    """Return the layers of a longest path from the input to an output, counted in weight layers."""
    import networkx

    path: list[str] = networkx.dag_longest_path(graph.to_networkx(), weight="weighted", default_weight=0)
    return path


def bottlenecks(graph: Graph) -> list[str]:
    """Return the layers that every gradient from the output to the input passes through, from the input on.

    They are the dominators of the output: the sums of a residual net, but none of the layers between two sums.
    """
    import networkx

    dominators = networkx.immediate_dominators(graph.to_networkx(), graph.layers[0].name)
    found = [graph.output.name]
    while found[-1] != graph.layers[0].name:
        found.append(dominators[found[-1]])
    return found[::-1]


def path_counts(graph: Graph) -> dict[int, int]:
    """Return how many paths from the input to the output have how many weight layers.

    A residual net of n blocks has 2^n paths (Veit, Wilber and Belongie 2016, arXiv 1605.06431, section 3.1): each
    block is gone through or passed by. Counted layer by layer, since no list of them would fit into memory.
    """
    counts: dict[str, Counter[int]] = {graph.layers[0].name: Counter({0: 1})}
    for layer in graph.layers[1:]:
        arriving: Counter[int] = Counter()
        for name in layer.inputs:
            arriving.update(counts[name])
        own = int(layer.counts_as_depth)
        counts[layer.name] = Counter({length + own: count for length, count in arriving.items()})
    return dict(sorted(counts[graph.output.name].items()))


def to_graphml(graph: Graph) -> bytes:
    """Return the net as GraphML, which yEd, Gephi and Cytoscape open."""
    import networkx

    return "\n".join(networkx.generate_graphml(graph.to_networkx(), named_key_ids=True)).encode()


def to_node_link(graph: Graph) -> bytes:
    """Return the net as node-link JSON, which D3 and networkx read."""
    import json

    import networkx

    return json.dumps(networkx.node_link_data(graph.to_networkx(), edges="links"), indent=1).encode()
