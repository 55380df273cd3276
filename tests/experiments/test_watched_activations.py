"""Nonlinearities of a watched model: how saturated each call is, held against float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

import resviz
from resviz.runs.folder import RunFolder
from tests.helpers.watched_loops import rows_of, sgd

SAMPLES = 8


class Squashed(nn.Module):
    """Calls one ReLU twice, as blocks do, a sigmoid, and a tanh that is no module."""

    def __init__(self, checkpointed: bool = False) -> None:
        super().__init__()
        self.first, self.second, self.third = nn.Linear(6, 9), nn.Linear(9, 9), nn.Linear(9, 3)
        self.relu, self.squash = nn.ReLU(inplace=True), nn.Sigmoid()
        self.checkpointed = checkpointed

    def block(self, x: Tensor) -> Tensor:
        return self.relu(self.second(self.relu(self.first(x))))

    def forward(self, x: Tensor) -> Tensor:
        x = checkpoint(self.block, x, use_reentrant=False) if self.checkpointed else self.block(x)
        return self.third(torch.tanh(self.squash(20 * x - 3)))


def outputs(model: Squashed, x: Tensor) -> list[Tensor]:
    """What each call of a nonlinearity gives, in float64."""
    twin = Squashed().double()
    twin.load_state_dict(model.state_dict())
    first = twin.first(x.double()).relu()
    second = twin.second(first).relu()
    return [first, second, torch.sigmoid(20 * second - 3)]


@pytest.mark.parametrize("checkpointed", [False, True])
def test_each_call_of_a_nonlinearity_is_measured_as_float64_says(checkpointed: bool) -> None:
    torch.manual_seed(0)
    model = Squashed(checkpointed)
    optimizer = sgd(model)
    expected = []
    with resviz.watch(model, optimizer=optimizer) as watch:
        for step in range(3):
            x, labels = torch.randn(16, 6, generator=torch.Generator().manual_seed(step)), torch.arange(16) % 3
            expected.append([one.detach()[:SAMPLES] for one in outputs(model, x)])
            loss = functional.cross_entropy(model(x), labels)
            loss.backward()
            watch.step(loss)
            optimizer.step()
            optimizer.zero_grad()
    rows = rows_of(watch)
    assert watch.folder is not None
    places = RunFolder(watch.folder).layers.activations
    assert [place.name for place in places] == ["relu", "relu:2", "squash"]
    assert [place.kind for place in places] == ["relu", "relu", "sigmoid"]
    for step, (first, second, squashed) in enumerate(expected):
        shares = [float((one <= 0).double().mean()) for one in (first, second)]
        shares.append(float(((squashed < 0.015) | (squashed > 0.985)).double().mean()))
        np.testing.assert_allclose(rows["saturation"][step], shares, atol=1e-6)
        means = [float(one.mean()) for one in (first, second, squashed)]
        np.testing.assert_allclose(rows["activation_mean"][step], means, rtol=1e-5)
    assert 0 < rows["saturation"][0][2] < 1, "a share that says something"


def test_a_model_without_such_modules_has_no_such_quantity() -> None:
    model = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 2))
    optimizer = sgd(model)
    with resviz.watch(model, optimizer=optimizer) as watch:
        loss = model(torch.rand(4, 4)).square().mean()
        loss.backward()
        watch.step(loss)
        optimizer.step()
    assert watch.folder is not None
    run = RunFolder(watch.folder)
    assert not run.layers.activations
    assert "saturation" not in run.rows()


def test_weights_alone_are_measured_without_hooks_on_nonlinearities() -> None:
    model = Squashed()
    optimizer = sgd(model)
    with resviz.watch(model, optimizer=optimizer, responses=False) as watch:
        loss = model(torch.rand(4, 6)).square().mean()
        loss.backward()
        watch.step(loss)
        assert not model.relu._forward_hooks
        optimizer.step()
    assert "saturation" not in rows_of(watch)


def test_the_hooks_are_gone_with_the_watch() -> None:
    model = Squashed()
    watch = resviz.watch(model, optimizer=sgd(model))
    loss = model(torch.rand(4, 6)).square().mean()
    loss.backward()
    watch.step(loss)
    assert model.relu._forward_hooks
    watch.close()
    assert not any(module._forward_hooks for module in model.modules())
