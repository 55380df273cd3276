"""What watching costs in a loop of one's own, against the bare loop, in turn with it."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
import torchvision
from torch import Tensor, nn
from torch.nn import functional

import resviz
from tests.benchmarks.timing import Row, ms, paired

Step = Callable[[], None]
MODELS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "resnet18, batch 16, 64×64": (torchvision.models.resnet18, (16, 3, 64, 64)),
    "resnet50, batch 8, 64×64": (torchvision.models.resnet50, (8, 3, 64, 64)),
    "a ViT of 12 layers of 192, batch 8, 64×64": (
        lambda: torchvision.models.VisionTransformer(64, 8, 12, 3, 192, 768),
        (8, 3, 64, 64),
    ),
}


def rows() -> Iterator[Row]:
    """Return a row for each model and way of watching."""
    torch.set_num_threads(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, (make, shape) in MODELS.items():
            for what, budget, watching in (
                ("the weights alone", "1.02", lambda model, optimizer: _watched(model, optimizer, responses=False)),
                ("weights and responses", "1.05", lambda model, optimizer: _watched(model, optimizer, responses=True)),
                ("responses, one step in ten", "", lambda model, optimizer: _watched(model, optimizer, every=10)),
                ("hooks with .item(), gradients of the weights", "", _item_hooks),
            ):
                yield _row(name, what, budget, make, shape, watching)


def _row(
    name: str, what: str, budget: str, make: Callable[[], nn.Module], shape: tuple[int, ...], watching: Any
) -> Row:
    torch.manual_seed(0)
    images, labels = torch.rand(shape), torch.randint(1000, shape[:1])
    bare = _Loop(make(), images, labels, lambda model, optimizer: nullcontext(lambda loss: None))
    other = _Loop(make(), images, labels, watching)
    try:
        theirs, ours, ratio = paired(other.work, bare.work, runs=12)
    finally:
        other.close()
        bare.close()
    return Row(f"watching {what}, {name}", ms(theirs), f"{ratio:.3f} of the bare loop, {ms(ours)}", budget)


class _Loop:
    """A loop that takes a step each time it is called."""

    def __init__(self, model: nn.Module, images: Tensor, labels: Tensor, watching: Any) -> None:
        optimizer = torch.optim.SGD(model.parameters(), 0.001, momentum=0.9)
        self._context = watching(model, optimizer)
        measure = self._context.__enter__()

        def work() -> None:
            loss = functional.cross_entropy(model(images), labels)
            loss.backward()
            measure(loss)
            optimizer.step()
            optimizer.zero_grad()

        self.work = work

    def close(self) -> None:
        self._context.__exit__(None, None, None)


@contextmanager
def _watched(model: nn.Module, optimizer: Any, **options: Any) -> Iterator[Callable[[Tensor], None]]:
    with tempfile.TemporaryDirectory() as folder, resviz.watch(model, folder, optimizer=optimizer, **options) as watch:
        yield lambda loss: watch.step(loss)


@contextmanager
def _item_hooks(model: nn.Module, _optimizer: Any) -> Iterator[Callable[[Tensor], None]]:
    found: dict[int, float] = {}
    handles = [
        weight.register_post_accumulate_grad_hook(
            lambda weight, place=place: found.__setitem__(place, weight.grad.norm().item())
        )
        for place, weight in enumerate(model.parameters())
    ]
    yield lambda loss: None
    for handle in handles:
        handle.remove()
