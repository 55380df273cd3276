"""A saved run looked into: its held-out error without each block, and the gradient along paths of each length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from resviz.base.errors import NetError, RunError
from resviz.base.translation import _
from resviz.experiments.trained_nets import load_trained
from resviz.nets.build import build
from resviz.runs.folder import RunFolder
from resviz.training.ablation import BlockAblation, PathGradient, ablate, path_gradients
from resviz.training.identity_blocks import deepened
from resviz.training.trainer import Trainer

if TYPE_CHECKING:
    from pathlib import Path

    from resviz.base.progress import Progress
    from resviz.nets.spec import NetSpec


MOST_PATHS = 100
"""Residual blocks up to which paths are measured: of more it would take hours."""


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
    deeper: float | None = None
    """The error with an identity block more in each stage; None where no block can be one."""


def ablate_run(folder: Path, progress: Progress, *, paths: bool = True) -> AblatedRun:
    """Measure a run's net, and the gradient along its paths if wanted.

    Raise RunError if it has no weights, or when `progress` says to stop.
    """
    run = RunFolder(folder)
    trainer, spec = load_trained(run), run.info.net
    residual = len(trainer.graph.residual_blocks)
    lengths = residual + 1 if paths and 0 < residual <= MOST_PATHS else 0
    count, done = max(1, len(trainer.graph.block_names) + lengths), 0

    def tell() -> None:
        nonlocal done
        done += 1
        if not progress(min(1.0, done / count)):
            raise RunError(_("{run} was not measured to its end: stopped.").format(run=folder.name))

    found_blocks, found_paths = [], []
    for block in ablate(trainer):
        found_blocks.append(block)
        tell()
    for path in path_gradients(trainer) if lengths else ():
        found_paths.append(path)
        tell()
    error, deeper = trainer.evaluate()[1], error_when_deeper(trainer, spec)
    chance = 1 - 1 / spec.classes
    return AblatedRun(spec.label, spec.unit, error, chance, tuple(found_blocks), tuple(found_paths), deeper)


def error_when_deeper(trainer: Trainer, spec: NetSpec) -> float | None:
    """Return a net's held-out error with an identity block more in each stage; None where no block can be one.

    None too for a net that answers at each place or for each region.
    """
    if trainer.data.held_out_labels.ndim != 1:
        return None
    try:
        longer, state = deepened(spec, trainer.module.state_dict())
    except NetError:
        return None
    other = Trainer(build(longer), trainer.config, trainer.data)
    other.module.load_state_dict(state)
    return other.evaluate()[1]
