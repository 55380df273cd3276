"""Receptive fields are what autograd sees: the pixels that a place of the output depends on."""

from functools import partial

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from resviz.analysis.receptive_field import receptive_fields
from resviz.analysis.upsampling import upsampled
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.nets.graph import Graph
from resviz.nets.spec import NetSpec, validate
from resviz.training.modules import to_module

SIDE = 161


@pytest.mark.parametrize(
    ("name", "layer", "size", "stride"),
    [  # Araujo, Norris and Sim 2019, table 1; VGG-16's behind its last pooling
        ("resnet18", "layer4.1.conv2", 435, 32),
        ("resnet34", "layer4.2.conv2", 899, 32),
        ("resnet50", "layer4.2.conv3", 483, 32),
        ("vgg16", "features.30", 212, 32),
    ],
)
def test_published_receptive_fields_are_computed(name: str, layer: str, size: int, stride: int) -> None:
    field = receptive_fields(build(catalogue.find(name)))[layer]
    assert (field.size, field.stride) == ((size, size), (stride, stride))


@pytest.mark.parametrize(("side", "size"), [(224, 404), (320, 500), (64, 244), (96, 276)])
def test_behind_an_uneven_pooling_a_fully_connected_layer_sees_the_whole_map(side: int, size: int) -> None:
    """torchvision's VGG pools to 7×7 whatever its map is: 212 pixels, and 32 more for each further place of the map."""
    graph = build(catalogue.find("torchvision-vgg16").with_options(input=f"3x{side}x{side}"))
    assert receptive_fields(graph)["classifier.0"].size == (size, size)


@pytest.mark.parametrize(
    "options",
    [
        {
            "stages": [
                "[1x1,2 | 1x1,2; 3x3,2 | 5x5,2 | 3x3 max pool; 1x1,2]; 3x3 max pool,/2,ceil",
                "[3x3,2 | 1x1,2] x2",
            ]
        },
        {"stages": ["3x3,2", "[3x3,2; 3x3,2] x1", "3x3,2"], "shrink": "stride", "head": "FCN-4s"},
        {"stages": ["3x3,2", "[3x3,2; 3x3,2] x1", "3x3,2"], "shrink": "stride", "head": "FCN-1s"},
        {"stages": ["3x3,2", "3x3,2"], "unit": "fractal", "columns": 3, "shrink": "pool"},
    ],
)
def test_where_branches_meet_the_field_is_the_largest_of_them(options: dict[str, object]) -> None:
    spec = validate({"unit": "plain", "shrink": "none", "input": f"1x{SIDE}x{SIDE}", "classes": 2} | options)
    graph = build(spec)
    fields, gradients = receptive_fields(graph), _Gradients(graph, spec)
    for layer in graph.layers[1:]:
        (size, _), _ = fields[layer.name]
        if layer.name in upsampled(graph):  # neighbouring places see windows of different sizes
            measured = max(gradients.pixels(layer.name, off) for off in range(4))
        else:
            measured = gradients.pixels(layer.name)
        assert measured == size if size < SIDE // 2 else measured <= size, layer.name


@given(
    st.sampled_from(["plain", "residual", "preactivation", "highway"]),
    st.sampled_from(["", "7x7,2,/2; 3x3 max pool,/2", "3x3,2"]),
    st.lists(st.sampled_from(["[3x3,2] x1", "[1x1,2; 3x3,2; 1x1,3] x1", "[3x3,2; 3x3,2] x2", "5x5,3"]), max_size=3),
    st.sampled_from(["stride", "pool"]),
    st.sampled_from("ABC"),
    st.sampled_from(["first", "3x3"]),
    st.sampled_from(["average pool", "average pool 3x3", "average pool 7x7; fc 5", ""]),
)
@settings(max_examples=40, deadline=None)
def test_a_field_is_the_pixels_that_have_a_gradient(
    unit: str, stem: str, stages: list[str], shrink: str, shortcut: str, stride_in: str, head: str
) -> None:
    options = {"unit": unit, "stem": stem, "stages": stages, "shrink": shrink, "stride_in": stride_in, "head": head}
    spec = validate(
        {**options, "shortcut": shortcut if shortcut != "A" else "B", "input": f"1x{SIDE}x{SIDE}", "classes": 2}
    )
    graph = build(spec)
    fields, gradients = receptive_fields(graph), _Gradients(graph, spec)
    for layer in graph.layers[1:]:
        (size, _), (stride, _) = fields[layer.name]
        measured = gradients.pixels(layer.name)
        if layer.op.kind == "average pool" or size > SIDE - 2 * stride:  # uneven windows; or clipped by the image
            assert measured <= size, layer.name
            assert len(layer.shape) == 3 or size < SIDE or measured > SIDE - 2 * stride, layer.name
        else:
            assert measured == size, layer.name


class _Gradients:
    """A net of positive weights: no sum of paths cancels and no activation is off. Run once, asked for every layer."""

    def __init__(self, graph: Graph, spec: NetSpec) -> None:
        module = to_module(graph).double().eval()
        for part in module.modules():
            if isinstance(part, nn.Conv2d | nn.Linear | nn.ConvTranspose2d):
                nn.init.constant_(part.weight, 1e-2)
                if part.bias is not None:
                    nn.init.zeros_(part.bias)
            if isinstance(part, nn.MaxPool2d):  # a mean of the same window: every pixel of it counts
                part.forward = nn.AvgPool2d(part.kernel_size, part.stride, part.padding).forward  # type: ignore[method-assign]
        self._image = torch.ones(1, *spec.input, dtype=torch.float64, requires_grad=True)
        self._outputs: dict[str, torch.Tensor] = {}
        for layer in graph.layers[1:]:
            hook = partial(self._keep, layer.name)
            module.get_submodule(layer.name).register_forward_hook(hook)
        module(self._image)

    def _keep(self, name: str, _: nn.Module, __: object, out: torch.Tensor) -> None:
        self._outputs[name] = out

    def pixels(self, name: str, off: int = 0) -> int:
        """Return the height of the box of pixels that a place in the middle of a layer's output depends on."""
        out = self._outputs[name][0]
        place = out[:, out.shape[1] // 2 + off, out.shape[2] // 2 + off] if out.dim() == 3 else out
        (gradient,) = torch.autograd.grad(place.sum(), self._image, retain_graph=True)
        rows = gradient[0, 0].nonzero(as_tuple=True)[0]
        return int(rows.max() - rows.min()) + 1
