"""`resviz deepen`: a trained net with identity blocks added, trained on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from resviz.base.translation import _
from resviz.cli.arguments import DeviceOption, JsonOption, read_recipe, runs_beginning
from resviz.cli.train import train_specs
from resviz.training.data.data_sets import default_data_folder
from resviz.training.recipe import TrainConfig

_EVALUATE_EVERY = 20
"""Steps between two held-out errors, for a run that measured none on its way."""


def deepen(
    run: Annotated[
        str,
        typer.Argument(metavar="RUN", help=_("A saved run, by its id or folder."), autocompletion=runs_beginning),
    ],
    blocks: Annotated[int, typer.Option(min=1, max=100, help=_("Blocks to add to each stage."))] = 1,
    steps: Annotated[int, typer.Option(min=1, help=_("Number of steps to train the deeper net."))] = 200,
    learning_rate: Annotated[float, typer.Option(help=_("Learning rate of the deeper net."))] = 0.01,
    device: DeviceOption = "auto",
    out: Annotated[
        Path | None, typer.Option(help=_("Folder for the runs. The default is the folder of the window."))
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Add identity blocks to a trained net, and train it on with its recipe.

    At step 0 the deeper net answers as the net did. Compare it with a net of its depth that was trained from scratch.
    """
    from resviz.experiments.deepen import deepen_run
    from resviz.runs.library import default_folder, named

    spec, recipe = deepen_run(named(run), blocks)
    further = {"steps": steps, "learning_rate": learning_rate, "warm_up_steps": 0, "schedule": "constant"}
    further["evaluate_every"] = recipe.evaluate_every or _EVALUATE_EVERY
    config = read_recipe(TrainConfig, **recipe.model_dump() | further)
    train_specs(
        [spec], config, out or default_folder(), device, default_data_folder(config.data), free=False, quiet=as_json
    )
