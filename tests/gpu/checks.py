"""The checks: each says what it measured, and raises where that is beyond its limit."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from resviz.analysis.memory import training
from resviz.base.errors import UsageError, user_message
from resviz.experiments.devices import choose_device, find_device
from resviz.experiments.session import Session
from resviz.experiments.training_plan import TrainingPlan, resume_plan
from resviz.measurements.rows import Rows
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.nets.graph import Graph
from resviz.runs.folder import RunFolder
from resviz.training.data.images import load
from resviz.training.modules import to_module
from resviz.training.optimizers import RecipeOptimizer
from resviz.training.recipe import TrainConfig
from resviz.training.trainer import Trainer, use_precision

BASE = TrainConfig(data="digits16", batch=64, steps=1000, evaluate_every=0, histogram_every=0)
NETS = ("cifar-plain20", "cifar-resnet20", "cifar-preresnet20", "cifar-highway20", "mlp5")
MEMORY_NETS = ("resnet18", "resnet50", "vgg11", "cifar-resnet56", "cifar-preresnet20")
SMALL_DIFFERENCES = ("gradient_cosine", "saturation", "activation_mean")
"""A cosine is a small difference of large sums, and a share counts values that lie on an edge."""


@dataclass(frozen=True)
class Check:
    """A check: what it checks, the limit, and a function that returns what it measured on a device."""

    what: str
    limit: str
    run: Callable[[torch.device], str]
    needs_cuda: bool


CHECKS: list[Check] = []


def check(what: str, limit: str, needs_cuda: bool = False) -> Callable[[Callable[[torch.device], str]], None]:
    """Register a check."""

    def register(run: Callable[[torch.device], str]) -> None:
        CHECKS.append(Check(what, limit, run, needs_cuda))

    return register


def graph_of(net: str, config: TrainConfig) -> Graph:
    return build(config.fitted(catalogue.find(net)))


def rows_of(net: str, device: torch.device | str, steps: int = 1, **recipe: Any) -> Rows:
    config = BASE.model_copy(update=recipe)
    use_precision(config)
    trainer = Trainer(graph_of(net, config), config, load(config.data, 0), device)
    for _ in range(steps):
        trainer.step()
    rows = trainer.drain()
    trainer.close()
    return rows


def difference(rows: Rows, others: Rows, step: int = 0, leave_out: tuple[str, ...] = SMALL_DIFFERENCES) -> float:
    """The largest relative difference of a step's numbers, each against the largest of its quantity."""
    worst = 0.0
    for name in rows:
        a, b = (np.atleast_1d(one[name][step]).astype(np.float64) for one in (rows, others))
        if name in leave_out or not np.isfinite(a).any():
            continue
        assert np.array_equal(np.isfinite(a), np.isfinite(b)), f"{name} has gaps in one of them"
        worst = max(worst, float(np.nanmax(np.abs(a - b)) / max(float(np.nanmax(np.abs(a))), 1e-30)))
    return worst


def within(value: float, limit: float, what: str = "differs by") -> str:
    assert value <= limit, f"{what} {value:.2g}, more than {limit:g}"
    return f"{what} {value:.2g}"


@check("the first step's numbers are the CPU's, 5 nets", "1e-3 of the largest")
def _same_as_cpu(device: torch.device) -> str:
    worst = max(difference(rows_of(net, "cpu"), rows_of(net, device)) for net in NETS)
    return within(worst, 1e-3)


@check("the loss after 20 steps is the CPU's", "5%")
def _learns_as_on_cpu(device: torch.device) -> str:
    cpu, gpu = (rows_of("cifar-resnet20", where, 20, learning_rate=0.01)["loss"] for where in ("cpu", device))
    assert gpu[-1] < gpu[0]
    return within(abs(float(gpu[-1] - cpu[-1])) / float(cpu[-1]), 0.05)


@check("probes equal float64 on the CPU", "1e-3 of the largest")
def _probes_in_float64(device: torch.device) -> str:
    config = BASE
    data = load(config.data, 0)
    exact = replace(data, images=data.images.double(), held_out_images=data.held_out_images.double())
    reference = Trainer(graph_of("cifar-resnet20", config), config, exact)
    reference.module.double()
    reference.step()
    return within(difference(reference.drain(), rows_of("cifar-resnet20", device)), 1e-3)


@check("a captured step has the eager step's numbers", "1e-4 of the largest")
def _captured(device: torch.device) -> str:
    eager, captured = (rows_of("cifar-resnet20", device, 8, capture=on, learning_rate=1e-4) for on in (False, True))
    return within(max(difference(eager, captured, step) for step in range(8)), 1e-4)


@check("channels-last has the numbers of channels-first", "1e-3 of the largest")
def _channels_last(device: torch.device) -> str:
    first, last = (rows_of("cifar-resnet20", device, layout=layout) for layout in ("channels-first", "channels-last"))
    return within(difference(first, last), 1e-3)


@check("tf32 differs as its ten bits do", "2% of the loss", needs_cuda=True)
def _tf32(device: torch.device) -> str:
    exact, rounded = (rows_of("cifar-resnet20", device, precision=kind)["loss"][0] for kind in ("float32", "tf32"))
    return within(abs(float(rounded - exact)) / float(exact), 0.02)


@check("bfloat16 differs as its seven bits do, weights stay float32", "5% of the loss")
def _bfloat16(device: torch.device) -> str:
    exact, rounded = (rows_of("cifar-resnet20", device, precision=kind)["loss"][0] for kind in ("float32", "bfloat16"))
    config = BASE.model_copy(update={"precision": "bfloat16"})
    trainer = Trainer(graph_of("cifar-resnet20", config), config, load(config.data, 0), device)
    trainer.step()
    assert {parameter.dtype for parameter in trainer.module.parameters()} == {torch.float32}
    return within(abs(float(rounded - exact)) / float(exact), 0.05)


@check("torchrun with one process trains as `resviz train` does", "1e-3 of the loss")
def _torchrun(device: torch.device) -> str:
    arguments = ["train", "cifar-resnet20", "--data", "digits16", "--steps", "3", "--batch", "32"]
    arguments += ["--device", device.type, "--learning-rate", "0.001"]
    losses = []
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "1"]
    with tempfile.TemporaryDirectory() as folder:
        for number, launch in enumerate(([], launcher)):
            out = Path(folder) / str(number)
            command = [sys.executable, *launch, "-m", "resviz", *arguments, "--out", str(out)]
            done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ), check=False)
            assert done.returncode == 0, done.stderr[-300:]
            (run,) = (path for path in out.iterdir() if (path / "run.json").exists())
            assert RunFolder(run).info.device.startswith(device.type)
            losses.append(RunFolder(run).rows()["loss"])
    return within(float(np.max(np.abs(losses[1] - losses[0]) / losses[0])), 1e-3)


@check("a stopped run resumes with the numbers of one that went on", "1e-3 of the largest")
def _resumes(device: torch.device) -> str:
    config = BASE.model_copy(update={"steps": 6, "learning_rate": 1e-3})
    nets = [catalogue.find("cifar-resnet20")]
    with tempfile.TemporaryDirectory() as folder:
        with Session(TrainingPlan(nets, config, Path(folder) / "whole", str(device))) as whole:
            list(whole.steps())
        with Session(TrainingPlan(nets, config, Path(folder) / "parts", str(device))) as first:
            steps = first.steps()
            next(steps), next(steps), next(steps)
        (run,) = [writer.folder for writer in first.recording.writers]
        with Session(resume_plan([run])) as rest:
            list(rest.steps())
        rows = [RunFolder(path).rows() for path in (whole.recording.writers[0].folder, run)]
    assert all(list(one["step"]) == list(range(6)) for one in rows)
    return within(max(difference(rows[0], rows[1], step) for step in range(6)), 1e-3)


@check("memory at the start of backward is what is counted, 5 nets", "3%", needs_cuda=True)
def _memory(device: torch.device) -> str:
    worst = 0.0
    for net in MEMORY_NETS:
        config = TrainConfig(data="digits", batch=64)
        graph = graph_of(net, config)
        torch.cuda.synchronize(device)
        before = torch.cuda.memory_allocated(device)
        module = to_module(graph).to(device)
        optimizer = RecipeOptimizer(list(module.parameters()), config, captured=False)
        images = torch.randn(64, *graph.input_shape, device=device)
        labels = torch.zeros(64, dtype=torch.int64, device=device)
        for turn in range(2):  # the first one makes gradients and momentum
            loss = torch.nn.functional.cross_entropy(module(images), labels)
            held = torch.cuda.memory_allocated(device) - before
            loss.backward()
            optimizer.step()
            module.zero_grad(set_to_none=False)
            assert turn or held
        counted = training(graph, 64).total
        worst = max(worst, abs(held - counted) / counted)
        del module, optimizer, images, labels, loss
        torch.cuda.empty_cache()
    return within(worst, 0.03)


@check("a device that is not there is refused, `auto` takes the one that is", "one line")
def _devices(device: torch.device) -> str:
    try:
        find_device("cuda:63")
    except UsageError as error:
        assert "\n" not in str(error)
    else:
        raise AssertionError("cuda:63 was taken for a device")
    chosen, problem = choose_device("auto")
    assert chosen.type == ("cuda" if torch.cuda.is_available() else "cpu"), problem
    return f"auto is {chosen}"


@check("a batch that does not fit gives an error of one line, and the GPU stays usable", "one line", needs_cuda=True)
def _out_of_memory(device: torch.device) -> str:
    try:
        torch.empty(1 << 50, device=device)
    except RuntimeError as error:
        said = user_message(error)
    assert said.startswith("Out of memory. Use a smaller batch")
    assert "\n" not in said
    rows_of("mlp5", device)
    return "said"
