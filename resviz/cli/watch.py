"""`resviz watch`: runs a training script unchanged and watches what it trains; `resviz follow` shows a run live."""

from __future__ import annotations

import sys
import traceback
from contextlib import nullcontext, redirect_stdout
from pathlib import Path
from typing import Annotated

import typer

from resviz.base.clean_text import clean_text
from resviz.base.errors import UsageError
from resviz.base.translation import _, ngettext
from resviz.cli.arguments import JsonOption, print_json, runs_beginning


def watch(
    context: typer.Context,
    script: Annotated[Path, typer.Argument(help=_("A Python script that trains a model with PyTorch."))],
    out: Annotated[
        Path | None, typer.Option(help=_("Folder of the runs. The default is the folder of the window."))
    ] = None,
    every: Annotated[int, typer.Option(min=1, help=_("Measure one step in so many."))] = 1,
    responses: Annotated[
        bool, typer.Option(help=_("Measure responses and their gradients too, or the weights alone."))
    ] = True,
    title: Annotated[
        str, typer.Option(help=_("What the runs are called; the default is the class of the model."))
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Run a training script unchanged, and write what it trains as runs, layer by layer.

    Options of `resviz watch` stand before the script. All that follows the script is the script's own.
    """
    if not script.is_file():
        raise UsageError(_("There is no file {file}.").format(file=script))
    from resviz.experiments.watched_script import ScriptWatcher

    watcher = ScriptWatcher(out, every=every, responses=responses, title=title, group=script.stem)
    status = 0
    try:
        with redirect_stdout(sys.stderr) if as_json else nullcontext():
            watcher.run(script, context.args)
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else int(error.code is not None)
        if isinstance(error.code, str):
            sys.stderr.write(error.code + "\n")
    except KeyboardInterrupt:
        status = 130
    except BaseException as error:
        _print_traceback(error, script)
        status = 1
    folders = watcher.folders
    if as_json:
        print_json({"runs": [{"id": one.name, "path": str(one)} for one in folders], "status": status})
    if not folders and watcher.count:
        sys.stderr.write(_("resviz: no run was written.") + "\n")
    elif not folders and not status:
        text = _(
            "resviz: nothing was watched: no module was called in training mode and then changed by an optimizer. If "
            "the script changes the weights itself, call resviz.watch in it."
        )
        sys.stderr.write(text + "\n")
    elif folders:
        text = ngettext(
            "resviz: {count} run was written: {names}", "resviz: {count} runs were written: {names}", len(folders)
        ).format(count=len(folders), names=", ".join(map(str, folders)))
        sys.stderr.write(clean_text(text) + "\n")
    raise typer.Exit(status)


def _print_traceback(error: BaseException, script: Path) -> None:
    """Print what a script raised as Python would, from its first line on."""
    trace = error.__traceback__
    while trace is not None and Path(trace.tb_frame.f_code.co_filename) != script:
        trace = trace.tb_next
    if trace is None and not isinstance(error, SyntaxError):  # of the script itself: Python shows the line alone
        trace = error.__traceback__
    traceback.print_exception(type(error), error, trace)


def follow(
    run: Annotated[
        str,
        typer.Argument(
            metavar="[RUN]",
            help=_("A run's folder, or an id that `resviz runs` lists. The default is the newest run."),
            autocompletion=runs_beginning,
        ),
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Show a run in Train as it is written, with the runs of its group that are under way."""
    from resviz.runs.library import default_folder, named, newest_run, runs_beside

    if run:
        folder = named(run)
    else:
        newest = newest_run(default_folder())
        if newest is None:
            raise UsageError(_("There is no run in {folder} yet.").format(folder=default_folder()))
        folder = newest
    if as_json:
        print_json({"id": folder.name, "path": str(folder)})
        return
    from resviz.gui.app import run as open_window

    raise typer.Exit(open_window(followed=runs_beside(folder)))
