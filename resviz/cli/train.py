"""`resviz train`: one net, or up to four together, with no window."""

from __future__ import annotations

import math
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from resviz.base.errors import NetError
from resviz.cli.arguments import (
    ActivationOption,
    JsonOption,
    NormOption,
    NormPlaceOption,
    ShortcutOption,
    StrideInOption,
    nets_beginning,
    print_json,
    read_net,
    read_recipe,
)
from resviz.nets.build import build
from resviz.nets.spec import NetSpec
from resviz.training.data.data_sets import default_data_folder, describe
from resviz.training.recipe import (
    Augmentation,
    DataName,
    HeldOut,
    Init,
    Layout,
    Optimizer,
    Precision,
    Schedule,
    TrainConfig,
)

if TYPE_CHECKING:
    from resviz.experiments.session import Session

MAX_NETS = 4
_DEFAULTS = TrainConfig()


def _field(name: str) -> Any:
    """The option of a recipe's field: the field says what it does."""
    return typer.Option(help=TrainConfig.model_fields[name].description)


def train(
    nets: Annotated[
        list[str], typer.Argument(metavar="NET...", help="One, or up to four together.", autocompletion=nets_beginning)
    ],
    data: Annotated[DataName, _field("data")] = _DEFAULTS.data,
    image_side: Annotated[int, _field("image_side")] = _DEFAULTS.image_side,
    held_out: Annotated[HeldOut, _field("held_out")] = _DEFAULTS.held_out,
    augmentation: Annotated[Augmentation, _field("augmentation")] = _DEFAULTS.augmentation,
    steps: Annotated[int, _field("steps")] = _DEFAULTS.steps,
    batch: Annotated[int, _field("batch")] = _DEFAULTS.batch,
    seed: Annotated[int, _field("seed")] = _DEFAULTS.seed,
    init: Annotated[Init, _field("init")] = _DEFAULTS.init,
    init_std: Annotated[float, _field("init_std")] = _DEFAULTS.init_std,
    optimizer: Annotated[Optimizer, _field("optimizer")] = _DEFAULTS.optimizer,
    learning_rate: Annotated[float, _field("learning_rate")] = _DEFAULTS.learning_rate,
    schedule: Annotated[Schedule, _field("schedule")] = _DEFAULTS.schedule,
    milestones: Annotated[str, _field("milestones")] = ",".join(map(str, _DEFAULTS.milestones)),
    warm_up_steps: Annotated[int, _field("warm_up_steps")] = _DEFAULTS.warm_up_steps,
    warm_up_rate: Annotated[float, _field("warm_up_rate")] = _DEFAULTS.warm_up_rate,
    momentum: Annotated[float, _field("momentum")] = _DEFAULTS.momentum,
    weight_decay: Annotated[float, _field("weight_decay")] = _DEFAULTS.weight_decay,
    evaluate_every: Annotated[int, _field("evaluate_every")] = _DEFAULTS.evaluate_every,
    histogram_every: Annotated[int, _field("histogram_every")] = _DEFAULTS.histogram_every,
    precision: Annotated[Precision, _field("precision")] = _DEFAULTS.precision,
    layout: Annotated[Layout, _field("layout")] = _DEFAULTS.layout,
    capture: Annotated[bool, _field("capture")] = _DEFAULTS.capture,
    shortcut: ShortcutOption = None,
    stride_in: StrideInOption = None,
    norm: NormOption = None,
    norm_place: NormPlaceOption = None,
    activation: ActivationOption = None,
    free: Annotated[bool, typer.Option("--free", help="Each net at its own pace, instead of in lock-step.")] = False,
    device: Annotated[str, typer.Option(help="cpu, cuda, or auto: a GPU where there is one.")] = "cpu",
    data_folder: Annotated[Path | None, typer.Option(help="Where the data's own files are; see `resviz data`.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where the run folders go; the window's own by default.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Trains nets on the same batches, from the same seed, and writes each one's run folder as it goes."""
    recipe = {name: value for name, value in locals().items() if name in TrainConfig.model_fields}
    from resviz.runs.library import default_folder

    if len(nets) > MAX_NETS:
        raise NetError(f"{len(nets)} nets; up to {MAX_NETS} train together")
    options = {
        "shortcut": shortcut,
        "stride_in": stride_in,
        "norm": norm,
        "norm_place": norm_place,
        "activation": activation,
    }
    specs = [read_net(net, **options) for net in nets]
    config = read_recipe(**recipe | {"milestones": _milestones(milestones)})
    folder = data_folder or default_data_folder(config.data)
    _train(specs, config, out or default_folder(), device, folder, free=free, quiet=as_json)


def _milestones(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise NetError(f"--milestones {text}: steps with commas between them, like 32000,48000, will do") from None


def _train(
    specs: list[NetSpec],
    config: TrainConfig,
    folder: Path,
    device: str,
    data_folder: Path,
    *,
    free: bool,
    quiet: bool,
) -> None:
    info = describe(config.data, data_folder, config.image_side)
    for spec in specs:
        build(config.fitted(spec, info))  # what can't be built is said before torch is loaded

    def prepared() -> Session:
        from resviz.experiments.session import Session

        return Session(specs, config, folder, device, data_folder=data_folder, free=free)

    follow(prepared, quiet=quiet)


def follow(prepared: Callable[[], Session], *, quiet: bool) -> None:
    """Trains a session to its end, with its progress on standard error, and prints how its runs went."""
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
        from resviz.experiments.devices import SessionError, user_message

        session = prepared()
    labels, total = [spec.label for spec in session.specs], session.config.steps
    # Ctrl-C, or the end of a cluster's patience, ends a step before its update: what is kept is what the run was
    # between two steps.
    ends = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(end, lambda *_: session.interrupt()) for end in ends]
    try:
        with session, Progress(*columns, TimeRemainingColumn(), console=console) as progress:
            task = progress.add_task(" against ".join(labels), total=total, rate="")
            for update in session.steps():
                rate = session.steps_per_second
                if update.problem:
                    console.print(f"paused, trying again each second: {update.problem}")
                    time.sleep(1)
                progress.update(task, completed=min(update.counts), rate=f"{rate:.1f} steps/s" if rate else "")
            infos = session.close()
    except (RuntimeError, MemoryError, OSError) as failure:
        raise SessionError(user_message(failure)) from None
    finally:
        for end, handler in zip(ends, before, strict=True):
            signal.signal(end, handler)
    if not first:
        return
    if not session.done:
        console.print("stopped; the run is kept up to here")
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
        for writer, info in zip(session.writers, infos, strict=True)
    ]
    if quiet:
        print_json({"runs": runs})
        return
    for run in runs:
        loss, error = (math.nan if run[key] is None else run[key] for key in ("loss", "error"))
        sys.stdout.write(
            f"{run['net']}: {run['steps']} steps, loss {loss:.4g} on the last batch, "
            f"{error:.1%} wrong on held-out images; kept in {run['path']}\n"
        )
        if run["diagnosis"]:
            sys.stdout.write(f"  {run['diagnosis']}\n")


def _diagnosis(folder: Path, config: TrainConfig) -> str:
    """What the run's last step says of its gradients; "" where there is none."""
    from resviz.runs.diagnosis import diagnose
    from resviz.runs.folder import RunFolder

    rows = RunFolder(folder).rows()
    if not rows:
        return ""
    step = int(rows["step"][-1])
    return diagnose(lambda name: rows[name][-1], step, lambda name: rows[name][0], config.model_dump()).text
