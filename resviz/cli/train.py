"""`resviz train`: one net, or up to four together, with no window."""

from __future__ import annotations

import math
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from resviz.base.errors import RunError, UsageError
from resviz.base.translation import _
from resviz.cli.arguments import (
    ActivationOption,
    DeviceOption,
    JsonOption,
    NormOption,
    NormPlaceOption,
    ShortcutOption,
    StrideInOption,
    nets_beginning,
    print_json,
    read_net,
)
from resviz.cli.recipe_options import recipe_options
from resviz.nets.build import build
from resviz.nets.spec import NetSpec
from resviz.training.data.data_sets import default_data_folder, describe
from resviz.training.recipe import TrainConfig

if TYPE_CHECKING:
    from resviz.experiments.session import Session

MAX_NETS = 4


@recipe_options()
def train(
    nets: Annotated[
        list[str],
        typer.Argument(
            metavar="NET...", help=_("One to four nets that are trained together."), autocompletion=nets_beginning
        ),
    ],
    config: TrainConfig,
    shortcut: ShortcutOption = None,
    stride_in: StrideInOption = None,
    norm: NormOption = None,
    norm_place: NormPlaceOption = None,
    activation: ActivationOption = None,
    free: Annotated[
        bool, typer.Option("--free", help=_("Let each net train at its own pace, instead of in lock-step."))
    ] = False,
    device: DeviceOption = "auto",
    data_folder: Annotated[Path | None, typer.Option(help=_("Folder of the data set; see `resviz data`."))] = None,
    out: Annotated[
        Path | None, typer.Option(help=_("Folder for the runs. The default is the folder of the window."))
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Train nets on the same batches, from the same seed, and write each one's run folder as it goes."""
    from resviz.runs.library import default_folder

    if len(nets) > MAX_NETS:
        raise UsageError(
            _("{count} nets are too many. Train up to {most} together.").format(count=len(nets), most=MAX_NETS)
        )
    options = {
        "shortcut": shortcut,
        "stride_in": stride_in,
        "norm": norm,
        "norm_place": norm_place,
        "activation": activation,
    }
    specs = [read_net(net, **options) for net in nets]
    folder = data_folder or default_data_folder(config.data)
    train_specs(specs, config, out or default_folder(), device, folder, free=free, quiet=as_json)


_REPEAT_SECONDS = 60.0
"""Seconds before a lasting problem is printed again."""


def train_specs(
    specs: list[NetSpec],
    config: TrainConfig,
    folder: Path,
    device: str,
    data_folder: Path,
    *,
    free: bool,
    quiet: bool,
) -> None:
    """Train nets, and say on the terminal how far it is."""
    info = describe(config.data, data_folder, config.image_side)
    for spec in specs:
        build(config.fitted(spec, info))  # what can't be built is said before torch is loaded

    def prepared() -> Session:
        from resviz.experiments.session import Session
        from resviz.experiments.training_plan import TrainingPlan

        return Session(TrainingPlan(specs, config, folder, device, data_folder=data_folder, free=free))

    follow(prepared, quiet=quiet)


def follow(prepared: Callable[[], Session], *, quiet: bool) -> None:
    """Train a session to its end, with its progress on standard error, and print how its runs went."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    first = os.environ.get("RANK", "0") == "0"  # of several processes one speaks
    console = Console(stderr=True, quiet=quiet or not first, markup=False)  # standard output is the result's
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
    )
    with console.status("preparing"):
        from resviz.base.errors import user_message

        session = prepared()
    if session.device_problem:
        console.print(session.device_problem)
    labels, total = [spec.label for spec in session.specs], session.config.steps
    # Ctrl-C, or the end of a cluster's patience, ends a step before its update: what is kept is what the run was
    # between two steps.
    ends = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(end, lambda *_: session.interrupt()) for end in ends]
    try:
        with session, Progress(*columns, TimeRemainingColumn(), console=console) as progress:
            said = ("", 0.0)
            task = progress.add_task(" against ".join(labels), total=total, rate="")
            for update in session.steps():
                rate = session.steps_per_second
                if update.problem:
                    if update.problem != said[0] or time.monotonic() - said[1] > _REPEAT_SECONDS:
                        console.print(_("Paused; trying again every second. {problem}").format(problem=update.problem))
                        said = (update.problem, time.monotonic())
                    time.sleep(1)
                progress.update(
                    task, completed=min(update.counts), rate=_("{rate:.1f} steps/s").format(rate=rate) if rate else ""
                )
            infos = session.close()
    except (RuntimeError, MemoryError, OSError) as failure:
        raise RunError(user_message(failure)) from None
    finally:
        for end, handler in zip(ends, before, strict=True):
            signal.signal(end, handler)
    if not first:
        return
    if not session.done:
        console.print(_("stopped; the run is kept up to here"))
    runs = [
        {
            "id": info.id,
            "net": writer.info.net.name,
            "path": str(writer.folder),
            "steps": info.steps,
            "loss": info.loss,
            "error": info.error,
            "steps_per_second": info.steps_per_second,
            "diagnosis": _diagnosis(writer.folder, session.config),
        }
        for writer, info in zip(session.recording.writers, infos, strict=True)
    ]
    if quiet:
        print_json({"runs": runs})
        return
    for run in runs:
        loss, error = (math.nan if run[key] is None else run[key] for key in ("loss", "error"))
        sys.stdout.write(
            _("{net}: {steps} steps, batch loss {loss:.4g}, held-out error {error:.1%}; saved in {path}").format(
                net=run["net"], steps=run["steps"], loss=loss, error=error, path=run["path"]
            )
            + "\n"
        )
        if run["diagnosis"]:
            sys.stdout.write(f"  {run['diagnosis']}\n")


def _diagnosis(folder: Path, config: TrainConfig) -> str:
    """Return what the run's last step says of its gradients; "" where there is none."""
    from resviz.runs.diagnosis import diagnose
    from resviz.runs.folder import RunFolder
    from resviz.runs.gradient_verdict import episodes_of_run

    rows = RunFolder(folder).rows()
    if not rows:
        return ""
    step = int(rows["step"][-1])
    episodes = episodes_of_run(rows["response_gradient"])
    return diagnose(lambda name: rows[name][-1], step, episodes, config.model_dump()).text
