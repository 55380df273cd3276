"""A net of other people is read as a depth table, with equal numbers and weights that fit; or the reason is given."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn
from torchvision import models

import resviz
from resviz.analysis.counts import count
from resviz.analysis.recognition import matching_layers, recognise
from resviz.base.errors import NetError
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.nets.graph import Graph
from resviz.training.modules import to_module
from tests.helpers import strangers

OF_TABLES = [
    *("resnet18", "resnet50", "resnet152", "plain34", "vgg11", "vgg16c", "vgg19-bn", "preresnet18", "preresnet50"),
    *("resnext50-32x4d", "wide-resnet50-2", "resnet50-d", "cifar-resnet20", "cifar-resnet110", "cifar-plain56"),
    *("torchvision-resnet34", "torchvision-vgg13", "alexnet", "cifar-preresnet20"),
]


@pytest.mark.parametrize("name", OF_TABLES)
def test_the_table_of_a_net_of_ours_is_found_again_under_other_names(name: str) -> None:
    graph = build(catalogue.find(name))
    found = recognise(renamed(graph))
    assert found.spec is not None, found.reason
    again = build(found.spec)
    assert (count(again).parameters, count(again).flops) == (count(graph).parameters, count(graph).flops)
    assert matching_layers(graph, again)


def renamed(graph: Graph) -> Graph:
    """Return the graph with names that say nothing, and without stages."""
    names = {layer.name: f"x{place}" for place, layer in enumerate(graph.layers)}
    layers = [
        replace(
            layer, name=names[layer.name], inputs=tuple(names[one] for one in layer.inputs), stage="", block_type=""
        )
        for layer in graph.layers
    ]
    return Graph("other", tuple(layers))


class Wide(nn.Module):
    """A residual net as one writes it oneself: other widths, a mean in place of a pool, sums written x + F."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(3, 24, 3, padding=1, bias=False), nn.BatchNorm2d(24), nn.ReLU())
        self.body = nn.Sequential(Block(24, 24), Block(24, 24), Block(24, 40, 2), Block(40, 40))
        self.last = nn.Linear(40, 7)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.body(self.first(x)).mean((2, 3)))


class Block(nn.Module):
    def __init__(self, before: int, after: int, stride: int = 1) -> None:
        super().__init__()
        self.a, self.na = nn.Conv2d(before, after, 3, stride, 1, bias=False), nn.BatchNorm2d(after)
        self.b, self.nb = nn.Conv2d(after, after, 3, 1, 1, bias=False), nn.BatchNorm2d(after)
        self.way: nn.Module = nn.Identity()
        if stride > 1:
            self.way = nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))

    def forward(self, x: Tensor) -> Tensor:
        inner = self.nb(self.b(torch.relu(self.na(self.a(x)))))
        return torch.relu(self.way(x) + inner)


def behind() -> nn.Module:
    """ResNet-20 for CIFAR with option A, all zeros behind."""
    return strangers.CifarResNet(before=0.0)


MODELS = [
    (Wide, (3, 32, 32)),
    (behind, (3, 32, 32)),
    (models.resnet18, (3, 64, 64)),
    (models.resnet50, (3, 64, 64)),
    (models.vgg11_bn, (3, 224, 224)),
]


@pytest.mark.parametrize(("make", "shape"), MODELS, ids=lambda one: getattr(one, "__name__", ""))
def test_weights_of_the_model_fit_the_net_of_its_table(make: type[nn.Module], shape: tuple[int, ...]) -> None:
    torch.manual_seed(1)
    model = make().eval()
    found = resviz.recognise(model, shape)
    assert found.spec is not None, found.reason
    ours = to_module(build(found.spec)).eval()
    tensors = {
        f"{found.names[layer]}.{tensor}": value
        for key, value in model.state_dict().items()
        for layer, _dot, tensor in [key.rpartition(".")]
    }
    ours.load_state_dict(tensors)
    given = torch.rand(2, *shape)
    with torch.no_grad():
        torch.testing.assert_close(ours(given), model(given))


def test_the_table_of_ones_own_net_is_as_a_paper_would_print_it() -> None:
    found = resviz.recognise(Wide(), (3, 32, 32))
    assert found.spec is not None
    assert str(found.spec.stem) == "3x3,24"
    assert [str(stage) for stage in found.spec.stages] == ["[3x3,24; 3x3,24] x2", "[3x3,40; 3x3,40] x2"]
    assert (found.spec.shortcut, found.spec.classes, found.spec.input) == ("B", 7, (3, 32, 32))


class Odd(Wide):
    """A residual net that does something between its blocks."""

    def forward(self, x: Tensor) -> Tensor:
        return self.last((self.body(self.first(x)) * 2).mean((2, 3)))


@pytest.mark.parametrize(
    ("model", "shape", "says"),
    [
        (models.googlenet, (3, 224, 224), "inception3a.cat: concatenation has no place in a depth table"),
        (models.vit_b_16, (3, 224, 224), "has no place in a depth table"),
        (strangers.CifarResNet, (3, 32, 32), "zero-padded to 64, 16 of them before, /2"),
        (Odd, (3, 32, 32), "mul: mul has no place in a depth table"),
        (lambda: nn.Linear(4, 2), (4,), "begins with one image"),
        (lambda: nn.Conv2d(3, 2, 1), (3, 8, 8), "ends with a fully connected layer"),
    ],
)
def test_what_keeps_a_net_from_having_a_table_is_said(
    model: type[nn.Module], shape: tuple[int, ...], says: str
) -> None:
    with torch.device("meta"):
        made = model(init_weights=False, aux_logits=False) if model is models.googlenet else model()
    found = resviz.recognise(made, shape)
    assert found.spec is None
    assert says in found.reason


def test_nets_that_part_are_not_taken_for_equal() -> None:
    graph = build(catalogue.find("resnet18"))
    for other in ("resnet34", "plain18", "torchvision-resnet18", "preresnet18"):
        with pytest.raises(NetError, match="where a depth table has"):
            matching_layers(graph, build(catalogue.find(other)))


def test_a_sum_may_be_written_either_way_round() -> None:
    """x + F(x) and F(x) + x are one net, also where x is the identity and nothing else tells them apart."""
    graph = build(catalogue.find("cifar-resnet20"))
    turned = Graph(
        graph.name,
        tuple(replace(layer, inputs=layer.inputs[::-1]) if layer.op.kind == "add" else layer for layer in graph.layers),
    )
    pairs = matching_layers(turned, graph)
    assert set(pairs) == {layer.name for layer in graph.layers if layer.op.kind not in ("flatten",)}
    assert all(first == second for first, second in pairs.items())
