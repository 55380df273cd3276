"""`resviz resume`: goes on with a run that was stopped, killed or has failed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from resviz.base.translation import _
from resviz.cli.arguments import JsonOption, runs_beginning
from resviz.cli.train import follow

if TYPE_CHECKING:
    from resviz.experiments.session import Session


def resume(
    runs: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN...",
            help=_("A run's folder, or an id that `resviz runs` lists. Several runs of one recipe go on together."),
            autocompletion=runs_beginning,
        ),
    ],
    steps: Annotated[
        int | None, typer.Option(min=1, help=_("Train to this step, further than the recipe says."))
    ] = None,
    device: Annotated[str, typer.Option(help=_("Device to train on. The default is the previous device."))] = "",
    data_folder: Annotated[Path | None, typer.Option(help=_("Folder of the data set, if you have your own."))] = None,
    as_json: JsonOption = False,
) -> None:
    """Resume runs from their last checkpoints, bit for bit as if they had never stopped (on the CPU)."""
    from resviz.runs.library import named

    folders = [named(run) for run in runs]
    for folder in folders:
        if not (folder / "checkpoint.safetensors").exists():
            text = _("{run} has no checkpoint. It starts again at step 0, with the same numbers.")
            sys.stderr.write(text.format(run=folder.name) + "\n")

    def prepared() -> Session:
        from resviz.experiments.session import Session
        from resviz.experiments.training_plan import resume_plan

        return Session(resume_plan(folders, steps, device, data_folder))

    follow(prepared, quiet=as_json)
