"""`resviz sweep`: a table of variations, trained one after another, side by side, or on a cluster."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from resviz.base.errors import UsageError
from resviz.base.translation import _
from resviz.cli.arguments import (
    DeviceOption,
    JsonOption,
    nets_beginning,
    print_json,
    print_table,
    read_net,
    read_recipe,
    sweeps_beginning,
)
from resviz.cli.recipe_options import recipe_options
from resviz.nets import catalogue
from resviz.training.recipe import TrainConfig

if TYPE_CHECKING:
    from resviz.experiments.launchers import LaunchedTask, Launcher
    from resviz.experiments.sweep import Sweep
    from resviz.results.run_summary import RunSummary

VARIED_FIELDS = ("seed", "init", "learning_rate")
"""Fields of the recipe that take several values."""
COMMON_FIELDS = tuple(name for name in TrainConfig.model_fields if name not in VARIED_FIELDS)
"""The other fields of the recipe: one value for all variations."""
_POLL_SECONDS = 0.5


def _listed(help: str) -> Any:
    return typer.Option(help=_("{option}. Separate several with commas.").format(option=help))


@recipe_options(COMMON_FIELDS, data="digits16", batch=64)
def sweep(
    *,
    nets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NET...]", help=_("Nets to train, instead of depths and units."), autocompletion=nets_beginning
        ),
    ] = None,
    depth: Annotated[str, _listed(_("Depths of the CIFAR nets (section 4.2)"))] = "20,56",
    unit: Annotated[str, _listed(_("Units: plain, residual, preactivation, highway, fractal"))] = "plain,residual",
    shortcut: Annotated[str, _listed(_("Shortcut options: A, B, C"))] = "",
    norm: Annotated[str, _listed(_("Normalizations"))] = "",
    activation: Annotated[str, _listed(_("Nonlinearities"))] = "",
    seed: Annotated[str, _listed(_("Seeds"))] = "0,1,2",
    init: Annotated[str, _listed(_("Initial weights"))] = "",
    learning_rate: Annotated[str, _listed(_("Learning rates"))] = "",
    config: TrainConfig,
    title: Annotated[str, typer.Option(help=_("Tag of the runs. The default is the id of the sweep."))] = "",
    processes: Annotated[int, typer.Option(min=1, help=_("Number of runs that are trained at a time."))] = 1,
    cluster: Annotated[str, typer.Option(help=_("Train as jobs: slurm on a cluster, local on this machine."))] = "",
    parameter: Annotated[
        list[str] | None, typer.Option(help=_("Parameter of the jobs, like timeout_min=60 or slurm_partition=gpu."))
    ] = None,
    device: DeviceOption = "auto",
    resume: Annotated[
        str, typer.Option(help=_("Resume the sweep with this id."), autocompletion=sweeps_beginning)
    ] = "",
    out: Annotated[
        Path | None, typer.Option(help=_("Folder for the runs. The default is the folder of the window."))
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Train every combination, each as a run of its own, and print the final errors, mean ± deviation over seeds."""
    from resviz.experiments.sweep import combine_nets, load, planned, save, varied
    from resviz.runs.library import default_folder

    root = (out or default_folder()).absolute()
    if resume:
        plan = load(resume, root)
    else:
        options = {"shortcut": _words(shortcut), "norm": _words(norm), "activation": _words(activation)}
        given = {name: values for name, values in options.items() if values}
        for name, texts in given.items():
            for value in texts:  # on a net that has all of them: a plain one takes any shortcut, and none
                catalogue.find("cifar-resnet20").with_options(**{name: value})
        if nets:
            specs = varied([read_net(net) for net in nets], given)
        else:
            specs = combine_nets([_whole(text) for text in _words(depth)], _words(unit), given)
        changes: dict[str, Sequence[Any]] = {"seed": list(dict.fromkeys(_whole(text) for text in _words(seed)))}
        changes |= {name: values for name, values in (("init", _words(init)),) if values}
        changes |= {"learning_rate": [_number(text) for text in _words(learning_rate)]} if learning_rate else {}
        for name, values in changes.items():
            for value in values:  # a wrong one is said as the option that it is
                read_recipe(**{name: value})
        plan = planned(specs, config, changes, title)
    launcher = _launcher(plan, root, processes, cluster, parameter or [])
    if not resume:
        save(plan, root)
    problems = _run(plan, root, launcher, device, processes, cluster, quiet=as_json)
    _print(plan, root, problems, as_json=as_json)


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise UsageError(_("{text} is not a whole number").format(text=text[:40])) from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UsageError(_("{text} is not a number").format(text=text[:40])) from None


def _launcher(plan: Sweep, root: Path, processes: int, cluster: str, parameters: list[str]) -> Launcher:
    from resviz.experiments.launchers import ClusterLauncher, ProcessLauncher, cluster_parameters

    if not cluster and not parameters:
        return ProcessLauncher(processes)
    wrong = next((text for text in parameters if "=" not in text), None)
    if wrong is not None or cluster not in ("slurm", "local"):
        raise UsageError(
            _("{given} is not valid. Use --cluster slurm or local, and --parameter like timeout_min=60.").format(
                given=wrong or cluster or "--parameter"
            )
        )
    given = cluster_parameters(dict(text.split("=", 1) for text in parameters))
    return ClusterLauncher(root / ".sweeps" / plan.id, cluster, **given)


def _run(
    plan: Sweep, root: Path, launcher: Launcher, device: str, processes: int, cluster: str, *, quiet: bool
) -> list[str]:
    """Train what is left, with one view of all of it; returns what went wrong."""
    from rich.console import Console

    from resviz.experiments.sweep import find_runs, is_done, train_variation
    from resviz.experiments.threads import usable_cores
    from resviz.runs.index import RunIndex

    console = Console(stderr=True, quiet=quiet, markup=False)
    console.print(
        _("Sweep {id}: {count} variations. To resume it later: resviz sweep --resume {id}").format(
            id=plan.id, count=len(plan.variations)
        ),
        soft_wrap=True,  # a command that is broken over two lines can't be copied
    )
    left = [number for number, run in enumerate(find_runs(plan, root)) if not is_done(run)]
    threads = None if cluster else max(1, usable_cores() // processes)  # another machine has cores of its own
    tasks = {number: launcher.submit(train_variation, str(root), plan.id, number, device, threads) for number in left}
    stopped = False

    def stop(*_: object) -> None:
        nonlocal stopped
        if not stopped:
            stopped = True
            launcher.cancel()

    ends = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(end, stop) for end in ends]
    try:
        index = RunIndex([root])
        _watch(plan, lambda: find_runs(plan, root, index), tasks, console, lambda: stopped)
        launcher.close()
    finally:
        for end, handler in zip(ends, before, strict=True):
            signal.signal(end, handler)
    return [_("The sweep was stopped before its end.")] if stopped else _problems(plan, tasks)


def _watch(
    plan: Sweep,
    runs: Callable[[], list[RunSummary | None]],
    tasks: dict[int, LaunchedTask],
    console: Any,
    stopped: Callable[[], bool],
) -> None:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    total = sum(variation.config.steps for variation in plan.variations)
    with Progress(*columns, console=console) as progress:
        whole = progress.add_task(_("all steps"), total=total)
        bars: dict[int, Any] = {}
        while True:
            over = all(task.done() for task in tasks.values()) or stopped()
            found = runs()
            progress.update(whole, completed=sum(run.info.steps for run in found if run is not None))
            for number, run in enumerate(found):
                moving = run is not None and run.info.state == "running"
                if moving and number not in bars:
                    bars[number] = progress.add_task("", total=plan.variations[number].config.steps)
                if run is not None and number in bars:
                    loss = "" if run.info.loss is None else f"  loss {run.info.loss:.3g}"
                    progress.update(
                        bars[number], completed=run.info.steps, description=f"{_called(plan, number)}{loss}"
                    )
                    if not moving:
                        progress.remove_task(bars.pop(number))
            if over:
                return
            time.sleep(_POLL_SECONDS)


def _called(plan: Sweep, number: int) -> str:
    variation = plan.variations[number]
    shortcut = f" {variation.net.shortcut}" if variation.net.has_shortcuts else ""
    return f"{variation.net.label}{shortcut}, seed {variation.recipe['seed']}"


def _problems(plan: Sweep, tasks: dict[int, LaunchedTask]) -> list[str]:
    found = []
    for number, task in tasks.items():
        if task.done():
            try:
                task.result()
            except Exception as error:  # whatever one variation died of, the others stand
                why = " ".join(str(error).split())[-300:] or type(error).__name__
                found.append(f"{_called(plan, number)}: {why}")
    return found


def _print(plan: Sweep, root: Path, problems: list[str], *, as_json: bool) -> None:
    from resviz.experiments.sweep import find_runs, is_done
    from resviz.results.final_tables import own, table2
    from resviz.results.run_summary import trained_runs

    runs = find_runs(plan, root)
    done = [run for run in runs if run is not None and is_done(run)]
    units = {run.spec.unit for run in trained_runs(done)}
    tables = [make(done) for make in ((own, table2) if {"plain", "residual"} <= units else (own,))] if done else []
    if as_json:
        rows = [{"title": t.title, "rows": [dict(zip(t.headings, row, strict=True)) for row in t.rows]} for t in tables]
        states = [None if run is None else run.info.state for run in runs]
        print_json({"id": plan.id, "states": states, "tables": rows, "problems": problems})
    else:
        for table in tables:
            sys.stdout.write(f"{table.title}\n")
            print_table(table.headings, table.rows, range(1, len(table.headings)))
            sys.stdout.write(f"{table.note}\n\n")
        sys.stdout.write(_("{done} of {count} variations are finished").format(done=len(done), count=len(runs)) + "\n")
    for problem in problems:
        sys.stderr.write(f"resviz: {problem}\n")
    if problems:
        raise typer.Exit(1)
