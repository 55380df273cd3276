"""Where in the image one place of a map looks, against autograd."""

import pytest
import torch

from resviz.analysis.receptive_field import Region, receptive_fields, seen_region
from resviz.base.errors import NetError
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.training.modules import to_module

NETS = ("cifar-plain20", "cifar-resnet20", "cifar-highway20", "googlenet", "alexnet", "vgg11", "cifar-preresnet20")


@pytest.mark.parametrize("name", NETS)
def test_it_is_where_the_gradient_of_that_place_is_not_0(name: str) -> None:
    spec = catalogue.find(name)
    side = 67 if name in ("googlenet", "alexnet", "vgg11") else 32
    graph = build(spec.with_options(input=f"{spec.input[0]}x{side}x{side}"))
    module = to_module(graph).double().eval()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.copy_(parameter.abs() + 0.01)  # nothing cancels, and every ReLU passes
    outputs: dict[str, torch.Tensor] = {}
    maps = [layer for layer in graph.layers if len(layer.shape) == 3 and layer.op.kind in ("conv", "max pool")]
    for layer in maps:
        module.get_submodule(layer.name).register_forward_hook(
            lambda _module, _inputs, output, key=layer.name: outputs.__setitem__(key, output)
        )
    image = torch.rand(1, *graph.layers[0].shape, dtype=torch.float64, requires_grad=True)
    module(image)
    for layer in maps[:: max(1, len(maps) // 6)]:
        if layer.op.kind == "max pool":
            continue  # of a maximum only one pixel has a gradient
        _channels, height, width = layer.shape
        for row, column in {(0, 0), (height // 2, width // 2), (height - 1, width - 1)}:
            (gradient,) = torch.autograd.grad(outputs[layer.name][0, :, row, column].sum(), image, retain_graph=True)
            rows, columns = torch.nonzero(gradient[0].abs().sum(0), as_tuple=True)
            touched = Region(int(rows.min()), int(columns.min()), int(rows.max()), int(columns.max()))
            found = seen_region(graph, layer.name, row, column)
            size = receptive_fields(graph)[layer.name].size
            assert (found.bottom - found.top + 1, found.right - found.left + 1) == size
            inside = found.within(side, side)
            if any(one.op.kind == "max pool" for one in graph.layers):
                assert inside.joined(touched) == inside, "a maximum has one pixel's gradient: no more than the region"
            else:
                assert touched == inside


def test_a_place_after_an_upsampling_has_no_region_of_its_own() -> None:
    graph = build(catalogue.find("fcn16s-vgg16"))
    with pytest.raises(NetError, match="upsampled"):
        seen_region(graph, graph.output.name, 0, 0)
