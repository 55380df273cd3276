"""Which boxes show a net of modules, and where they stand."""

from __future__ import annotations

import itertools
from xml.etree import ElementTree

import graphlay
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resviz.analysis.module_tree import ModuleTree, module_tree
from resviz.analysis.nested_layout import Area, NestedLayout, in_column, lay_out
from resviz.analysis.nested_picture import (
    MANY_READERS,
    NestedPicture,
    count_boxes,
    draw,
    first_opened,
    levels,
)
from resviz.analysis.svg_picture import svg_picture
from resviz.nets.build import build
from resviz.nets.catalogue import find
from resviz.nets.graph import Graph, GraphBuilder
from resviz.nets.ops import Add, Conv2d


@st.composite
def trees(drawing: st.DrawFn) -> ModuleTree:
    """Graphs of up to 25 layers in modules; each layer reads one or two of those before it."""
    builder = GraphBuilder("net", (4, 8, 8))
    names = [builder.input]
    paths = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3).map(".".join)
    for path in drawing(st.lists(paths, min_size=1, max_size=25, unique=True)):
        first = drawing(st.sampled_from(names[-4:]))
        second = drawing(st.sampled_from(names))
        op = Add() if drawing(st.booleans()) else Conv2d(4, 4, 1)
        names.append(builder.add(f"{path}.x", op, *([first, second] if isinstance(op, Add) else [first])))
    return module_tree(builder.build())


def no_cost(layers: object) -> str:
    return ""


def all_open(tree: ModuleTree) -> frozenset[str]:
    return levels(tree)[-1] | {run.path for run in tree.repeats()}


def quotient(graph: Graph, picture: NestedPicture) -> set[tuple[int, int]]:
    """Return every pair of boxes of which one reads the other."""
    places = picture.places
    pairs = {(places[source], places[layer.name]) for layer in graph.layers for source in layer.inputs}
    return {(start, end) for start, end in pairs if start != end}


@given(trees(), st.integers(0, 4))
@settings(max_examples=120, deadline=None)
def test_every_layer_is_in_one_box_and_every_connection_is_a_line_or_named(tree: ModuleTree, level: int) -> None:
    opened = all_open(tree) if level == 4 else levels(tree)[min(level, len(levels(tree)) - 1)]
    opened |= {run.path for run in tree.repeats()}  # nothing is drawn once for several
    picture = draw(tree, opened, no_cost)
    shown = [layer for node in picture.nodes for layer in node.layers]
    assert sorted(shown) == sorted(layer.name for layer in tree.graph.layers)
    assert len(picture.nodes) == count_boxes(tree, opened)
    naming = [end for end, node in enumerate(picture.nodes) if node.reads]
    lines = set(picture.edges)
    wanted = quotient(tree.graph, picture)
    assert lines <= wanted
    assert all(end in naming for _start, end in wanted - lines)
    assert sum(len(node.reads) for node in picture.nodes) == len(wanted - lines)


@given(trees(), st.booleans())
@settings(max_examples=120, deadline=None)
def test_nothing_overlaps_and_boxes_are_in_their_frames(tree: ModuleTree, tangled: bool) -> None:
    picture = draw(tree, all_open(tree), no_cost)
    layout = in_column(picture) if tangled else lay_out(picture)
    check_areas(picture, layout)


def check_areas(picture: NestedPicture, layout: NestedLayout) -> None:
    assert len(layout.nodes) == len(picture.nodes)
    assert len(layout.edges) == len(picture.edges)
    for index, one in enumerate(layout.nodes):
        assert not any(overlap(one, other) for other in layout.nodes[index + 1 :])
        frame = picture.nodes[index].frame
        for other, area in enumerate(layout.frames):
            around = frame
            while around not in (-1, other):
                around = picture.frames[around].outer
            assert contains(area, one) if around == other else not overlap(area, one)
    for inner, area in zip(picture.frames, layout.frames, strict=True):
        assert inner.outer < 0 or contains(layout.frames[inner.outer], area)


def overlap(a: Area, b: Area) -> bool:
    return (
        a.x < b.x + b.width - 0.01
        and b.x < a.x + a.width - 0.01
        and a.y < b.y + b.height - 0.01
        and b.y < a.y + a.height - 0.01
    )


def contains(outer: Area, inner: Area) -> bool:
    return (
        outer.x - 0.01 <= inner.x
        and outer.y - 0.01 <= inner.y
        and inner.x + inner.width <= outer.x + outer.width + 0.01
        and inner.y + inner.height <= outer.y + outer.height + 0.01
    )


@pytest.mark.parametrize("name", ["resnet50", "googlenet", "vgg16", "cifar-resnet110"])
def test_real_nets_are_drawn_downwards_and_always_alike(name: str) -> None:
    graph = build(find(name))
    tree = module_tree(graph)
    for opened in (*levels(tree), all_open(tree)):
        picture = draw(tree, opened, no_cost)
        layout = lay_out(picture)
        check_areas(picture, layout)
        assert layout == lay_out(draw(module_tree(graph), opened, no_cost))
        for line in layout.edges:
            assert line[0][1] < line[-1][1], "lines lead down"


def test_at_first_as_many_levels_are_open_as_can_be_looked_at() -> None:
    tree = module_tree(build(find("resnet50")))
    assert 10 <= count_boxes(tree, first_opened(tree)) <= 32


def test_a_run_is_drawn_once_with_its_number() -> None:
    tree = module_tree(build(find("resnet50")))
    closed = draw(tree, levels(tree)[1], lambda layers: f"{len(layers)} layers")
    (run,) = [node for node in closed.nodes if node.times == 5]
    assert run.note == "50 layers"
    opened = draw(tree, levels(tree)[1] | {run.opens}, no_cost)
    (frame,) = [frame for frame in opened.frames if frame.times == 5]
    inside = [node for node in opened.nodes if opened.frames[node.frame] == frame]
    assert [len(node.layers) for node in inside] == [5] * 10
    assert len(opened.places) == len(tree.graph.layers)
    each = draw(tree, levels(tree)[1] | {run.run}, no_cost)
    assert len(each.nodes) == len(closed.nodes) + 4


def test_what_many_boxes_read_is_named_in_them() -> None:
    builder = GraphBuilder("net", (4, 8, 8))
    mask = last = builder.add("mask", Conv2d(4, 4, 1), builder.input)
    for number in range(MANY_READERS + 2):
        last = builder.add(f"add{number}", Add(), last, mask)
    picture = draw(module_tree(builder.build()), frozenset(), no_cost)
    assert all((1, end) not in picture.edges for end in range(3, len(picture.nodes)))
    assert picture.nodes[5].reads == ("mask",)


def test_a_picture_that_is_too_tangled_is_a_column(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise graphlay.GraphlayError("limit")

    monkeypatch.setattr(graphlay, "layout", refuse)
    tree = module_tree(build(find("googlenet")))
    picture = draw(tree, all_open(tree), no_cost)
    check_areas(picture, lay_out(picture))


@pytest.mark.parametrize("level", [None, 0, 9])
@pytest.mark.parametrize("name", ["resnet50", "googlenet"])
def test_the_picture_is_svg_with_every_box(name: str, level: int | None) -> None:
    graph = build(find(name))
    svg = ElementTree.fromstring(svg_picture(graph, level))
    tree = module_tree(graph)
    opened = first_opened(tree) if level is None else levels(tree)[min(level, len(levels(tree)) - 1)]
    groups = svg.findall("{*}g")
    assert len(groups) == count_boxes(tree, opened)
    left, top, width, height = map(float, svg.attrib["viewBox"].split())
    for rect in svg.iter("{http://www.w3.org/2000/svg}rect"):
        x, y = float(rect.attrib["x"]), float(rect.attrib["y"])
        assert left <= x <= x + float(rect.attrib["width"]) <= left + width
        assert top <= y <= y + float(rect.attrib["height"]) <= top + height


def test_names_are_text_in_the_svg() -> None:
    builder = GraphBuilder("<script>", (4, 8, 8))
    builder.add("<b>&</b>", Conv2d(4, 4, 1), builder.input)
    svg = svg_picture(builder.build())
    assert "<script>" not in svg
    assert "<b>" not in svg
    ElementTree.fromstring(svg)


def test_the_sheets_of_a_box_lie_behind_it_to_the_right_and_below() -> None:
    svg = ElementTree.fromstring(svg_picture(build(find("resnet50")), 0))
    found = 0
    for group in svg.findall("{*}g"):
        boxes = [(float(one.attrib["x"]), float(one.attrib["y"])) for one in group.findall("{*}rect")]
        for behind, before in itertools.pairwise(boxes):
            found += 1
            assert (behind[0] - before[0], behind[1] - before[1]) == pytest.approx((3, 3), abs=0.11)
    assert found


def test_a_box_with_many_readers_keeps_its_line_to_the_next_one() -> None:
    """Many read it, and only those further on name it; a box that few read has lines to all of them."""
    builder = GraphBuilder("hub", (4, 8, 8))
    hub = builder.add("hub", Conv2d(4, 4, 1), builder.input)
    last = hub
    for number in range(12):
        last = builder.add(f"add{number}", Add(), builder.add(f"conv{number}", Conv2d(4, 4, 1), last), hub)
    picture = draw(module_tree(builder.build()), frozenset(), lambda layers: "")
    names = [node.layers[0] for node in picture.nodes]
    drawn = {(names[start], names[end]) for start, end in picture.edges}
    assert ("hub", "conv0") in drawn
    assert ("hub", "add5") not in drawn
    assert picture.nodes[names.index("add5")].reads == ("hub",)
    assert picture.nodes[names.index("conv5")].reads == ()
    assert ("add4", "conv5") in drawn
    assert ("conv5", "add5") in drawn
    few = GraphBuilder("few", (4, 8, 8))
    start = few.add("start", Conv2d(4, 4, 1), few.input)
    end = few.add("end", Add(), few.add("b", Conv2d(4, 4, 1), few.add("a", Conv2d(4, 4, 1), start)), start)
    picture = draw(module_tree(few.build()), frozenset(), lambda layers: "")
    names = [node.layers[0] for node in picture.nodes]
    assert (names.index("start"), names.index(end)) in picture.edges, "a long line of a box that few read is drawn"
