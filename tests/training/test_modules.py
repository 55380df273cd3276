"""The torch module is the graph: same shapes, costs and names, and with torchvision's weights the same output."""

import math
from collections.abc import Callable

import pytest
import torch
import torchvision
from hypothesis import assume, given, settings
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from resviz.analysis.counts import count
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.nets.graph import Graph
from resviz.nets.spec import NetSpec
from resviz.training.modules import meta_module, to_module
from tests.helpers.net_strategies import buildable, net_specs

pytestmark = pytest.mark.slow

TORCHVISION = ["resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "vgg11", "vgg13", "vgg16", "vgg19"]
TORCHVISION += ["vgg11_bn", "vgg13_bn", "vgg16_bn", "vgg19_bn", "resnext50_32x4d", "resnext101_32x8d"]
TORCHVISION += ["resnext101_64x4d", "wide_resnet50_2", "wide_resnet101_2", "alexnet"]


def _flops_by_layer(graph: Graph) -> dict[str, int]:
    """What torch's own counter finds in each layer on meta tensors, halved: it counts multiply and add apart."""
    module = meta_module(graph).eval()  # in training torch refuses to normalise one value: one image, a 1×1 map
    with FlopCounterMode(display=False) as counter:
        module(torch.empty(1, *graph.input_shape, device="meta"))
    found = {}
    for name, operations in counter.get_flop_counts().items():
        inner = name.partition(".")[2]
        if inner in graph:
            flops = sum(operations.values())
            assert flops % 2 == 0
            found[inner] = flops // 2
    return found


@pytest.mark.parametrize("name", catalogue.names())
def test_flops_equal_torchs_counter_layer_by_layer(name: str) -> None:
    graph = build(catalogue.find(name))
    ours = {row.layer.name: row.flops for row in count(graph).rows if row.flops}
    theirs = {layer: flops for layer, flops in _flops_by_layer(graph).items() if flops}
    assert ours == theirs


@pytest.mark.parametrize("name", ["resnet18", "cifar-resnet20"])
@pytest.mark.parametrize(
    "options", [{"shortcut": "C"}, {"norm": "none"}, {"activation": "prelu"}, {"input": "1x97x61"}]
)
def test_options_change_flops_as_torch_counts_them(name: str, options: dict[str, str]) -> None:
    graph = build(catalogue.find(name).with_options(**options))
    assert sum(_flops_by_layer(graph).values()) == count(graph).flops


@given(net_specs())
@settings(max_examples=60, deadline=None)
def test_any_nets_shapes_parameters_and_flops_are_torchs(spec: NetSpec) -> None:
    assume(buildable(spec))
    graph = build(spec)
    module = meta_module(graph)
    shapes: dict[str, tuple[int, ...]] = {}
    for name, inner in module.named_modules():
        if name in graph:
            inner.register_forward_hook(lambda _, __, out, name=name: shapes.__setitem__(name, tuple(out.shape[1:])))
    module(torch.empty(2, *graph.input_shape, device="meta"))
    assert shapes == {layer.name: layer.shape for layer in graph.layers[1:]}
    counts = count(graph)
    assert sum(parameter.numel() for parameter in module.parameters()) == counts.parameters
    assert sum(_flops_by_layer(graph).values()) == counts.flops


@pytest.mark.parametrize("name", catalogue.names())
def test_parameters_equal_torchs(name: str) -> None:
    graph = build(catalogue.find(name))
    module = meta_module(graph)
    for row in count(graph).rows[1:]:
        theirs = sum(p.numel() for p in module.get_submodule(row.layer.name).parameters())
        assert row.parameters == theirs, row.layer.name


@pytest.mark.parametrize("name", ["resnet50", "vgg16", "cifar-preresnet20", "cifar-highway20"])
def test_activation_memory_is_that_of_the_outputs_that_torch_makes_but_for_those_in_place(name: str) -> None:
    graph = build(catalogue.find(name))
    module = meta_module(graph).eval()
    kept = [math.prod(graph.input_shape)]
    in_place = (nn.ReLU, nn.Sigmoid, nn.Dropout, nn.Flatten)
    for layer in graph.layers[1:]:
        inner = module.get_submodule(layer.name)
        shared = sum(layer.inputs[0] in other.inputs for other in graph.layers) > 1
        if shared or not isinstance(inner, in_place):
            inner.register_forward_hook(lambda _, __, out: kept.append(out.numel()))
    module(torch.empty(1, *graph.input_shape, device="meta"))
    assert sum(kept) == count(graph).activations


@pytest.mark.parametrize("name", TORCHVISION)
def test_torchvisions_weights_load_strictly_and_give_the_same_output(name: str) -> None:
    constructor: Callable[..., nn.Module] = getattr(torchvision.models, name)
    torch.manual_seed(0)
    # VGG's own initialization draws every weight a second time: 140 million of them.
    theirs = as_if_trained(constructor(init_weights=False) if name.startswith("vgg") else constructor())
    graph = build(catalogue.find("torchvision-" + name.replace("_", "-")))
    ours = meta_module(graph).eval()  # without weights of its own: to draw them would take longer than all else
    ours.load_state_dict(theirs.state_dict(), strict=True, assign=True)
    image = torch.randn(1, 3, 224, 224)
    with torch.no_grad():
        expected, got = theirs(image), ours(image)
    assert math.isfinite(float(expected.abs().max()))
    assert float((expected - got).abs().max()) == 0.0


@pytest.mark.parametrize("auxiliary", [False, True])
def test_googlenets_weights_of_torchvision_load_strictly_with_or_without_auxiliary_classifiers(auxiliary: bool) -> None:
    torch.manual_seed(0)
    theirs = torchvision.models.googlenet(aux_logits=auxiliary, init_weights=False, dropout=0.0, dropout_aux=0.0)
    ours = to_module(build(catalogue.find("torchvision-googlenet" + ("-aux" if auxiliary else ""))))
    ours.load_state_dict(as_if_trained(theirs).state_dict(), strict=True)
    image = torch.randn(2, 3, 224, 224)
    with torch.no_grad():
        expected, got = theirs(image), ours.eval()(image)
    assert torch.equal(expected, got[0] if auxiliary else got)
    if auxiliary:  # theirs gives all three in training only
        for module in [*theirs.modules(), *ours.modules()]:
            module.training = not isinstance(module, nn.BatchNorm2d | nn.Dropout)
        with torch.no_grad():
            logits, second, first = theirs(image)
            for expected, got in zip((logits, first, second), ours(image), strict=True):
                assert torch.equal(expected, got)


def as_if_trained(theirs: nn.Module) -> nn.Module:
    """With statistics that a trained net would have, and that a mix-up would change."""
    for module in theirs.eval().modules():
        if isinstance(module, nn.BatchNorm2d):
            assert module.running_mean is not None
            assert module.running_var is not None
            module.running_mean.uniform_(-0.5, 0.5)
            module.running_var.uniform_(0.5, 1.5)
    return theirs


def test_local_response_normalisation_is_krizhevskys() -> None:
    """Section 3.3: b = a / (2 + 1e-4 · the sum over 5 neighbouring channels of a²)^0.75."""
    module = to_module(build(catalogue.find("alexnet"))).get_submodule("features.3").double()
    a = 30 * torch.randn(2, 7, 3, 3, dtype=torch.float64)
    for channel in range(7):
        near = a[:, max(0, channel - 2) : channel + 3]
        expected = a[:, channel] / (2 + 1e-4 * near.square().sum(1)) ** 0.75
        assert torch.allclose(module(a)[:, channel], expected)


def test_option_a_subsamples_and_appends_zeros() -> None:
    graph = build(catalogue.find("cifar-resnet20"))
    shortcut = to_module(graph).get_submodule("layer2.0.shortcut")
    x = torch.randn(2, 16, 32, 32)
    out = shortcut(x)
    assert out.shape == (2, 32, 16, 16)
    assert torch.equal(out[:, :16], x[:, :, ::2, ::2])
    assert not out[:, 16:].any()


def test_dropout_and_statistics_are_off_outside_training() -> None:
    module = to_module(build(catalogue.find("vgg11").with_options(input="3x32x32", classes=10))).eval()
    x = torch.randn(2, 3, 32, 32)
    assert torch.equal(module(x), module(x))
