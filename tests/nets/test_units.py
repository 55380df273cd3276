"""The units of later papers, held against what their papers write down."""

import pytest
import torch
from torch import nn

from resviz.base.errors import NetError
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.nets.graph import Graph
from resviz.nets.spec import validate
from resviz.training.modules import to_module


def _kinds(graph: Graph, block: str) -> list[str]:
    return [layer.op.kind for layer in graph.layers if layer.block == block]


def test_a_pre_activation_unit_is_figure_4e() -> None:
    """BN, ReLU, weight, BN, ReLU, weight, addition; nothing behind it."""
    graph = build(catalogue.find("cifar-preresnet20"))
    assert _kinds(graph, "layer1.1") == ["batch norm", "relu", "conv", "batch norm", "relu", "conv", "add"]
    assert _kinds(graph, "layer1.0") == ["conv", "batch norm", "relu", "conv", "add"], "the stem's ReLU is its first"
    assert [layer.op.kind for layer in graph.layers[-5:]] == ["batch norm", "relu", "average pool", "flatten", "fc"]


def test_pre_activation_shortcuts_are_clean_but_where_they_project() -> None:
    """Identities carry the raw sum; a projection reads what its unit has normalised (appendix of arXiv 1603.05027)."""
    for shortcut, kind in (("A", "add"), ("B", "relu")):
        graph = build(catalogue.find("cifar-preresnet20").with_options(shortcut=shortcut))
        sources = {block.name: graph[block.source].op.kind for block in graph.residual_blocks}
        assert sources["layer1.1"] == "add"
        assert sources["layer2.0"] == kind


@pytest.mark.parametrize("unit", ["resnet", "plain", "preresnet", "highway"])
@pytest.mark.parametrize("depth", [20, 32])
def test_every_unit_has_the_depth_of_its_name(unit: str, depth: int) -> None:
    assert len(build(catalogue.find(f"cifar-{unit}{depth}")).weight_layers) == depth


def test_pre_activation_costs_what_the_original_costs() -> None:
    """1.7M parameters for 110 layers: table 6 of "Deep Residual Learning"; the same convolutions, moved."""
    sizes = []
    for name in ("cifar-resnet110", "cifar-preresnet110"):
        graph = build(catalogue.find(name))
        sizes.append(sum(graph.parameters(layer) for layer in graph.layers))
    assert round(sizes[0] / 1e5) == round(sizes[1] / 1e5) == 17


def test_a_highway_layer_is_eq_3() -> None:
    """y = H(x) T(x) + x (1 - T(x)), computed from the layer's own weights."""
    spec = validate({"input": "4x6x6", "stages": ["3x3,4"], "unit": "highway", "norm": "none", "bias": True})
    graph = build(spec)
    module = to_module(graph)
    outputs: dict[str, torch.Tensor] = {}
    for name, layer in module.named_modules():
        layer.register_forward_hook(lambda _, __, out, name=name: outputs.__setitem__(name, out))
    x = torch.randn(2, 4, 6, 6)
    module(x)
    conv, gate = (module.get_submodule(f"layer1.0.{part}1") for part in ("conv", "gate"))
    assert isinstance(conv, nn.Conv2d)
    new, open_ = torch.relu(conv(x)), torch.sigmoid(gate(x))
    assert torch.allclose(outputs["layer1.0.sum1"], new * open_ + x * (1 - open_), atol=1e-6)


def test_a_closed_gate_carries_and_an_open_one_computes() -> None:
    spec = {"input": "4x6x6", "stages": ["3x3,4"], "unit": "highway", "norm": "none", "bias": True}
    for bias in (-80.0, 80.0):
        graph = build(validate({**spec, "gate_bias": bias}))
        assert graph["layer1.0.gate1"].op.first_bias == bias  # type: ignore[attr-defined]
        assert graph["layer1.0.gate1"].on_shortcut, "no layer of the depth"


def test_where_dimensions_change_a_highway_layer_is_plain() -> None:
    graph = build(catalogue.find("cifar-highway20"))
    assert "highway sum" not in _kinds(graph, "layer2.0")[:2]
    assert _kinds(graph, "layer2.0").count("highway sum") == 1


def test_normalisation_stands_where_the_spec_says() -> None:
    net = catalogue.find("cifar-resnet20")
    places = {
        "before": ["conv", "batch norm", "relu", "conv", "batch norm", "add", "relu"],
        "after": ["conv", "relu", "batch norm", "conv", "add", "relu", "batch norm"],
        "addition": ["conv", "batch norm", "relu", "conv", "add", "batch norm", "relu"],
    }
    for place, kinds in places.items():
        assert _kinds(build(net.with_options(norm_place=place)), "layer1.1") == kinds


def test_a_perceptron_is_a_head_without_stages() -> None:
    graph = build(catalogue.find("mlp5"))
    assert [layer.op.label() for layer in graph.weight_layers] == [*["fc, 1000"] * 4, "fc, 10"]
    assert sum(graph.parameters(layer) for layer in graph.layers) == 257_000 + 3 * 1_001_000 + 10_010
    with pytest.raises(NetError, match="1 to 200"):
        catalogue.find("mlp999")


def test_a_perceptron_normalizes_its_hidden_layers_and_other_nets_only_their_convolutions() -> None:
    kinds = [layer.op.kind for layer in build(catalogue.find("mlp5").with_options(norm="batch")).layers]
    assert kinds[2:] == ["fc", "batch norm", "sigmoid"] * 4 + ["fc"]
    kinds = [
        layer.op.kind for layer in build(catalogue.find("mlp5").with_options(norm="batch", norm_place="after")).layers
    ]
    assert kinds[2:] == ["fc", "sigmoid", "batch norm"] * 4 + ["fc"]
    highway = build(catalogue.find("highway-mlp10").with_options(norm="batch"))
    assert sum(layer.op.kind == "batch norm" for layer in highway.layers) == 9
    head = [layer.op.kind for layer in build(catalogue.find("vgg16-bn")).layers if layer.stage == "fc"]
    assert "batch norm" not in head, "torchvision's has none there"


def test_blocks_say_which_way_x_takes() -> None:
    graph = build(catalogue.find("cifar-resnet20").with_options(shortcut="B"))
    first, growing = graph.residual_blocks[0], graph.residual_blocks[3]
    assert (first.source, first.shortcut, first.branch) == ("relu", "relu", "layer1.0.add")
    assert (growing.residual, growing.shortcut, growing.branch) == (
        "layer2.0.bn2",
        "layer2.0.downsample.1",
        "layer2.0.downsample.0",
    )
