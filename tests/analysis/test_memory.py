"""Memory is what torch holds: in training what autograd keeps for backward, in inference the fullest moment."""

import weakref
from typing import Any, get_args

import pytest
import torch
from hypothesis import assume, given, settings
from torch import nn
from torch.autograd.graph import saved_tensors_hooks

from resviz.analysis.memory import BYTES, inference, training
from resviz.base.vocabulary import MemoryPrecision, Optimizer, Precision
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.nets.graph import Graph
from resviz.nets.spec import NetSpec
from resviz.training.modules import to_module
from resviz.training.optimizers import RecipeOptimizer
from resviz.training.recipe import TrainConfig
from tests.helpers.net_strategies import buildable, net_specs

NETS = ("cifar-resnet20", "resnet18", "resnet50-d", "vgg11", "alexnet", "googlenet-aux", "cifar-preresnet20")
NETS += ("cifar-highway20", "cifar-fractalnet20", "prelu-net-a", "lenet5", "mlp5", "fcn8s-vgg16")  # type: ignore[assignment]


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


def test_parameters_gradients_and_the_optimizers_state_stand_apart() -> None:
    graph = build(catalogue.find("resnet50"))
    parameters = 25_557_032 * 4
    cases: list[tuple[Optimizer, float, int]] = [
        ("sgd", 0.0, 0),
        ("sgd", 0.9, 1),
        ("nesterov", 0.9, 1),
    ]
    for optimizer, momentum, copies in cases:
        memory = training(graph, 256, optimizer=optimizer, momentum=momentum)
        assert (memory.parameters, memory.gradients, memory.optimizer) == (parameters, parameters, copies * parameters)
    assert training(graph, 256, "pure-bfloat16").parameters == parameters // 2
    adam = training(graph, 256, optimizer="adam")
    assert adam.optimizer == 2 * parameters + 4 * 161, "two moments of each number, and a counter of each tensor"
    mixed, whole = training(graph, 256, "bfloat16"), training(graph, 256)
    assert mixed.parameters == whole.parameters
    assert mixed.activations < 0.6 * whole.activations
    assert inference(graph, 1).gradients == 0
    assert set(BYTES) == set(get_args(MemoryPrecision))


def test_show_and_train_mean_the_same_by_an_optimizer_and_a_precision() -> None:
    """The defaults are the recipe's, and an optimizer's state is what torch's own keeps after a step."""
    assert set(get_args(Precision)) < set(get_args(MemoryPrecision))
    graph = build(catalogue.find("cifar-resnet20"))
    for optimizer in get_args(Optimizer):
        config = TrainConfig(optimizer=optimizer)
        module = to_module(graph)
        updater = RecipeOptimizer(list(module.parameters()), config, captured=False)
        module(torch.zeros(2, *graph.input_shape)).sum().backward()
        updater.step()
        state = [value for kept in updater.state.values() for value in kept.values()]
        kept = sum(4 * value.numel() for value in state if torch.is_tensor(value))
        assert training(graph, 2, optimizer=optimizer, momentum=config.momentum).optimizer == kept
    assert training(graph, 2) == training(graph, 2, optimizer=TrainConfig().optimizer, momentum=TrainConfig().momentum)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("precision", ["float32", "bfloat16", "pure-bfloat16"])
@pytest.mark.parametrize("name", ["cifar-resnet20", "resnet18", "vgg11", "cifar-highway20", "mlp5"])
def test_the_total_is_what_a_step_of_training_holds(
    name: str, precision: MemoryPrecision, optimizer: Optimizer
) -> None:
    """Parameters, buffers, gradients, the optimizer's state and all that autograd keeps, counted tensor by tensor."""
    graph = small(name)
    pure = torch.bfloat16 if precision == "pure-bfloat16" else torch.float32
    module = to_module(graph).train().to(pure)
    config = TrainConfig(optimizer=optimizer)
    updater = RecipeOptimizer(list(module.parameters()), config, captured=False)
    image = torch.randn(4, *graph.input_shape, dtype=pure)
    cast = torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16")
    with cast:
        module(image).float().sum().backward()
    updater.step()
    tensors = [value for kept in updater.state.values() for value in kept.values() if torch.is_tensor(value)]
    tensors += [*module.parameters(), *(p.grad for p in module.parameters() if p.grad is not None), *module.buffers()]
    with cast:
        kept = kept_by_autograd(module, image)
    held = kept + sum(tensor.numel() * tensor.element_size() for tensor in tensors)
    counted = training(graph, 4, precision, optimizer, config.momentum)
    assert counted.total == pytest.approx(held, rel=1e-4)
