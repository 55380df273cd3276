"""Memory is what torch holds: in training what autograd keeps for backward, in inference the fullest moment."""

import weakref
from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from torch import nn
from torch.autograd.graph import saved_tensors_hooks

from resviz.analysis.memory import BYTES, inference, training
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.nets.graph import Graph
from resviz.nets.spec import NetSpec
from resviz.training.modules import to_module
from tests.helpers.net_strategies import buildable, net_specs

NETS = ("cifar-resnet20", "resnet18", "resnet50-d", "vgg11", "alexnet", "googlenet-aux", "cifar-preresnet20")
NETS += ("cifar-highway20", "cifar-fractalnet20", "prelu-net-a", "lenet5", "mlp5", "fcn8s-vgg16")


def small(name: str) -> Graph:
    spec = catalogue.find(name)
    side = max(32, min(spec.input[1], 67 if "alexnet" in name else 32))
    return build(spec.with_options(input=f"{spec.input[0]}x{side}x{side}"))


def kept_by_autograd(module: nn.Module, image: torch.Tensor) -> int:
    """Bytes of all that a forward pass saves for backward, but for parameters and running statistics."""
    own = {tensor.untyped_storage().data_ptr() for tensor in (*module.parameters(), *module.buffers())}
    found: dict[int, torch.UntypedStorage] = {}

    def pack(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own and storage.nbytes():
            found[storage.data_ptr()] = storage  # held, so that its memory is not used again
        return tensor

    with saved_tensors_hooks(pack, lambda tensor: tensor):
        module(image)
    return sum(storage.nbytes() for storage in found.values())


def held_by_torch(module: nn.Module, image: torch.Tensor) -> int:
    """Bytes of maps alive at the fullest moment of a forward pass."""
    alive: dict[int, int] = {}
    numbers = iter(range(10**9))
    fullest = [0]

    def born(tensor: torch.Tensor) -> None:
        if tensor.untyped_storage().data_ptr() in alive.values():
            return
        number = next(numbers)
        alive[number] = tensor.numel() * tensor.element_size()
        weakref.finalize(tensor, alive.pop, number, None)
        fullest[0] = max(fullest[0], sum(alive.values()))

    def hook(inner: nn.Module, given: Any, out: torch.Tensor) -> None:
        if not isinstance(inner, nn.Flatten):
            born(out)

    for inner in module.modules():
        if not list(inner.children()):
            inner.register_forward_hook(hook)
    born(image)
    with torch.no_grad():
        module(image)
    return fullest[0]


@pytest.mark.parametrize("name", NETS)
def test_training_keeps_what_autograd_keeps_to_the_byte(name: str) -> None:
    graph = small(name)
    module = to_module(graph).train()
    for batch in (1, 3) if not any(layer.op.kind == "batch norm" for layer in graph.layers) else (2, 3):
        image = torch.randn(batch, *graph.input_shape)
        assert training(graph, batch).activations == kept_by_autograd(module, image)


@given(net_specs())
@settings(max_examples=40, deadline=None)
def test_any_net_keeps_what_autograd_keeps(spec: NetSpec) -> None:
    assume(buildable(spec))
    graph = build(spec)
    image = torch.randn(2, *graph.input_shape)
    assert training(graph, 2).activations == kept_by_autograd(to_module(graph).train(), image)


@pytest.mark.parametrize("name", ["cifar-resnet20", "vgg11", "googlenet", "resnet50", "alexnet"])
def test_inference_holds_the_maps_of_the_fullest_moment(name: str) -> None:
    graph = small(name)
    image = torch.randn(2, *graph.input_shape)
    assert inference(graph, 2).activations == held_by_torch(to_module(graph).eval(), image)


def test_parameters_gradients_and_the_optimisers_state_stand_apart() -> None:
    graph = build(catalogue.find("resnet50"))
    parameters = 25_557_032 * 4
    for optimiser, copies in (("sgd", 0), ("momentum", 1), ("adam", 2)):
        memory = training(graph, 256, optimiser=optimiser)  # type: ignore[arg-type]
        assert (memory.parameters, memory.gradients, memory.optimiser) == (parameters, parameters, copies * parameters)
    assert training(graph, 256, "bfloat16").parameters == parameters // 2
    mixed, whole = training(graph, 256, "mixed"), training(graph, 256)
    assert mixed.parameters == whole.parameters
    assert mixed.activations < 0.6 * whole.activations
    assert inference(graph, 1).gradients == 0
    assert set(BYTES) == {"float32", "mixed", "bfloat16"}
