"""What watching costs in a loop of one's own, against the bare loop, in turn with it."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from importlib.util import find_spec
from itertools import count
from typing import Any

import torch
import torchvision
from torch import Tensor, nn
from torch.nn import functional

import resviz
from tests.benchmarks.timing import Row, ms, paired

Step = Callable[[], None]


def _backward(loss: Tensor) -> None:
    loss.backward()


class GptSize(nn.Module):
    """A transformer as large as the smallest GPT-2: 12 layers of 768, 50 257 words, 124 million parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.words, self.places = nn.Embedding(50_257, 768), nn.Embedding(1024, 768)
        layer = nn.TransformerEncoderLayer(768, 12, 3072, 0.0, "gelu", batch_first=True, norm_first=True)
        self.body = nn.TransformerEncoder(layer, 12, enable_nested_tensor=False)
        self.out = nn.Linear(768, 50_257, bias=False)
        self.out.weight = self.words.weight
        for table in (self.words, self.places):
            nn.init.normal_(table.weight, std=0.02)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.words(tokens) + self.places(torch.arange(tokens.shape[1]))
        return self.out(self.body(x)[:, -1])


MODELS: dict[str, tuple[Callable[[], nn.Module], Callable[[], Tensor], int]] = {
    "resnet18, batch 16, 64×64": (torchvision.models.resnet18, lambda: torch.rand(16, 3, 64, 64), 12),
    "resnet18, batch 32, 224×224": (torchvision.models.resnet18, lambda: torch.rand(32, 3, 224, 224), 5),
    "resnet50, batch 8, 64×64": (torchvision.models.resnet50, lambda: torch.rand(8, 3, 64, 64), 12),
    "vit_b_16, batch 2, 224×224": (torchvision.models.vit_b_16, lambda: torch.rand(2, 3, 224, 224), 6),
    "a GPT-2 of 124 M parameters, 2×128 tokens": (GptSize, lambda: torch.randint(50_257, (2, 128)), 6),
}
"""What builds a model, what makes its batch, and how many pairs of steps are taken."""


def rows() -> Iterator[Row]:
    """Return a row for each model and way of watching."""
    torch.set_num_threads(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, (make, batch, runs) in MODELS.items():
            for what, budget, watching in (
                ("the weights alone", "1.02", lambda model, optimizer: _watched(model, optimizer, responses=False)),
                ("weights and responses", "1.05", lambda model, optimizer: _watched(model, optimizer, responses=True)),
                ("responses, one step in ten", "", lambda model, optimizer: _watched(model, optimizer, every=10)),
                ("hooks with .item(), gradients of the weights", "", _item_hooks),
                *([("wandb.watch, gradients of the weights", "", _wandb)] if find_spec("wandb") else []),
                *([("Cockpit's GradNorm", "", _cockpit)] if find_spec("cockpit") else []),
                *([("Lightning's grad_norm, logged", "", _lightning)] if find_spec("lightning") else []),
            ):
                yield _row(f"{what}, {name}", budget, make, batch(), watching, runs)


def _row(what: str, budget: str, make: Callable[[], nn.Module], batch: Tensor, watching: Any, runs: int) -> Row:
    torch.manual_seed(0)
    labels = torch.randint(1000, (len(batch),))
    bare = _Loop(make(), batch, labels, lambda model, optimizer: nullcontext(_backward))
    other = _Loop(make(), batch, labels, watching)
    try:
        theirs, ours, ratio = paired(other.work, bare.work, runs=runs)
    finally:
        other.close()
        bare.close()
    return Row(f"watching {what}", ms(theirs), f"{ratio:.3f} of the bare loop, {ms(ours)}", budget)


class _Loop:
    """A loop that takes a step each time it is called."""

    def __init__(self, model: nn.Module, images: Tensor, labels: Tensor, watching: Any) -> None:
        optimizer = torch.optim.SGD(model.parameters(), 0.001, momentum=0.9)
        self._context = watching(model, optimizer)
        backward = self._context.__enter__()

        def work() -> None:
            loss = functional.cross_entropy(model(images), labels)
            backward(loss)
            optimizer.step()
            optimizer.zero_grad()

        self.work = work

    def close(self) -> None:
        self._context.__exit__(None, None, None)


@contextmanager
def _watched(model: nn.Module, optimizer: Any, **options: Any) -> Iterator[Callable[[Tensor], None]]:
    with tempfile.TemporaryDirectory() as folder, resviz.watch(model, folder, optimizer=optimizer, **options) as watch:

        def backward(loss: Tensor) -> None:
            _backward(loss)
            watch.step(loss)

        yield backward


@contextmanager
def _wandb(model: nn.Module, _optimizer: Any) -> Iterator[Callable[[Tensor], None]]:
    import wandb

    with tempfile.TemporaryDirectory() as folder:
        run = wandb.init(mode="offline", dir=folder, settings=wandb.Settings(silent=True))
        run.watch(model, log="gradients", log_freq=1)

        def backward(loss: Tensor) -> None:
            _backward(loss)
            run.log({"loss": loss.detach()})

        yield backward
        run.finish()


@contextmanager
def _cockpit(model: nn.Module, optimizer: Any) -> Iterator[Callable[[Tensor], None]]:
    """Cockpit 1.0.2, of 2021, needs setuptools before 81. It takes norms of gradients behind the backward pass."""
    from cockpit import Cockpit
    from cockpit.quantities import GradNorm

    cockpit = Cockpit(model.parameters(), quantities=[GradNorm(track_schedule=lambda step: True)])
    steps = count()

    def backward(loss: Tensor) -> None:
        step, info = (
            next(steps),
            {"batch_size": 1, "individual_losses": loss[None], "loss": loss, "optimizer": optimizer},
        )
        with cockpit(step, info=info):
            loss.backward(create_graph=cockpit.create_graph(step))

    yield backward


@contextmanager
def _lightning(model: nn.Module, _optimizer: Any) -> Iterator[Callable[[Tensor], None]]:
    """What Lightning's own users put into `on_before_optimizer_step`: a dictionary of norms, which is logged."""
    from lightning.pytorch.utilities import grad_norm

    logged: dict[str, float] = {}

    def backward(loss: Tensor) -> None:
        _backward(loss)
        logged.update({name: float(norm) for name, norm in grad_norm(model, norm_type=2).items()})

    yield backward


@contextmanager
def _item_hooks(model: nn.Module, _optimizer: Any) -> Iterator[Callable[[Tensor], None]]:
    found: dict[int, float] = {}
    handles = [
        weight.register_post_accumulate_grad_hook(
            lambda weight, place=place: found.__setitem__(place, weight.grad.norm().item())
        )
        for place, weight in enumerate(model.parameters())
    ]
    yield _backward
    for handle in handles:
        handle.remove()
