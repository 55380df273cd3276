"""`resviz runs`: the runs there are, newest first."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from resviz.base.clean_text import clean_text
from resviz.base.translation import _
from resviz.cli.arguments import JsonOption, print_json, print_table

if TYPE_CHECKING:
    from resviz.results.run_summary import RunSummary

_LEFT_OUT = ("notes", "begun", "activation", "init")


def runs(
    words: Annotated[
        list[str] | None,
        typer.Argument(help=_("List only runs that match all words. net:plain searches the net's name only.")),
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help=_("Folder of the runs. The default is the folder of the window."))
    ] = None,
    by: Annotated[str, typer.Option(help=_("Sort by this column: net, depth, flops, error, begun ..."))] = "begun",
    as_json: JsonOption = False,
) -> None:
    """List saved runs with the sizes of their nets, errors and tags."""
    from resviz.base.errors import RunError, UsageError
    from resviz.results.columns import filter_problem, filter_runs, require_column, sort_runs
    from resviz.results.summary import find_summaries
    from resviz.runs.library import default_folder

    require_column(by)
    root = folder or default_folder()
    if folder is not None and not folder.is_dir():
        raise RunError(
            _("{folder} does not exist. Give a folder into which `resviz train --out` has written.").format(
                folder=folder
            )
        )
    found, problems = find_summaries(root)
    wanted = " ".join(words or ())
    matching, problem_of_filter = filter_runs(found, wanted), filter_problem(wanted)
    if problem_of_filter and not matching:
        raise UsageError(problem_of_filter)
    listed = sort_runs(matching, by, descending=by == "begun")
    for problem in problems:
        sys.stderr.write(f"resviz: {clean_text(' '.join(str(problem).split()))}\n")
    if as_json:
        print_json({"runs": [_described(run) for run in listed]})
    else:
        _print(listed)
        if not found:
            sys.stdout.write(
                _("There are no runs in {folder} yet. The window also shows sample runs.").format(folder=root) + "\n"
            )


def _described(run: RunSummary) -> dict[str, Any]:
    info = run.info
    return {
        "id": info.id,
        "net": run.label,
        "data": str(info.recipe.get("data", "")),
        "depth": run.depth,
        "parameters": run.parameters,
        "multiply_adds": run.flops,
        "seed": info.seed,
        "steps": info.steps,
        "of_steps": info.recipe.get("steps"),
        "loss": info.loss,
        "error": info.error,
        "best_error": run.best_error,
        "state": info.state,
        "message": info.message,
        "tags": list(run.notes.tags),
        "notes": run.notes.notes,
        "path": str(run.folder),
    }


def _print(listed: list[RunSummary]) -> None:
    from resviz.results.columns import COLUMNS

    columns = [column for column in COLUMNS if column.name not in _LEFT_OUT]
    rows = [(run.info.id, *(column.text(run) for column in columns)) for run in listed]
    right = [place for place, column in enumerate(columns, 1) if column.number]
    print_table(("id", *(column.heading for column in columns)), rows, right)
    sys.stdout.write(f"{len(listed)} run{'s' if len(listed) != 1 else ''}\n")
