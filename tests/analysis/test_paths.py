"""Paths through a net, held against listing every one of them."""

from pathlib import Path

import networkx
import pytest
from hypothesis import assume, given, settings

from resviz.analysis.paths import bottlenecks, longest_path, path_counts, to_graphml
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.nets.spec import NetSpec
from tests.helpers.command_line import resviz
from tests.helpers.net_strategies import buildable, net_specs


@given(net_specs())
@settings(max_examples=30, deadline=None)
def test_depth_is_networkx_s_longest_path(spec: NetSpec) -> None:
    assume(buildable(spec))
    graph = build(spec)
    outputs = {layer.name for layer in graph.outputs[1:]}
    assume(not outputs)  # the longest path may lead to another output
    assert sum(graph[name].counts_as_depth for name in longest_path(graph)) == graph.depth


def test_layers_are_in_topological_order() -> None:
    for name in ("googlenet-aux", "cifar-fractalnet20", "fcn8s-resnet101", "faster-rcnn-resnet101"):
        graph = build(catalogue.find(name))
        places = {layer.name: place for place, layer in enumerate(graph.layers)}
        assert all(places[a] < places[b] for a, b in graph.to_networkx().edges)


def test_a_residual_net_of_n_blocks_has_2_to_the_n_paths() -> None:
    for depth in (20, 110):
        blocks = (depth - 2) // 2
        assert sum(path_counts(build(catalogue.find(f"cifar-resnet{depth}"))).values()) == 2**blocks
    assert path_counts(build(catalogue.find("cifar-plain20"))) == {20: 1}


@pytest.mark.parametrize("name", ["cifar-resnet20", "googlenet"])
def test_path_counts_are_those_of_a_list_of_paths(name: str) -> None:
    graph = build(catalogue.find(name))
    if name == "googlenet":  # 4^9 paths are too many to list: the first two modules alone
        graph = build(catalogue.find(name).with_options(stages=[str(catalogue.find(name).stages[0])]))
    lengths = [
        sum(graph[layer].counts_as_depth for layer in path)
        for path in networkx.all_simple_paths(graph.to_networkx(), graph.layers[0].name, graph.output.name)
    ]
    assert path_counts(graph) == {length: lengths.count(length) for length in sorted(set(lengths))}


def test_every_gradient_passes_through_a_residual_net_s_sums_and_all_of_a_plain_net() -> None:
    plain, residual = build(catalogue.find("cifar-plain20")), build(catalogue.find("cifar-resnet20"))
    assert bottlenecks(plain) == [layer.name for layer in plain.layers]
    through = set(bottlenecks(residual))
    assert {block.total for block in residual.residual_blocks} <= through
    assert not any(layer.name in through for layer in residual.layers if layer.block and "conv" in layer.name)


def test_a_net_is_exported_as_graphml(tmp_path: Path) -> None:
    path = tmp_path / "net.graphml"
    resviz("export", "cifar-resnet20", "--to", "graphml", "--out", str(path), check=True)
    read = networkx.read_graphml(path)
    graph = build(catalogue.find("cifar-resnet20"))
    assert path.read_bytes() == to_graphml(graph)
    assert set(read.nodes) == {layer.name for layer in graph.layers}
    parameters = sum(read.nodes[name]["parameters"] for name in read.nodes)
    assert parameters == sum(graph.parameters(layer) for layer in graph.layers)
