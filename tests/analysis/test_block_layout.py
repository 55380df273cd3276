"""Every operation of a block has a mark, every connection an arrow, and different units different pictures."""

from collections.abc import Iterator

import pytest
from hypothesis import assume, given, settings

from resviz.analysis.block_layout import Arrow, BlockLayout, Gradient, Mark, lay_out_block
from resviz.base.errors import NetError
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.nets.graph import Graph
from resviz.nets.ops import Conv2d
from resviz.nets.spec import NetSpec
from tests.helpers.net_strategies import buildable, net_specs

FIGURE_4 = {
    "original": {},
    "BN after addition": {"norm_place": "addition"},
    "ReLU before addition": {"activation_place": "before"},
    "ReLU-only pre-activation": {"unit": "preactivation", "norm_place": "convolution"},
    "full pre-activation": {"unit": "preactivation"},
}


def layouts(graph: Graph) -> Iterator[BlockLayout]:
    for name in graph.block_names:
        yield lay_out_block(graph, name)


def named(net: str, block: str, **options: str) -> BlockLayout:
    return lay_out_block(build(catalogue.find(net).with_options(**options)), block)


def texts(layout: BlockLayout) -> list[str]:
    return [mark.text for mark in layout.marks]


@given(net_specs())
@settings(max_examples=60, deadline=None)
def test_of_any_net_every_layer_is_a_mark_and_every_connection_an_arrow(spec: NetSpec) -> None:
    assume(buildable(spec))
    graph = build(spec)
    for layout in layouts(graph):
        layers = [layer for layer in graph.layers if layer.block == layout.name]
        assert {mark.layer for mark in layout.marks} == {layer.name for layer in layers}

        def end(index: int, layout: BlockLayout = layout) -> str:
            return layout.marks[index].layer if index >= 0 else layout.input

        drawn = {(end(arrow.source), end(arrow.target)) for arrow in layout.arrows}
        assert drawn == {(name, layer.name) for layer in layers for name in layer.inputs}
        for arrow in layout.arrows:
            assert layout.place(arrow.source)[0] < layout.marks[arrow.target].row, "arrows lead down"
        places = [(mark.row, mark.lane) for mark in layout.marks]
        assert len(set(places)) == len(places), "no mark covers another"


@pytest.mark.parametrize("name", ["googlenet", "cifar-fractalnet20", "cifar-highway20", "resnext50-32x4d", "mlp5"])
def test_no_mark_of_a_branching_net_covers_another(name: str) -> None:
    for layout in layouts(build(catalogue.find(name))):
        places = [(mark.row, mark.lane) for mark in layout.marks]
        assert len(set(places)) == len(places)


def test_the_units_of_figure_4_are_five_different_pictures() -> None:
    found = {words: tuple(texts(named("cifar-resnet20", "layer1.1", **options))) for words, options in FIGURE_4.items()}
    assert len(set(found.values())) == 5
    conv = "3×3 conv, 16"
    assert found["original"] == (conv, "batch norm", "ReLU", conv, "batch norm", "+", "ReLU")
    assert found["BN after addition"] == (conv, "batch norm", "ReLU", conv, "+", "batch norm", "ReLU")
    assert found["ReLU before addition"] == (conv, "batch norm", "ReLU", conv, "batch norm", "ReLU", "+")
    assert found["full pre-activation"] == ("batch norm", "ReLU", conv, "batch norm", "ReLU", conv, "+")


def test_options_a_b_and_c_draw_what_is_on_the_shortcut() -> None:
    def shortcut(block: str, option: str) -> list[str]:
        return [mark.text for mark in named("resnet34", block, shortcut=option).marks if mark.lane == 1]

    assert shortcut("layer2.0", "A") == ["zeros added, /2"]
    assert shortcut("layer2.0", "B") == ["1×1 conv, 128, /2", "batch norm"]
    assert shortcut("layer2.1", "B") == []
    assert shortcut("layer2.1", "C") == ["1×1 conv, 128", "batch norm"]


def test_an_identity_shortcut_passes_at_the_right_of_what_is_between() -> None:
    layout = named("resnet34", "layer1.1")
    (arrow,) = [arrow for arrow in layout.arrows if arrow.way == "shortcut"]
    assert arrow.source == -1
    assert texts(layout)[arrow.target] == "+"
    assert layout.side_lane(arrow) > max(mark.lane for mark in layout.marks)
    assert all(layout.side_lane(other) == 0 for other in layout.arrows if other is not arrow)


def test_a_highway_has_two_gates_and_says_what_it_sums() -> None:
    layout = named("cifar-highway20", "layer1.1")
    assert [mark.text for mark in layout.marks].count("sigmoid") == 2
    assert [mark.formula for mark in layout.marks if mark.text == "+"] == ["H·T + x·(1 − T)"] * 2
    assert sum(arrow.way == "gate" for arrow in layout.arrows) == 2


def test_a_grouped_convolution_is_drawn_as_branches_that_have_its_parameters() -> None:
    """Figure 3b of "Aggregated Residual Transformations"."""
    graph = build(catalogue.find("resnext50-32x4d"))
    layout = lay_out_block(graph, "layer1.1")
    branches = [mark for mark in layout.marks if mark.layer == "layer1.1.conv2"]
    assert [mark.text for mark in branches] == ["3×3 conv, 4"] * 3
    op = graph["layer1.1.conv2"].op
    assert isinstance(op, Conv2d)
    for mark in branches:
        assert int(mark.detail.split(" parameters")[0]) * op.groups == graph.parameters(graph["layer1.1.conv2"])
    assert len({mark.lane for mark in branches}) == 3
    assert layout.ellipses, "dots stand for the 29 branches that are left out"
    (merged,) = [mark for mark in layout.marks if mark.layer == "layer1.1.conv3"]
    assert merged.text == "1×1 conv, 256"
    assert not any(isinstance(arrow.gradient, Gradient) for arrow in between(layout, branches)), (
        "measured of all together"
    )


def between(layout: BlockLayout, marks: list[Mark]) -> list[Arrow]:
    return [arrow for arrow in layout.arrows if layout.marks[arrow.target] in marks]


def test_the_two_terms_of_eq_5_are_where_x_parts() -> None:
    layout = named("resnet34", "layer1.1")
    parting = {arrow.gradient: arrow for arrow in layout.arrows if arrow.source == -1}
    assert texts(layout)[parting[Gradient("residual", "layer1.1")].target] == "3×3 conv, 64"
    assert texts(layout)[parting[Gradient("shortcut", "layer1.1")].target] == "+"
    responses = [
        arrow.gradient.place for arrow in layout.arrows if arrow.gradient and arrow.gradient.term == "response"
    ]
    assert responses == ["layer1.1.conv1", "layer1.1.conv2"]
    plain = named("plain34", "layer1.1")
    assert {arrow.gradient.term for arrow in plain.arrows if arrow.gradient} == {"response"}
    projected = named("cifar-preresnet20", "layer2.0", shortcut="B")
    (term,) = [arrow for arrow in projected.arrows if arrow.gradient == Gradient("shortcut", "layer2.0")]
    assert texts(projected)[term.source] == "ReLU", "x parts behind the first activation"


def test_a_block_that_is_not_there_is_said() -> None:
    with pytest.raises(NetError, match=r"resnet34 has no block layer9\.0"):
        named("resnet34", "layer9.0")
    assert build(catalogue.find("alexnet")).block_names == ()


def test_branches_stand_about_the_middle_in_their_order() -> None:
    graph = build(catalogue.find("googlenet"))
    block = next(layer.block for layer in graph.layers if layer.branch)
    lanes = {mark.layer: mark.lane for mark in lay_out_block(graph, block).marks}
    of = {layer.branch: lanes[layer.name] for layer in graph.layers if layer.block == block and layer.name in lanes}
    branches = [lane for branch, lane in sorted(of.items()) if branch]
    assert branches == [-1.5, -0.5, 0.5, 1.5]
