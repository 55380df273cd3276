"""A recipe's update is torch.optim's, bit for bit, and needs no compiler."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional

from resviz.training.optimizers import RecipeOptimizer
from resviz.training.recipe import TrainConfig


def net() -> nn.Sequential:
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Conv2d(1, 6, 3), nn.BatchNorm2d(6), nn.ReLU(), nn.Flatten(), nn.Linear(96, 10))
    return layers.to(memory_format=torch.channels_last)


def theirs(module: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    decay: Any = config.weight_decay
    if config.optimizer == "adam":
        betas = (config.momentum, 0.999)
        return torch.optim.Adam(module.parameters(), config.learning_rate, betas, weight_decay=decay)
    nesterov = config.optimizer == "nesterov"
    return torch.optim.SGD(
        module.parameters(), config.learning_rate, config.momentum, weight_decay=decay, nesterov=nesterov
    )


@pytest.mark.parametrize("weight_decay", [0.0, 1e-3])
@pytest.mark.parametrize(
    ("optimizer", "momentum"), [("sgd", 0.9), ("sgd", 0.0), ("nesterov", 0.9), ("adam", 0.9), ("adam", 0.5)]
)
def test_weights_and_state_are_those_of_torch_optim_bit_for_bit(
    optimizer: Any, momentum: float, weight_decay: float
) -> None:
    config = TrainConfig(optimizer=optimizer, momentum=momentum, weight_decay=weight_decay, learning_rate=0.05)
    modules = net(), net()
    for module in modules:
        module.train()
        module[0].bias.requires_grad_(False)
    ours, other = RecipeOptimizer(list(modules[0].parameters()), config, captured=False), theirs(modules[1], config)
    for step in range(5):
        images, labels = torch.randn(8, 1, 6, 6), torch.randint(10, (8,))
        rate = 0.05 / (step + 1)
        ours.set_learning_rate(rate)
        other.param_groups[0]["lr"] = rate
        ours.zero_grad()
        other.zero_grad()
        for module in modules:
            functional.cross_entropy(module(images), labels).backward()
        ours.step()
        other.step()
    for mine, its in zip(modules[0].parameters(), modules[1].parameters(), strict=True):
        assert torch.equal(mine, its)
        kept = {key: value for key, value in other.state[its].items() if isinstance(value, torch.Tensor)}
        assert ours.state[mine].keys() == kept.keys()
        assert all(torch.equal(ours.state[mine][key], value) for key, value in kept.items())


@pytest.mark.slow
def test_a_training_begins_without_loading_torchs_compiler() -> None:
    """It would take a second and 170 MB, and nothing is compiled."""
    program = """
import sys
from resviz.experiments.lessons import find_lesson
from resviz.experiments.training_plan import TrainingPlan
from resviz.experiments.session import Session
import tempfile, pathlib
lesson = find_lesson("plain20-resnet20")
config = lesson.config.model_copy(update={"steps": 2})
with Session(TrainingPlan(lesson.specs, config, pathlib.Path(tempfile.mkdtemp()), "cpu")) as session:
    list(session.steps())
print([name for name in ("torch._dynamo", "sympy") if name in sys.modules])
"""
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
