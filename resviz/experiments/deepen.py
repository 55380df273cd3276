"""A trained net made deeper by identity blocks, to be trained on."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from resviz.experiments.trained_nets import load_trained
from resviz.runs.folder import RunFolder
from resviz.training.identity_blocks import deepened
from resviz.training.recipe import validate_recipe
from resviz.training.weights import import_weights

if TYPE_CHECKING:
    from resviz.nets.spec import NetSpec
    from resviz.training.recipe import TrainConfig


def deepen_run(folder: Path, blocks: int = 1) -> tuple[NetSpec, TrainConfig]:
    """Return a run's net with more blocks in each stage, and its recipe, which begins with the run's weights.

    The added blocks are identities, so the deeper net answers as the run's net does. Its weights are kept under a name
    that is the recipe's `weights`. Raise RunError if the run has no weights, and NetError if no block of its net can be
    an identity.
    """
    from safetensors.torch import save_file

    run = RunFolder(folder)
    trainer = load_trained(run)
    spec, state = deepened(run.info.net, trainer.module.state_dict(), blocks)
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / f"{run.info.net.name}-deeper.safetensors"
        save_file({name: value.contiguous() for name, value in state.items()}, path)
        name = import_weights(path)
    recipe = validate_recipe(run.info.recipe, str(folder))
    return spec, recipe.model_copy(update={"weights": name})
