"""Each probe is held against the slow, obvious way: hooks on the plain module, in float64."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from resviz.measurements.quantities import SAMPLES
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.nets.graph import Graph, ResidualBlock
from resviz.training.data.batches import Batches
from resviz.training.data.images import ImageSet, load
from resviz.training.initialization import initialize
from resviz.training.modules import to_module
from resviz.training.recipe import TrainConfig
from resviz.training.stable_norms import l2_norm, standard_deviation
from resviz.training.trainer import Trainer, memory_format

pytestmark = pytest.mark.slow

CONFIG = TrainConfig(data="digits16", batch=16, steps=3, seed=1, init="he", learning_rate=0.05, evaluate_every=0)
NETS = [
    ("cifar-plain20", {}),
    ("cifar-resnet20", {}),
    ("cifar-resnet20", {"shortcut": "B"}),
    ("cifar-resnet20", {"norm": "none"}),
    ("cifar-plain20", {"norm": "none", "activation": "prelu"}),
    ("cifar-resnet20", {"activation": "sigmoid"}),
    ("resnet50", {"norm": "none"}),
    ("cifar-resnet20", {"norm_place": "after"}),
    ("cifar-resnet20", {"norm_place": "addition", "shortcut": "C"}),
    ("cifar-preresnet20", {"shortcut": "B"}),
    ("cifar-highway20", {"activation": "tanh"}),
    ("vgg11", {"head": "fc 32", "input": "1x32x32"}),
    ("mlp5", {"head": "fc 40; fc 30; fc 20"}),
    ("mlp5", {"head": "fc 40; fc 30; fc 20", "activation": "tanh"}),
    ("mlp5", {"head": "fc 40; fc 30; fc 20", "norm": "batch"}),
]


@pytest.fixture(scope="module")
def digits() -> ImageSet:
    return load("digits16", CONFIG.seed)


def _graph(name: str, options: dict[str, str]) -> Graph:
    return build(CONFIG.fitted(catalogue.find(name)).with_options(**options))


def _fitted(graph: Graph, digits: ImageSet) -> ImageSet:
    """The digits at the side that the graph takes: VGG's five poolings need 32."""
    times = graph.input_shape[-1] // digits.images.shape[-1]
    larger = {
        name: getattr(digits, name).repeat_interleave(times, 2).repeat_interleave(times, 3)
        for name in ("images", "held_out_images")
    }
    return replace(digits, **larger)


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
        found["weight_gradient"].append(float(module.get_submodule(layer).weight.grad.pow(2).sum().sqrt()))  # type: ignore[operator, union-attr]
    return found


def _along_the_shortcut(graph: Graph, module: nn.Module, block: ResidualBlock, x: Tensor) -> Tensor:
    """What a block's shortcut makes of its input, layer by layer."""
    if block.shortcut == block.source:
        return x * 1
    path = [graph[block.shortcut]]
    while path[0].inputs != (block.source,):
        path.insert(0, graph[path[0].inputs[0]])
    for layer in path:
        x = module.get_submodule(layer.name)(x)
    return x


def _reference_of_blocks(graph: Graph, module: nn.Module, images: Tensor, labels: Tensor) -> dict[str, list[float]]:
    """The two terms of eq. 5: the shortcut's by a pass back along it alone, F's as what is left of dl/dx."""
    kept: dict[str, Tensor] = {}

    def hook(name: str):  # type: ignore[no-untyped-def]
        def keep(_: nn.Module, __: object, out: Tensor) -> None:
            if out.requires_grad:
                out.retain_grad()
            kept[name] = out

        return keep

    hooks = [module.get_submodule(layer.name).register_forward_hook(hook(layer.name)) for layer in graph.layers[1:]]
    functional.cross_entropy(module(images), labels, reduction="sum").backward()
    for one in hooks:
        one.remove()
    found: dict[str, list[float]] = {
        name: [] for name in ("shortcut_gradient", "residual_gradient", "gradient_cosine", "residual_share")
    }
    for block in graph.residual_blocks:
        x = kept[block.source].detach().requires_grad_()
        total, dx = kept[block.total].grad, kept[block.source].grad
        assert total is not None
        assert dx is not None
        (past,) = torch.autograd.grad(_along_the_shortcut(graph, module, block, x), x, total)
        past, through = past[:SAMPLES], (dx - past)[:SAMPLES]
        found["shortcut_gradient"].append(float(past.flatten(1).pow(2).sum(1).mean().sqrt()))
        found["residual_gradient"].append(float(through.flatten(1).pow(2).sum(1).mean().sqrt()))
        found["gradient_cosine"].append(float((past * through).sum() / past.norm() / through.norm()))
        norms = [float(kept[name].detach()[:SAMPLES].norm()) for name in (block.residual, block.shortcut)]
        found["residual_share"].append(norms[0] / norms[1])
    for layer in graph.nonlinearities:
        out = kept[layer.name].detach()[:SAMPLES]
        low, high = {"sigmoid": (0.015, 0.985), "tanh": (-0.97, 0.97)}.get(layer.op.kind, (0.0, math.inf))
        beyond = (out < low) | (out > high) | ((out <= 0) & (low == 0.0))
        found.setdefault("saturation", []).append(float(beyond.double().mean()))
        found.setdefault("activation_mean", []).append(float(out.mean()))
    return found


@pytest.mark.parametrize(("name", "options"), NETS)
def test_probes_equal_hooks_in_float64(name: str, options: dict[str, str], digits: ImageSet) -> None:
    """Both in float64, so that what is compared is the definition; probes then store float32."""
    graph = _graph(name, options)
    digits = _fitted(graph, digits)
    exact = replace(digits, images=digits.images.double(), held_out_images=digits.held_out_images.double())
    trainer = Trainer(graph, CONFIG, exact)
    trainer.module.double()
    # In the trainer's order of memory, which decides where the gradient goes if two maxima of a pool are equal.
    order = memory_format(CONFIG, trainer.device)
    references = [to_module(graph).double().to(memory_format=order) for _ in range(2)]
    for reference in references:
        reference.load_state_dict(trainer.module.state_dict())
    images, labels = Batches(exact, CONFIG.batch, CONFIG.seed).at(0)
    images = images.to(memory_format=order)
    expected = _reference(graph, references[0], images, labels)
    expected |= _reference_of_blocks(graph, references[1], images, labels)
    names = [layer.name for layer in graph.weight_layers]
    before = {name: trainer.module.get_submodule(name).weight.detach().clone() for name in names}  # type: ignore[operator]
    trainer.step()
    rows = trainer.drain()
    for quantity, values in expected.items():
        measured = rows.get(quantity, np.empty((1, 0)))[0]
        assert measured == pytest.approx(values, rel=1e-6, abs=1e-9), quantity
    ratios = [
        float((trainer.module.get_submodule(layer).weight.detach() - weight).norm() / weight.norm())  # type: ignore[operator]
        for layer, weight in before.items()
    ]
    assert rows["update_ratio"][0] == pytest.approx(ratios, rel=1e-6)


@pytest.mark.parametrize("optimizer", ["sgd", "nesterov", "adam"])
@pytest.mark.parametrize("momentum", [0.9, 0.0])
def test_the_update_ratio_is_of_the_update_that_was_made(optimizer: str, momentum: float, digits: ImageSet) -> None:
    if optimizer == "nesterov" and momentum == 0:
        return
    graph = _graph("cifar-resnet20", {})
    recipe = {"optimizer": optimizer, "momentum": momentum, "warm_up_steps": 2, "warm_up_rate": 0.003}
    trainer = Trainer(graph, CONFIG.model_copy(update=recipe), digits)
    for _ in range(4):
        before = [trainer.module.get_submodule(layer.name).weight.detach().double() for layer in graph.weight_layers]  # type: ignore[operator]
        trainer.step()
        after = [trainer.module.get_submodule(layer.name).weight.detach().double() for layer in graph.weight_layers]  # type: ignore[operator]
        ratios = [float((b - a).norm() / a.norm()) for a, b in zip(before, after, strict=True)]
        assert trainer.drain()["update_ratio"][0] == pytest.approx(ratios, rel=1e-5)


def test_a_histogram_says_where_the_outputs_lie(digits: ImageSet) -> None:
    for activation, inside in (("sigmoid", (0, 20)), ("tanh", (0, 20)), ("relu", (4, 20))):
        config = CONFIG.model_copy(update={"histogram_every": 2})
        graph = _graph("mlp5", {"head": "fc 40; fc 30", "activation": activation})
        trainer = Trainer(graph, config, digits)
        for _ in range(2):
            trainer.step()
        histogram = trainer.drain()["activation_histogram"].reshape(2, 2, 20)
        assert np.isnan(histogram[1]).all()
        assert histogram[0].sum(1) == pytest.approx(1, abs=1e-5)
        assert histogram[0][:, slice(*inside)].sum(1) == pytest.approx(1, abs=1e-5)
        out = _outputs(graph, digits, config)[0].flatten()
        low, high = {"sigmoid": (0, 1), "tanh": (-1, 1)}.get(activation, (-1, 4))
        scale = 1 if activation != "relu" else float(out.pow(2).mean().sqrt())
        expected = torch.histc((out / scale).clamp(low, high), 20, low, high) / len(out)
        assert histogram[0][0] == pytest.approx(expected.numpy(), abs=2e-3)


def _outputs(graph: Graph, digits: ImageSet, config: TrainConfig) -> list[Tensor]:
    """The nonlinearities' outputs of the first samples at initialisation."""
    module = to_module(graph)
    initialize(module, graph, config)
    found: list[Tensor] = []
    for layer in graph.nonlinearities:
        module.get_submodule(layer.name).register_forward_hook(lambda _, __, out: found.append(out.detach()[:SAMPLES]))
    module(Batches(digits, config.batch, config.seed).at(0)[0])
    return found


@pytest.mark.parametrize(("name", "options"), NETS)
def test_probes_measure_what_passes_to_1e_5(name: str, options: dict[str, str], digits: ImageSet) -> None:
    """The same float32 pass seen by probes and by hooks: what is left is the probes' own error."""
    graph = _graph(name, options)
    trainer = Trainer(graph, CONFIG, _fitted(graph, digits))
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
        response, gradient = seen[layer]  # type: ignore[assignment]
        per_sample = (gradient * CONFIG.batch).flatten(1).pow(2).sum(1)  # the loss is the mean over the batch
        expected = {
            "response": float(response.std(correction=0)),  # type: ignore[attr-defined]
            "response_gradient": float(per_sample.mean().sqrt()),
            "weight_gradient": float(module.get_submodule(layer).weight.grad.double().pow(2).sum().sqrt()),  # type: ignore[operator, union-attr]
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


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_a_layer_that_did_not_move_has_an_update_ratio_of_zero(momentum: float, digits: ImageSet) -> None:
    """The gradient of a deep plain net's first layer is too small to change a weight, whatever the optimizer asks."""
    recipe = {"init": "torch", "momentum": momentum, "weight_decay": 0.0}
    graph = build(catalogue.find("cifar-plain20").with_options(norm="none", input="1x16x16"))
    trainer = Trainer(graph, CONFIG.model_copy(update=recipe), digits)
    names = [name for name, tensor in trainer.state_dict().items() if name.endswith("conv1.weight")]
    before = {name: trainer.state_dict()[name].clone() for name in names}
    trainer.step()
    after = trainer.state_dict()
    (stem,) = [name for name in names if name == "net.conv1.weight"]
    ratio = trainer.drain()["update_ratio"][0]
    assert torch.equal(before[stem], after[stem])
    assert ratio[0] == 0.0
    assert (ratio > 0).any()


def test_an_update_ratio_is_the_distance_of_the_checkpoints(digits: ImageSet) -> None:
    graph = build(catalogue.find("cifar-resnet20").with_options(input="1x16x16"))
    trainer = Trainer(graph, CONFIG, digits)
    weights = [f"net.{layer.name}.weight" for layer in graph.weight_layers]
    for _step in range(3):
        before = {name: trainer.state_dict()[name].clone().double() for name in weights}
        trainer.step()
        after = trainer.state_dict()
        expected = [float((after[n].double() - before[n]).norm() / before[n].norm()) for n in weights]
        assert trainer.drain()["update_ratio"][0] == pytest.approx(expected, rel=1e-6)
