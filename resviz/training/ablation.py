"""What a trained net does without one of its blocks, and how much gradient the paths of each length carry.

"Residual Networks Behave Like Ensembles of Relatively Shallow Networks" (Veit, Wilber and Belongie 2016, arXiv
1605.06431): section 4.1 deletes single blocks, section 4.3 sends the gradient back along single paths.
"""

from __future__ import annotations

import math
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from resviz.training.random_generators import generator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import nn

    from resviz.training.trainer import Trainer


@dataclass(frozen=True)
class BlockAblation:
    """The held-out error of a net without one block, as shares of wrong answers.

    `skipped`: what enters the block leaves it. A residual block has its shortcut for that, which may project; None for
    another block that changes the dimensions, which nothing can pass. `zeroed`: the responses of all its weight layers
    are 0, as with all their weights at 0. Of a residual block, whose F alone is taken, both are the same net.
    """

    block: str
    skipped: float | None
    zeroed: float


@dataclass(frozen=True)
class PathGradient:
    """The gradient that comes back along the paths which pass `length` of the residual functions.

    `paths` is how many there are, the binomial coefficient. `norm` is the mean, over sampled paths, of the L2 norm of
    dl/dx at the first block's input, per sample as root mean square over the images.
    """

    length: int
    paths: int
    norm: float

    @property
    def share(self) -> float:
        """What all paths of this length would carry if their gradients pointed one way."""
        return self.paths * self.norm


def ablate(trainer: Trainer) -> Iterator[BlockAblation]:
    """Yield what the net's held-out error is without each of its blocks, from the input to the output."""
    graph, module = trainer.graph, trainer.module
    residual = {block.name: block for block in graph.residual_blocks}
    for name in graph.block_names:
        layers = [layer for layer in graph.layers if layer.block == name]
        if name in residual:
            with _replaced(module, residual[name].residual):
                error = trainer.evaluate()[1]
            yield BlockAblation(name, error, error)
            continue
        with ExitStack() as parts:
            for layer in layers:
                if layer.op.weighted:
                    parts.enter_context(_replaced(module, graph.response_layer(layer).name))
            zeroed = trainer.evaluate()[1]
        source, end = graph[layers[0].inputs[0]], layers[-1]
        skipped = None
        if source.shape == end.shape and source.inputs:
            with _replaced(module, end.name, source.name):
                skipped = trainer.evaluate()[1]
        yield BlockAblation(name, skipped, zeroed)


def path_gradients(trainer: Trainer, images: int = 64, samples: int = 8) -> Iterator[PathGradient]:
    """Yield the gradient along paths of each length, from 0 residual functions to all of them.

    Which functions are on a path is drawn `samples` times. A net without residual blocks has no paths to choose from,
    and one that answers at each place or for each region is not measured.
    """
    count = len(trainer.graph.residual_blocks) if trainer.data.held_out_labels.ndim == 1 else 0
    random = generator(0, "paths")
    for length in range(count + 1) if count else ():
        norms = []
        for _sample in range(samples if 0 < length < count else 1):
            path = frozenset(torch.randperm(count, generator=random)[:length].tolist())
            gradient = gradient_along(trainer, path, images)
            norms.append(float(gradient.double().flatten(1).norm(dim=1).square().mean().sqrt()))
        yield PathGradient(length, math.comb(count, length), sum(norms) / len(norms))


def gradient_along(trainer: Trainer, path: frozenset[int] | None, images: int = 64) -> Tensor:
    """Return dl/dx at the first block's input that comes back along one path, (image, channels, height, width).

    The forward pass is the whole net's. On the way back each sum lets the gradient through to one side only: to F of
    the blocks on the path, to the shortcut of the others. None is the gradient of the whole net, which is the sum over
    all paths (eq. 4 and 5 of "Identity Mappings").

    Args:
        trainer: The net, with its weights and data.
        path: Numbers of the residual blocks on the path, from 0.
        images: How many of the held-out images are used.
    """
    module, sums = trainer.module, trainer.graph.residual_blocks
    module.eval()
    found: list[Tensor] = []

    def keep(_module: nn.Module, _inputs: object, output: Tensor) -> Tensor:
        found.append(output.detach().requires_grad_())
        return found[-1]

    def to_f(_module: nn.Module, both: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        return both[0], both[1].detach()

    def to_shortcut(_module: nn.Module, both: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        return both[0].detach(), both[1]

    inputs, targets = trainer.prepared(trainer.data.held_out_images[:images]), trainer.data.held_out_labels[:images]
    with ExitStack() as hooks, torch.enable_grad():
        hooks.callback(module.get_submodule(sums[0].source).register_forward_hook(keep).remove)
        for index, block in enumerate(sums if path is not None else ()):
            side = to_f if path is not None and index in path else to_shortcut
            hooks.callback(module.get_submodule(block.total).register_forward_pre_hook(side).remove)
        outputs = module(inputs)
        logits = outputs[0] if isinstance(outputs, tuple) else outputs
        loss = functional.cross_entropy(logits.float(), targets, reduction="sum")
        (gradient,) = torch.autograd.grad(loss, found[:1])
    return gradient


@contextmanager
def _replaced(module: nn.Module, layer: str, source: str = "") -> Iterator[None]:
    """A layer gives zeros, or what another one before it gave."""
    kept: list[Tensor] = []

    def keep(_module: nn.Module, _inputs: object, output: Tensor) -> None:
        kept[:] = [output]

    def replace(_module: nn.Module, _inputs: object, output: Tensor) -> Tensor:
        return kept[0] if source else torch.zeros_like(output)

    with ExitStack() as hooks:
        if source:
            hooks.callback(module.get_submodule(source).register_forward_hook(keep).remove)
        hooks.callback(module.get_submodule(layer).register_forward_hook(replace).remove)
        yield
