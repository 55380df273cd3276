"""A graph's modules: each layer in one of them, and runs of modules that are alike put together."""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resviz.analysis.module_tree import Module, ModuleTree, Repeat, layers_of, module_tree
from resviz.nets.graph import Graph, GraphBuilder
from resviz.nets.ops import Add, Conv2d, ReLU


def chain(names: list[str], channels: int = 4) -> Graph:
    builder = GraphBuilder("net", (channels, 8, 8))
    last = builder.input
    for name in names:
        last = builder.add(name, Conv2d(channels, channels, 1), last)
    return builder.build()


def residual(builder: GraphBuilder, name: str, source: str) -> str:
    inner = builder.add(f"{name}.conv", Conv2d(4, 4, 1), source)
    return builder.add(f"{name}.add", Add(), builder.add(f"{name}.relu", ReLU(), inner), source)


def blocks(count: int) -> tuple[GraphBuilder, list[str]]:
    builder = GraphBuilder("net", (4, 8, 8))
    ends = [builder.input]
    for number in range(count):
        ends.append(residual(builder, f"body.{number}", ends[-1]))
    return builder, ends[1:]


def runs(graph: Graph) -> list[list[str]]:
    return [[module.path for module in run.modules] for run in module_tree(graph).repeats()]


def test_a_run_of_blocks_is_put_together() -> None:
    builder, _ends = blocks(5)
    graph = builder.build()
    assert runs(graph) == [[f"body.{number}" for number in range(5)]]
    (run,) = module_tree(graph).repeats()
    assert run.path == "body.0 … body.4"


def test_a_block_whose_output_is_read_elsewhere_ends_a_run() -> None:
    builder, ends = blocks(5)
    builder.add("skip", Add(), ends[-1], ends[1])
    assert runs(builder.build()) == [["body.0", "body.1"], ["body.2", "body.3", "body.4"]]


def test_what_every_block_reads_from_outside_does_not_end_a_run() -> None:
    builder = GraphBuilder("net", (4, 8, 8))
    mask = builder.add("mask", Conv2d(4, 4, 1), builder.input)
    last = mask
    for number in range(4):
        inner = builder.add(f"body.{number}.conv", Conv2d(4, 4, 1), last)
        last = builder.add(f"body.{number}.add", Add(), inner, mask)
    assert runs(builder.build()) == [["body.0", "body.1", "body.2", "body.3"]]


def test_branches_beside_each_other_are_no_run() -> None:
    builder = GraphBuilder("net", (4, 8, 8))
    ends = []
    for number in range(2):
        inner = builder.add(f"body.{number}.conv", Conv2d(4, 4, 1), builder.input)
        ends.append(builder.add(f"body.{number}.relu", ReLU(), inner))
    builder.add("add", Add(), *ends)
    assert runs(builder.build()) == []


def test_blocks_of_another_width_are_no_run() -> None:
    builder = GraphBuilder("net", (4, 8, 8))
    last = builder.input
    for number, width in enumerate((4, 4, 8, 8)):
        before = builder.shape(last)[0]
        inner = builder.add(f"body.{number}.conv", Conv2d(before, width, 1), last)
        last = builder.add(f"body.{number}.relu", ReLU(), inner)
    assert runs(builder.build()) == [["body.0", "body.1"]]


def test_modules_that_hold_one_thing_only_are_left_out() -> None:
    tree = module_tree(chain(["a.b.conv1", "a.b.conv2", "c.d.e", "f"]))
    assert [part.path if isinstance(part, Module) else part for part in tree.root.parts] == [
        "input",
        "a.b",
        "c.d.e",
        "f",
    ]
    assert [module.path for module in tree.chain("a.b.conv2")] == ["a.b"]
    assert tree.chain("f") == []


NAMES = st.lists(
    st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=4).map(".".join), unique=True, max_size=14
)


@given(NAMES)
@settings(max_examples=150)
def test_every_layer_is_in_one_module_and_runs_are_isomorphic(names: list[str]) -> None:
    graph = chain(names)
    tree = module_tree(graph)
    order = [layer.name for layer in graph.layers]
    assert sorted(tree.around, key=order.index) == order
    assert list(tree.root.layers) == order
    for module in tree.modules():
        assert sorted(name for part in module.parts for name in layers_of(part)) == sorted(module.layers)
        assert len(module.parts) > 1 or not module.path
    check_runs(tree)


@pytest.mark.parametrize("count", [2, 3, 7])
def test_a_run_of_residual_blocks_is_isomorphic(count: int) -> None:
    tree = module_tree(blocks(count)[0].build())
    assert any(isinstance(part, Repeat) for part in tree.root.parts) or next(tree.repeats())
    check_runs(tree)


def check_runs(tree: ModuleTree) -> None:
    """Hold the runs against networkx, which tries every way to lay one module over another."""
    drawn = tree.graph.to_networkx()
    for run in tree.repeats():
        parts = [drawn.subgraph(module.layers) for module in run.modules]
        for part in parts[1:]:
            assert nx.is_isomorphic(parts[0], part, node_match=lambda a, b: a["label"] == b["label"])
        for one, other in zip(run.modules, run.modules[1:], strict=False):
            assert any(drawn.has_edge(a, b) for a in one.layers for b in other.layers)
