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

    from resviz.nets.graph import Graph
    from resviz.training.trainer import Trainer


@dataclass(frozen=True)
class BlockAblation:
    """The held-out error of a net without one block, as shares of wrong answers.

    `skipped`: what enters the block leaves it. A residual block has its shortcut for that, which may project; None for
    a plain block that changes the dimensions, which nothing can pass. `zeroed`: all outputs of its last weight layer
    are 0, as with all its weights at 0. Of a residual block both are the same net.
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
    for name, layers in _blocks(graph).items():
        if name in residual:
            with _replaced(module, residual[name].residual):
                error = trainer.evaluate()[1]
            yield BlockAblation(name, error, error)
            continue
        weighted = [layer for layer in layers if layer.op.weighted and not layer.on_shortcut]
        with _replaced(module, graph.response_layer(weighted[-1]).name):
            zeroed = trainer.evaluate()[1]
        source, end = graph[layers[0].inputs[0]], layers[-1]
        skipped = None
        if source.shape == end.shape and source.inputs:
            with _replaced(module, end.name, source.name):
                skipped = trainer.evaluate()[1]
        yield BlockAblation(name, skipped, zeroed)


def path_gradients(trainer: Trainer, images: int = 64, samples: int = 8) -> Iterator[PathGradient]:
    """Yield the gradient along paths of each length, from 0 residual functions to all of them.

    The forward pass is the whole net's. On the way back each sum lets the gradient through to one side only: to F of
    the blocks on the path, to the shortcut of the others. Which blocks are on a path is drawn `samples` times.
    """
    graph, module = trainer.graph, trainer.module
    blocks = graph.residual_blocks
    module.eval()
    random = generator(0, "paths")
    inputs, targets = trainer.held_out(images)
    for length in range(len(blocks) + 1):
        norms = []
        for _sample in range(samples if 0 < length < len(blocks) else 1):
            on_path = set(torch.randperm(len(blocks), generator=random)[:length].tolist())
            sides = {block.total: int(index in on_path) for index, block in enumerate(blocks)}
            norms.append(_gradient_along(module, sides, blocks[0].source, inputs, targets))
        yield PathGradient(length, math.comb(len(blocks), length), sum(norms) / len(norms))


def _gradient_along(module: nn.Module, sides: dict[str, int], source: str, inputs: Tensor, targets: Tensor) -> float:
    """Return the norm of dl/dx at `source`; `sides` says of each sum whether its gradient goes to F (1) or not (0)."""
    found: list[Tensor] = []

    def keep(_module: nn.Module, _inputs: object, output: Tensor) -> Tensor:
        leaf = output.detach().requires_grad_()
        found.append(leaf)
        return leaf

    def one_side(side: int) -> object:
        def choose(_module: nn.Module, both: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
            residual, shortcut = both
            return (residual, shortcut.detach()) if side else (residual.detach(), shortcut)

        return choose

    with ExitStack() as hooks, torch.enable_grad():
        hooks.callback(module.get_submodule(source).register_forward_hook(keep).remove)
        for total, side in sides.items():
            hooks.callback(module.get_submodule(total).register_forward_pre_hook(one_side(side)).remove)  # type: ignore[arg-type]
        outputs = module(inputs)
        logits = outputs[0] if isinstance(outputs, tuple) else outputs
        loss = functional.cross_entropy(logits.float(), targets, reduction="sum")
        (gradient,) = torch.autograd.grad(loss, found[:1], allow_unused=True)
    if gradient is None:
        return 0.0
    return float(gradient.double().flatten(1).norm(dim=1).square().mean().sqrt())


def _blocks(graph: Graph) -> dict[str, list]:  # type: ignore[type-arg]
    found: dict[str, list] = {}  # type: ignore[type-arg]
    for layer in graph.layers:
        if layer.block and not layer.auxiliary:
            found.setdefault(layer.block, []).append(layer)
    return found


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
