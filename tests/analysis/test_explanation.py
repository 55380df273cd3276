"""Every number can be explained, and the sum that explains it comes to the number."""

import re

import pytest
from hypothesis import assume, given, settings

from resviz.analysis.claims.facts import flops_claim
from resviz.analysis.counts import COUNTING_BOTH, MULTIPLY_ADDS, count
from resviz.analysis.explanation import Explanation, ExplanationLine, explain_claim, explain_layer, explain_total
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.nets.graph import Graph
from resviz.nets.op import format_shape
from resviz.nets.spec import NetSpec
from tests.helpers.net_strategies import buildable, net_specs

QUANTITIES = ("parameters", "flops", "output", "field", "activations")


def net(name: str, **options: object) -> Graph:
    return build(catalogue.find(name).with_options(**options))


def comes_to(line: ExplanationLine) -> int:
    """The sum as a pocket calculator would take it: digits and signs only."""
    text = line.formula.replace(" ", "").replace("·", "*").replace("−", "-").replace("/", "//")
    text = re.sub(r"⌈(.+?)//(\d+)⌉", r"-(-\1//\2)", text.replace("⌊", "(").replace("⌋", ")"))
    assert re.fullmatch(r"[\d+*/()-]+", text), text
    return int(eval(text))


def value(text: str) -> int:
    return int(text.replace(" ", ""))


def test_the_sum_of_conv1_is_the_one_on_the_blackboard() -> None:
    graph = net("resnet50")
    flops = explain_layer(graph, graph["conv1"], "flops")
    assert flops.value == "118 013 952"
    assert flops.lines == (ExplanationLine("multiply-adds", "7·7·3·64·112·112", "118 013 952"),)
    assert flops.formula == "kernel height · kernel width · input channels · filters · output height · output width"
    assert flops.convention == MULTIPLY_ADDS.text


def test_a_shortcuts_projection_and_a_normalisation_are_explained_alike() -> None:
    graph = net("resnet50", shortcut="B")
    projection = explain_layer(graph, graph["layer1.0.downsample.0"], "flops")
    assert projection.lines[0].formula == "1·1·64·256·56·56"
    norm = explain_layer(graph, graph["bn1"], "parameters")
    assert norm.lines == (ExplanationLine("scale and shift", "2·64", "128"),)
    assert "1502.03167" in norm.source


def test_an_output_size_is_the_papers_arithmetic() -> None:
    graph = net("resnet50")
    (line,) = explain_layer(graph, graph["conv1"], "output").lines
    assert (line.formula, line.value) == ("⌊(224 + 2·3 − 7) / 2⌋ + 1", "112")


def test_a_pooling_by_the_mean_has_the_same_arithmetic() -> None:
    graph = net("lenet5")
    (line,) = explain_layer(graph, graph["features.2"], "output").lines
    assert (line.formula, line.value) == ("⌊(28 + 2·0 − 2) / 2⌋ + 1", "14")


def test_counted_apart_every_product_begins_with_two() -> None:
    graph = net("vgg11")
    apart = explain_layer(graph, graph["classifier.0"], "flops", COUNTING_BOTH)
    assert apart.lines[0].formula == "2·25088·4096"
    assert value(apart.value) == 2 * graph.multiply_adds(graph["classifier.0"])
    assert apart.convention == COUNTING_BOTH.text
    counts = count(graph)
    assert value(explain_total(counts, "flops", convention=COUNTING_BOTH).value) == 2 * counts.flops


def test_a_total_names_the_paper_only_if_it_is_counted_as_there() -> None:
    counts = count(net("resnet34"))
    assert "table 1" in explain_total(counts, "flops", convention=MULTIPLY_ADDS).source
    assert explain_total(counts, "flops", convention=COUNTING_BOTH).source == ""
    assert explain_total(counts, "parameters").source == ""


@given(net_specs())
@settings(max_examples=60, deadline=None)
def test_every_sum_of_any_net_comes_to_its_number(spec: NetSpec) -> None:
    assume(buildable(spec))
    graph = build(spec)
    numbers = {row.layer.name: row for row in count(graph).rows}
    for layer in graph.layers:
        row = numbers[layer.name]
        for quantity in QUANTITIES:
            for convention in (MULTIPLY_ADDS, COUNTING_BOTH):
                explained = explain_layer(graph, layer, quantity, convention)
                for line in explained.lines:
                    assert comes_to(line) == value(line.value), (layer.name, line)
                assert explained.text
        assert value(explain_layer(graph, layer, "parameters").value) == row.parameters
        assert value(explain_layer(graph, layer, "flops").value) == row.flops
        assert value(explain_layer(graph, layer, "activations").value) == row.activations
        assert explain_layer(graph, layer, "output").value == format_shape(layer.shape)


@pytest.mark.parametrize("name", ["resnet34", "resnet152", "vgg16", "cifar-resnet110", "mlp5"])
@pytest.mark.parametrize("quantity", ["parameters", "flops", "activations", "weight layers"])
def test_a_total_is_the_sum_of_its_stages_and_they_of_their_layers(name: str, quantity: str) -> None:
    counts = count(net(name))
    explained: Explanation = explain_total(counts, quantity)
    expected = counts.weight_layers if quantity == "weight layers" else getattr(counts, quantity)
    assert value(explained.value) == expected
    for line in explained.lines:
        assert comes_to(line) == value(line.value)
    *sums, last = explained.lines
    if quantity == "activations":
        assert value(last.value) == counts.bytes
        last = sums[-1]
    assert value(last.value) == expected


def test_a_printed_figure_says_its_paper_and_its_verdict() -> None:
    spec = catalogue.find("resnet50")
    claim = flops_claim(spec, count(build(spec)))
    assert claim is not None
    explained = explain_claim(claim)
    assert "table 1" in explained.source
    assert "none of the ways of counting" in explained.formula
    assert [line.value for line in explained.lines] == ["3 857 973 248", "3.8 G"]


def test_what_counts_nothing_says_why() -> None:
    graph = net("resnet18")
    assert "nothing that is counted" in explain_layer(graph, graph["layer1.0.add"], "flops").formula
    assert "works in place" in explain_layer(graph, graph["relu"], "activations").formula


def test_of_a_square_map_one_sum_explains_both_sides() -> None:
    graph = net("resnet50")
    square = explain_layer(graph, graph["conv1"], "output")
    assert [(line.what, line.formula, line.value) for line in square.lines] == [
        ("height and width", "⌊(224 + 2·3 − 7) / 2⌋ + 1", "112")
    ]
    graph = net("resnet50", input="3x224x160")
    oblong = explain_layer(graph, graph["conv1"], "output")
    assert [(line.what, line.value) for line in oblong.lines] == [("height", "112"), ("width", "80")]
