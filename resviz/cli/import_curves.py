"""`resviz import`: curves of other programs, as runs of the list."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from resviz.base.clean_text import clean_text
from resviz.base.errors import ResvizError, UsageError
from resviz.base.translation import _
from resviz.cli.arguments import JsonOption, print_json

if TYPE_CHECKING:
    from resviz.runs.imported_run import CurveRun

_EVERY_S = 1.0


def import_curves(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help=_("CSV or TSV files, or logs of TensorBoard, Weights & Biases (offline) or Trackio."),
        ),
    ],
    means: Annotated[
        list[str] | None,
        typer.Option(
            "--means",
            metavar="COLUMN=MEANING",
            help=_("Say what a column is: loss, error, accuracy, held_out_loss … An empty meaning leaves it out."),
        ),
    ] = None,
    title: Annotated[str, typer.Option(help=_("Name of the curves. The default is the file's name."))] = "",
    tags: Annotated[str, typer.Option(help=_("Tags of the curves, separated by commas."))] = "",
    out: Annotated[
        Path | None, typer.Option(help=_("Folder of the runs. The default is the folder of the window."))
    ] = None,
    follow: Annotated[
        bool, typer.Option("--follow", help=_("Read on while the log grows, until Ctrl-C. The window shows it live."))
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Add curves of other programs to the runs, to compare them with one's own.

    What a column is follows from its name: "val/loss" is the held-out loss. Of an accuracy the error is kept, 1 minus
    the accuracy. A column whose name says nothing needs --means.
    """
    from resviz.runs.curve_import import read_curves
    from resviz.runs.imported_run import CurveRun, guess_meanings
    from resviz.runs.library import default_folder
    from resviz.runs.notes import parse_tags

    given = dict(map(_meaning, means or ()))
    runs: dict[Path, CurveRun] = {}
    for file in files:
        curves = read_curves(file)
        meanings = guess_meanings(curves) | given
        unclear = [column for column, meaning in meanings.items() if not meaning and column not in given]
        if unclear:
            names = ", ".join(unclear[:20])
            text = _("{file}: these columns are left out, because their names don't say what they are: {names}")
            sys.stderr.write(f"resviz: {clean_text(text.format(file=file, names=names))}\n")
        runs[file] = CurveRun(out or default_folder(), curves, meanings, title, parse_tags(tags))
        if not follow:
            runs[file].finish()
    folders = [run.folder for run in runs.values()]
    if as_json:
        print_json({"runs": [{"id": folder.name, "path": str(folder)} for folder in folders]})
    else:
        for folder in folders:
            sys.stdout.write(_("imported as {run}").format(run=folder) + "\n")

    if follow:
        sys.stdout.flush()
        _follow(runs)


def _follow(runs: dict[Path, CurveRun]) -> None:
    """Read logs again whenever their files have changed, until Ctrl-C."""
    from resviz.runs.curve_import import read_curves
    from resviz.runs.curve_kinds import stamp_of_log

    stamps: dict[Path, object] = {}
    try:
        while True:
            for file, run in runs.items():
                stamp = stamp_of_log(file)
                if stamps.get(file) == stamp:
                    continue
                stamps[file] = stamp
                try:
                    run.take(read_curves(file))
                except ResvizError as error:  # in the middle of a line, or moved away: the next look may read it
                    sys.stderr.write(f"resviz: {clean_text(str(error))}\n")
            time.sleep(_EVERY_S)
    except KeyboardInterrupt:
        for run in runs.values():
            run.finish()


def _meaning(text: str) -> tuple[str, str]:
    column, equals, meaning = text.rpartition("=")
    if not equals:
        raise UsageError(
            _("--means {text}: expected COLUMN=MEANING, as in --means train/xent=loss.").format(text=text[:80])
        )
    return column, meaning
