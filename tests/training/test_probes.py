"""Each probe is held against the slow, obvious way: hooks on the plain module, in float64."""

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from resviz.nets import catalogue
from resviz.nets.depth_table import build
from resviz.nets.graph import Graph
from resviz.training.data import Batches, ImageSet, load
from resviz.training.modules import to_module
from resviz.training.probes import l2_norm, standard_deviation
from resviz.training.recipe import TrainConfig
from resviz.training.trainer import Trainer

CONFIG = TrainConfig(data="digits16", batch=16, steps=3, seed=1, init="he", learning_rate=0.05, evaluate_every=0)
NETS = [
    ("cifar-plain20", {}),
    ("cifar-resnet20", {}),
    ("cifar-resnet20", {"shortcut": "B"}),
    ("cifar-resnet20", {"norm": "none"}),
    ("cifar-plain20", {"norm": "none", "activation": "prelu"}),
    ("cifar-resnet20", {"activation": "sigmoid"}),
    ("resnet50", {"norm": "none"}),
]


@pytest.fixture(scope="module")
def digits() -> ImageSet:
    return load("digits16", CONFIG.seed)


def _graph(name: str, options: dict[str, str]) -> Graph:
    return build(CONFIG.fitted(catalogue.find(name)).with_options(**options))


def _reference(graph: Graph, module: nn.Module, images: Tensor, labels: Tensor) -> dict[str, list[float]]:
    """The definitions of `quantities`, word by word: one backward pass of the sum of the samples' losses for the
    responses, one of their mean for the weights."""
    responses: dict[str, Tensor] = {}

    def keep(name: str):  # type: ignore[no-untyped-def]
        def hook(_: nn.Module, __: object, out: Tensor) -> None:
            out.retain_grad()
            responses[name] = out

        return hook

    layers = [(layer.name, graph.response_layer(layer).name) for layer in graph.weight_layers]
    hooks = [module.get_submodule(response).register_forward_hook(keep(response)) for _, response in layers]
    functional.cross_entropy(module(images), labels, reduction="sum").backward()
    found: dict[str, list[float]] = {"response": [], "response_gradient": [], "weight_gradient": []}
    for _, response in layers:
        out = responses[response]
        gradient = out.grad
        assert gradient is not None
        per_sample = gradient.flatten(1).pow(2).sum(1)  # |dl/dy|² of each sample
        found["response"].append(float(out.detach().std(correction=0)))
        found["response_gradient"].append(float(per_sample.mean().sqrt()))
    for hook in hooks:
        hook.remove()
    module.zero_grad()
    functional.cross_entropy(module(images), labels).backward()
    for layer, _ in layers:
        found["weight_gradient"].append(float(module.get_submodule(layer).weight.grad.pow(2).sum().sqrt()))
    return found


@pytest.mark.parametrize(("name", "options"), NETS)
def test_probes_equal_hooks_in_float64(name: str, options: dict[str, str], digits: ImageSet) -> None:
    """Both in float64, so that what is compared is the definition; probes then store float32."""
    graph = _graph(name, options)
    exact = replace(digits, images=digits.images.double(), held_out_images=digits.held_out_images.double())
    trainer = Trainer(graph, CONFIG, exact)
    trainer.module.double()
    reference = to_module(graph).double()
    reference.load_state_dict(trainer.module.state_dict())
    images, labels = Batches(exact, CONFIG.batch, CONFIG.seed).at(0)
    expected = _reference(graph, reference, images, labels)
    trainer.step()
    rows = trainer.drain()
    for quantity, values in expected.items():
        assert rows[quantity][0] == pytest.approx(values, rel=1e-6), quantity


@pytest.mark.parametrize(("name", "options"), NETS)
def test_probes_measure_what_passes_to_1e_5(name: str, options: dict[str, str], digits: ImageSet) -> None:
    """The same float32 pass seen by probes and by hooks: what is left is the probes' own error."""
    graph = _graph(name, options)
    trainer = Trainer(graph, CONFIG, digits)
    module = trainer.module
    seen: dict[str, list[Tensor]] = {}

    def on_forward(layer: str):  # type: ignore[no-untyped-def]
        def hook(_: nn.Module, __: object, out: Tensor) -> None:
            seen[layer] = [out.detach().double().clone()]
            out.register_hook(lambda gradient: seen[layer].append(gradient.detach().double().clone()))

        return hook

    names = [(layer.name, graph.response_layer(layer).name) for layer in graph.weight_layers]
    for layer, response in names:
        module.get_submodule(response).register_forward_hook(on_forward(layer))
    trainer.step()
    rows = trainer.drain()
    for index, (layer, _) in enumerate(names):
        response, gradient = seen[layer]
        per_sample = (gradient * CONFIG.batch).flatten(1).pow(2).sum(1)  # the loss is the mean over the batch
        expected = {
            "response": float(response.std(correction=0)),
            "response_gradient": float(per_sample.mean().sqrt()),
            "weight_gradient": float(module.get_submodule(layer).weight.grad.double().pow(2).sum().sqrt()),
        }
        for quantity, value in expected.items():
            assert rows[quantity][0, index] == pytest.approx(value, rel=1e-5), (layer, quantity)


def test_probes_do_not_change_the_training(digits: ImageSet) -> None:
    graph = _graph("cifar-resnet20", {})
    measured, plain = (Trainer(graph, CONFIG, digits, probes=probes) for probes in (True, False))
    for _ in range(3):
        measured.step()
        plain.step()
    for name, value in plain.state_dict().items():
        assert torch.equal(value, measured.state_dict()[name]), name


def test_every_normalised_response_is_1_at_initialisation(digits: ImageSet) -> None:
    for name in ("cifar-plain20", "cifar-resnet56"):
        graph = _graph(name, {})
        trainer = Trainer(graph, CONFIG, digits)
        trainer.step()
        convolutions = [layer.op.kind == "conv" for layer in graph.weight_layers]
        assert trainer.drain()["response"][0][convolutions] == pytest.approx(1.0, abs=1e-3)


def test_step_0_and_every_step_after_it_has_a_row_without_gaps(digits: ImageSet) -> None:
    trainer = Trainer(_graph("cifar-plain20", {}), CONFIG, digits)
    for _ in trainer.steps():
        pass
    rows = trainer.drain()
    assert rows["step"].tolist() == [0, 1, 2]
    for quantity in ("weight_gradient", "response_gradient", "response"):
        assert rows[quantity].shape == (3, 20)
        assert (rows[quantity] > 0).all()
    assert len(trainer.drain()["step"]) == 0


def test_evaluation_leaves_no_trace_in_what_is_measured(digits: ImageSet) -> None:
    graph = _graph("cifar-resnet20", {})
    often, never = (Trainer(graph, CONFIG.model_copy(update={"evaluate_every": every}), digits) for every in (1, 0))
    for _ in range(3):
        often.step()
        never.step()
    a, b = often.drain(), never.drain()
    assert a["response"].tolist() == b["response"].tolist()
    assert not math.isnan(a["held_out_error"][0])
    assert math.isnan(b["held_out_error"][0])


@pytest.mark.parametrize("scale", [1e-44, 1e-30, 1e-22, 1e-12, 1.0, 1e12, 1e25, 1e37])
def test_a_norm_is_right_where_its_squares_underflow_or_overflow(scale: float) -> None:
    x = (torch.randn(500, dtype=torch.float64) * scale).float()
    expected = float(x.double().pow(2).sum().sqrt())
    assert float(l2_norm(x)) == pytest.approx(expected, rel=1e-5)
    assert float(l2_norm(torch.zeros(3))) == 0.0
    assert math.isnan(float(l2_norm(torch.tensor([1.0, math.nan]))))


@pytest.mark.parametrize("mean", [0.0, 0.3, 3.0, 3000.0])
@pytest.mark.parametrize("scale", [1e-42, 1e-22, 1.0, 1e18])
def test_a_standard_deviation_is_right_whatever_the_mean(mean: float, scale: float) -> None:
    x = ((torch.randn(64, 16, 8, 8, dtype=torch.float64) + mean) * scale).float()
    expected = float(x.double().std(correction=0))
    assert float(standard_deviation(x)) == pytest.approx(expected, rel=1e-5)


def test_a_deep_plain_nets_gradient_of_1e_20_is_not_shown_as_0(digits: ImageSet) -> None:
    config = CONFIG.model_copy(update={"init": "torch"})
    graph = build(config.fitted(catalogue.find("cifar-plain56")).with_options(norm="none"))
    trainer = Trainer(graph, config, digits)
    trainer.step()
    gradient = trainer.drain()["response_gradient"][0]
    assert 0 < gradient[0] < 1e-18
