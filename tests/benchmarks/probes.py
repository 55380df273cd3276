"""What measuring costs: our probes, and the ways that people use elsewhere, against the same loop with none of them."""

from __future__ import annotations

import importlib.util
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from resviz.base.memory import keep_freed_memory
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.training.data.images import load
from resviz.training.recipe import TrainConfig
from resviz.training.trainer import Trainer
from tests.benchmarks.plain_loops import fastest_plain_loop
from tests.benchmarks.timing import Row, ms, paired

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
STEPS = 2 if DEVICE == "cpu" else 50
LECTURE = {"data": "digits16", "batch": 64}
PAPER = {"data": "digits", "batch": 128}
"""Section 4.2's batch and size of image, so that a step costs what it does there."""


def rows() -> Iterator[Row]:
    keep_freed_memory()  # as a session does; the plain loops of this process have it too
    for name, recipe, what in (
        ("cifar-plain20", LECTURE | {"norm": "none"}, "no normalization, 16×16, batch 64"),
        ("cifar-plain20", LECTURE, "16×16, batch 64"),
        ("cifar-resnet20", LECTURE, "16×16, batch 64"),
        ("cifar-resnet20", PAPER, "32×32, batch 128"),
        ("cifar-resnet56", PAPER, "32×32, batch 128"),
    ):
        yield from ours(name, recipe, what)
    yield against("hooks and .item(), 3 of the 11 quantities", _hooks)
    if importlib.util.find_spec("wandb"):
        yield against("wandb.watch, gradients of the weights, each step", _wandb)
    if DEVICE == "cuda":
        yield captured()


def ours(name: str, recipe: dict[str, Any], what: str) -> Iterator[Row]:
    """With probes, against the same loop without them, and against the fastest loop that a user would write."""
    measured, plain = _trainer(name, recipe), _trainer(name, recipe, probes=False)
    a, b, ratio = paired(lambda: _run(measured), lambda: _run(plain))
    budget = "1.05" if DEVICE == "cpu" else "1.05; 1.02 of gradients"
    yield Row(f"all probes, {name}, {what}", ms(a / STEPS), f"{ratio:.3f} of {ms(b / STEPS)} without", budget)
    if DEVICE == "cpu":
        step, way = fastest_plain_loop(measured.graph, measured.config, load(measured.config.data, 0))
        a, b, ratio = paired(lambda: _run(measured), lambda: [step() for _ in range(STEPS)])
        against = f"{ratio:.3f} of {ms(b / STEPS)}, {way}"
        yield Row(f"the same, against the fastest plain loop, {name}, {what}", ms(a / STEPS), against, "1.05")


def against(what: str, watch: Callable[[Trainer], Any]) -> Row:
    """The plain loop with another way of measuring in it, ResNet-20 at the lecture's size."""
    watched, plain = (_trainer("cifar-resnet20", LECTURE, probes=False) for _ in range(2))
    with watch(watched) as after_step:
        a, b, ratio = paired(lambda: _run(watched, after_step), lambda: _run(plain))
    return Row(f"{what}, cifar-resnet20, 16×16, batch 64", ms(a / STEPS), f"{ratio:.3f} of {ms(b / STEPS)} without", "")


def captured() -> Row:
    """The whole step, probes included, as a CUDA graph, against the plain eager loop without probes."""
    name = "cifar-resnet56"
    whole, plain = _trainer(name, PAPER | {"capture": True}), _trainer(name, PAPER, probes=False)
    a, _, ratio = paired(lambda: _run(whole), lambda: _run(plain))
    return Row(f"all probes, captured, {name}, 32×32, batch 128", ms(a / STEPS), f"{1 / ratio:.1f}× as fast", "3×")


def _trainer(name: str, recipe: dict[str, Any], probes: bool = True) -> Trainer:
    recipe = dict(recipe)
    norm = recipe.pop("norm", None)
    config = TrainConfig(**recipe, steps=1_000_000, evaluate_every=0)
    spec = config.fitted(catalogue.find(name))
    graph = build(spec.model_copy(update={"norm": norm}) if norm else spec)
    trainer = Trainer(graph, config, load(config.data, 0), DEVICE, probes)
    for _ in range(5):
        trainer.step()
    trainer.drain()
    return trainer


def _run(trainer: Trainer, after_step: Callable[[], None] | None = None) -> None:
    for _ in range(STEPS):
        trainer.step()
        if after_step:
            after_step()
        if trainer.is_full:
            trainer.drain()
    trainer.drain()
    if DEVICE == "cuda":
        torch.cuda.synchronize()


@contextmanager
def _hooks(trainer: Trainer) -> Iterator[Callable[[], None]]:
    """The usual way: module hooks, and each number fetched as it comes; responses, their gradients, the weights'."""
    values: dict[str, float] = {}
    graph, module = trainer.graph, trainer.module

    def on_gradient(name: str, gradient: Tensor) -> None:
        values[f"response_gradient/{name}"] = gradient.norm().item() * gradient.shape[0] ** 0.5

    def on_output(name: str, _: nn.Module, __: object, out: Tensor) -> None:
        if out.requires_grad:
            values[f"response/{name}"] = out.detach().std(correction=0).item()
            out.register_hook(partial(on_gradient, name))

    hooks = []
    for layer in graph.weight_layers:
        response = module.get_submodule(graph.response_layer(layer).name)
        hooks.append(response.register_forward_hook(partial(on_output, layer.name)))

    def after_step() -> None:
        for layer in graph.weight_layers:
            weight = module.get_submodule(layer.name).weight
            assert isinstance(weight.grad, Tensor)
            values[f"weight_gradient/{layer.name}"] = weight.grad.norm().item()

    yield after_step
    for hook in hooks:
        hook.remove()


@contextmanager
def _wandb(trainer: Trainer) -> Iterator[Callable[[], None]]:
    """Histograms of the weights' gradients, which is what it offers; offline, into a folder that is thrown away."""
    import wandb

    os.environ["WANDB_SILENT"] = "true"
    with tempfile.TemporaryDirectory() as folder:
        run = wandb.init(mode="offline", dir=folder, project="benchmark")
        run.watch(trainer.module, log="gradients", log_freq=1)
        yield lambda: run.log({})
        run.finish()
