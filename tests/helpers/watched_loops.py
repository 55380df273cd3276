"""A small net in a plain loop, for the tests of watching: with what float64 says of it."""

import math

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from resviz.experiments.watch import Watch
from resviz.measurements.rows import Rows
from resviz.runs.folder import RunFolder

STEPS = 4


class Small(nn.Module):
    """A convolution, a normalization, a frozen layer and a head."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4)
        self.middle = nn.Conv2d(4, 4, 3)
        self.head = nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = functional.relu(self.norm(self.conv(x)))
        return self.head(self.middle(x).relu().mean((2, 3)))


def batch(step: int, size: int = 8) -> tuple[Tensor, Tensor]:
    random = torch.Generator().manual_seed(step)
    return torch.randn(size, 1, 8, 8, generator=random), torch.randint(3, (size,), generator=random)


def rows_of(watch: Watch) -> Rows:
    assert watch.folder is not None
    return RunFolder(watch.folder).rows()


def plain_loop(model: nn.Module, watch: Watch, optimizer: torch.optim.Optimizer, steps: int = STEPS) -> None:
    for step in range(steps):
        images, labels = batch(step)
        loss = functional.cross_entropy(model(images), labels)
        loss.backward()
        watch.step(loss)
        optimizer.step()
        optimizer.zero_grad()


def small(seed: int = 0) -> Small:
    torch.manual_seed(seed)
    return Small()


def sgd(model: nn.Module) -> torch.optim.SGD:
    return torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)


def reference(model: nn.Module, images: Tensor, labels: Tensor) -> dict[str, list[float]]:
    """Compute gradients and responses in float64, one after the other, by plain autograd."""
    twin = Small().double()
    twin.load_state_dict(model.state_dict())
    twin.train()
    x = twin.norm(twin.conv(images.double()))
    first = x
    x = twin.middle(functional.relu(x))
    second = x
    third = twin.head(x.relu().mean((2, 3)))
    responses = [first, second, third]
    loss = functional.cross_entropy(third, labels)
    weights = [twin.conv.weight, twin.middle.weight, twin.head.weight]
    found = torch.autograd.grad(loss, [*weights, *responses])
    return {
        "weight_gradient": [float(one.norm()) for one in found[:3]],
        "response_gradient": [float(one.norm()) * math.sqrt(len(images)) for one in found[3:]],
        "response": [float(one.detach().std(correction=0)) for one in responses],
        "loss": [float(loss.detach())],
    }


def check_last(rows: Rows, expected: dict[str, list[float]], rtol: float = 1e-4) -> None:
    for name, values in expected.items():
        np.testing.assert_allclose(np.atleast_1d(rows[name][-1]), values, rtol=rtol, err_msg=name)
