"""A saved run's net with its last weights, to look into."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from resviz.base.errors import RunError
from resviz.base.translation import _
from resviz.nets.build import build
from resviz.training.data.data_sets import default_data_folder
from resviz.training.data.images import load
from resviz.training.recipe import validate_recipe
from resviz.training.trainer import Trainer, use_precision

if TYPE_CHECKING:
    from pathlib import Path

    from resviz.runs.folder import RunFolder


def load_trained(run: RunFolder) -> Trainer:
    """Return a trainer with a run's net, its data and its last weights, on the CPU. Nothing is written.

    Raise RunError if the run has no checkpoint, or one of another net, and DataError if its data are not there.
    """
    tensors = {name: torch.from_numpy(value) for name, value in run.checkpoint().items()}
    if not tensors:
        raise RunError(
            _("{run} has no checkpoint, and so no weights. Train it again, or choose another run.").format(
                run=run.folder.name
            )
        )
    recipe = validate_recipe(run.info.recipe, str(run.folder))
    config = recipe.model_copy(update={"precision": "float32", "capture": False})
    use_precision(config)
    images = load(config.data, config.data_seed, default_data_folder(config.data), config.held_out, config.image_side)
    trainer = Trainer(build(run.info.net), config, images)
    load_state(trainer, tensors, run.folder)
    return trainer


def load_state(trainer: Trainer, tensors: dict[str, torch.Tensor], folder: Path) -> None:
    """Load a run's checkpoint into a trainer. Raise RunError if it belongs to another net."""
    try:
        trainer.load_state_dict(tensors)
    except (RuntimeError, KeyError) as error:
        why = " ".join(str(error).split())[:200]
        raise RunError(
            _("{path}: the checkpoint belongs to another net: {reason}").format(path=folder, reason=why)
        ) from None
