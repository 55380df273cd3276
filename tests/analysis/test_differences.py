"""Differences of two nets add up, and are the papers'."""

import pytest
from hypothesis import assume, given, settings

from resviz.analysis.counterparts import find_counterparts
from resviz.analysis.counts import Counts, count
from resviz.analysis.differences import differences, total
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.nets.spec import NetSpec
from tests.helpers.net_strategies import buildable, net_specs

QUANTITIES = ("parameters", "flops", "activations")


def counts(name: str, **options: object) -> Counts:
    return count(build(catalogue.find(name).with_options(**options)))


@given(net_specs(), net_specs())
@settings(max_examples=40, deadline=None)
def test_the_parts_add_up_to_the_difference_of_the_totals(a: NetSpec, b: NetSpec) -> None:
    assume(buildable(a) and buildable(b))
    first, second = count(build(a)), count(build(b))
    for by in ("stage", "kind", "layer"):
        parts = differences(first, second, by)
        for quantity in QUANTITIES:
            delta = sum(part.delta(quantity) for part in parts)
            assert delta == total(first, second).delta(quantity)
            assert delta == getattr(second, quantity) - getattr(first, quantity)


def test_a_net_differs_from_itself_in_nothing() -> None:
    net = counts("resnet50")
    assert not any(part.differs for part in differences(net, net, "layer"))


def test_option_b_costs_its_projections_and_their_normalisation() -> None:
    parts = {part.part: part for part in differences(counts("resnet34"), counts("resnet34", shortcut="B"), "kind")}
    assert parts["projection"].delta("parameters") == 64 * 128 + 128 * 256 + 256 * 512
    assert parts["batch norm"].delta("parameters") == 2 * (128 + 256 + 512)
    assert parts["conv"].delta("parameters") == 0


def test_stride_in_the_3x3_costs_231_million_multiply_adds_and_no_parameter() -> None:
    difference = total(counts("resnet50"), counts("resnet50", stride_in="3x3"))
    assert difference.delta("flops") == 4_089_184_256 - 3_857_973_248
    assert difference.delta("parameters") == 0


def test_a_layer_that_only_one_has_says_so_and_one_with_other_settings_how() -> None:
    parts = {p.part: p for p in differences(counts("resnet34"), counts("resnet34", shortcut="C"), "layer")}
    assert parts["layer1.0.downsample.0"].what == "only in the second net: 1×1 conv, 64"
    assert parts["layer2.0.shortcut"].what.startswith("only in the first")
    parts = {p.part: p for p in differences(counts("resnet50"), counts("resnet50", stride_in="3x3"), "layer")}
    assert parts["layer2.0.conv1"].what == "1×1 conv, 128, /2 → 1×1 conv, 128"


def test_of_vgg16s_parameters_nine_tenths_are_in_its_fully_connected_layers() -> None:
    spec = catalogue.find("vgg16")
    (pooled,) = [line_style.spec for line_style in find_counterparts(spec) if "average pool" in line_style.title]
    parts = {part.part: part for part in differences(count(build(spec)), count(build(pooled)), "kind")}
    assert parts["fc"].a.parameters / counts("vgg16").parameters > 0.89
    assert parts["conv"].delta("parameters") == 0


@pytest.mark.parametrize("name", catalogue.names())
def test_every_variant_is_another_net_that_can_be_built(name: str) -> None:
    spec = catalogue.find(name)
    for line_style in find_counterparts(spec):
        assert line_style.title
        assert line_style.source
        if name != "cifar-resnet1202":
            assert build(line_style.spec).layers != build(spec).layers, line_style.title


def test_resnet50_and_34_are_bottleneck_and_basic_of_each_other() -> None:
    titles = {line_style.title: line_style.spec for line_style in find_counterparts(catalogue.find("resnet34"))}
    assert titles["bottleneck blocks"].stages == catalogue.find("resnet50").stages
    titles = {line_style.title: line_style.spec for line_style in find_counterparts(catalogue.find("resnet50"))}
    assert titles["basic blocks"].stages == catalogue.find("resnet34").stages


def test_only_stages_of_two_equal_convolutions_have_a_bottleneck_counterpart() -> None:
    spec = catalogue.find("resnet18")
    titles = [one.title for one in find_counterparts(spec)]
    assert "bottleneck blocks" in titles
    unequal = spec.with_options(stages=["[3x3,64; 3x3,128] x2", *spec.stages[1:]])
    assert "bottleneck blocks" not in [one.title for one in find_counterparts(unequal)]
