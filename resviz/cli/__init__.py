"""The `resviz` command. With no sub-command it opens the window.

Bad input gives one line on standard error that says what, where and what would do, and exit status 2.
"""

from __future__ import annotations

import io
import sys
from typing import Annotated, Any, NoReturn

import typer

import resviz
from resviz.base.clean_text import clean_text
from resviz.base.errors import ResvizError
from resviz.base.translation import _
from resviz.cli.ablate import ablate
from resviz.cli.check import check
from resviz.cli.compare import compare
from resviz.cli.data import data
from resviz.cli.deepen import deepen
from resviz.cli.doctor import doctor
from resviz.cli.ensemble import ensemble
from resviz.cli.explain import explain
from resviz.cli.export import export
from resviz.cli.import_curves import import_curves
from resviz.cli.nets import nets
from resviz.cli.resume import resume
from resviz.cli.runs import runs
from resviz.cli.show import show
from resviz.cli.sweep import sweep
from resviz.cli.train import train
from resviz.cli.watch import follow, watch
from resviz.cli.weights import weights

app = typer.Typer(
    name="resviz",
    help=_("See what depth does to a convolutional network, and what shortcuts change."),
    pretty_exceptions_enable=False,
    no_args_is_help=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"resviz {resviz.__version__}\n")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help=_("Print the version."), callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Open the window where no sub-command is given. `resviz FILE` opens a net, a run folder or curves in it."""
    if context.invoked_subcommand is None:
        from resviz.gui.app import run

        raise typer.Exit(run())


for command in (
    show,
    nets,
    check,
    train,
    sweep,
    resume,
    runs,
    compare,
    ablate,
    deepen,
    ensemble,
    data,
    weights,
    export,
    explain,
    follow,
    doctor,
):
    app.command()(command)
app.command("import")(import_curves)
app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "allow_interspersed_args": False}
)(watch)


def fail(message: str) -> NoReturn:
    """Print one line on standard error, and exit with status 2."""
    sys.stderr.write("resviz: " + clean_text(" ".join(message.split())) + "\n")
    raise SystemExit(2)


def main() -> None:
    """Run the sub-command that the command line names."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without × shows ?, and the numbers
    try:
        status = app(standalone_mode=False)
    except _usage_error() as error:
        fail(error.format_message().replace("Value error, ", ""))
    except ResvizError as error:
        fail(str(error))
    except (typer.Abort, KeyboardInterrupt):
        sys.stderr.write(_("resviz: stopped") + "\n")
        raise SystemExit(130) from None
    except OSError as error:
        fail(f"{error.filename or 'output'}: {error.strerror or error}")
    raise SystemExit(status if isinstance(status, int) else 0)


def _usage_error() -> Any:
    """Return what typer raises for a wrong command line.

    Its own copy of click's ClickException, or click's, by version.
    """
    return next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
