"""The picture of a net stands for every layer of it."""

import pytest
from hypothesis import assume, given, settings

from resviz.gui.graph.layout import lay_out
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.nets.spec import NetSpec
from tests.helpers.net_strategies import buildable, net_specs


@given(net_specs())
@settings(max_examples=60, deadline=None)
def test_every_layer_of_any_net_is_in_one_box_or_arc(spec: NetSpec) -> None:
    assume(buildable(spec))
    graph = build(spec)
    picture = lay_out(graph)
    drawn = [name for part in (*picture.boxes, *picture.arcs) for name in part.layers]  # type: ignore[attr-defined]
    assert sorted(drawn) == sorted(layer.name for layer in graph.layers)
    for above, below in picture.links:
        assert picture.boxes[above].row + picture.boxes[above].rows <= picture.boxes[below].row
    places = [(box.lane, box.row) for box in picture.boxes]
    assert len(set(places)) == len(places), "no box lies on another"
    if not any(layer.branch or layer.auxiliary for layer in graph.layers):
        assert [box.row for box in picture.boxes] == list(range(len(picture.boxes)))


def test_boxes_say_what_a_lecturer_would_write() -> None:
    labels = [box.label for box in lay_out(build(catalogue.find("resnet34"))).boxes]
    assert labels[:4] == ["image 3×224×224", "7×7 conv, 64, /2", "3×3 max pool, /2", "3×3 conv, 64"]
    assert labels[-2:] == ["average pool", "fc, 1000"]
    assert len(labels) == 34 + 3


@pytest.mark.parametrize(("shortcut", "dotted"), [("A", 4), ("B", 4), ("C", 4)])
def test_dotted_means_that_dimensions_grow_whatever_the_option(shortcut: str, dotted: int) -> None:
    picture = lay_out(build(catalogue.find("resnet50").with_options(shortcut=shortcut)))
    assert sum(arc.dotted for arc in picture.arcs) == dotted


@pytest.mark.parametrize(("shortcut", "projections"), [("A", 0), ("B", 3), ("C", 16)])
def test_a_projection_is_told_from_an_identity(shortcut: str, projections: int) -> None:
    picture = lay_out(build(catalogue.find("resnet34").with_options(shortcut=shortcut)))
    assert sum(arc.projection for arc in picture.arcs) == projections


def test_a_plain_net_has_no_arcs() -> None:
    assert not lay_out(build(catalogue.find("plain34"))).arcs
