"""A saved run looked into: its held-out error without each block, and the gradient along paths of each length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from resviz.base.errors import RunError
from resviz.base.translation import _
from resviz.experiments.trained_nets import load_trained
from resviz.runs.folder import RunFolder
from resviz.training.ablation import BlockAblation, PathGradient, ablate, path_gradients

if TYPE_CHECKING:
    from pathlib import Path

    from resviz.base.progress import Progress


@dataclass(frozen=True)
class AblatedRun:
    """What was measured of a run's net. Errors are shares of wrong answers; `chance` is that of chance."""

    name: str
    unit: str
    error: float
    chance: float
    blocks: tuple[BlockAblation, ...]
    paths: tuple[PathGradient, ...]
    """None without residual blocks."""


def ablate_run(folder: Path, progress: Progress) -> AblatedRun:
    """Measure a run's net. Raise RunError if it has no weights, or when `progress` says to stop."""
    trainer = load_trained(folder)
    spec = RunFolder(folder).info.net
    blocks = sum(1 for name in dict.fromkeys(layer.block for layer in trainer.graph.layers) if name)
    lengths = len(trainer.graph.residual_blocks)
    count, done = blocks + lengths + 1, 0

    def tell() -> None:
        nonlocal done
        done += 1
        if not progress(min(1.0, done / count)):
            raise RunError(_("{run} was not measured to its end: stopped.").format(run=folder.name))

    found_blocks, found_paths = [], []
    for block in ablate(trainer):
        found_blocks.append(block)
        tell()
    for path in path_gradients(trainer):
        found_paths.append(path)
        tell()
    error = trainer.evaluate()[1]
    return AblatedRun(spec.label, spec.unit, error, 1 - 1 / spec.classes, tuple(found_blocks), tuple(found_paths))
