"""`resviz ensemble`: several trained nets that answer together."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from resviz.base.translation import _
from resviz.cli.arguments import JsonOption, print_json, runs_beginning


def ensemble(
    runs: Annotated[
        list[str],
        typer.Argument(metavar="RUN...", help=_("Saved runs, by id or folder."), autocompletion=runs_beginning),
    ],
    as_json: JsonOption = False,
) -> None:
    """Measure the held-out error of several trained nets together: the mean of their probabilities answers."""
    from resviz.experiments.ensemble import ensemble_error, member_answers
    from resviz.runs.library import named

    folders = list(dict.fromkeys(named(run) for run in runs))
    members = [member_answers(folder, lambda _share: True) for folder in folders]
    error = ensemble_error(members)
    if as_json:
        found = [{"run": one.run, "net": one.name, "error": one.error} for one in members]
        print_json({"error": error, "members": found})
        return
    for one in members:
        sys.stdout.write(f"{one.run}  {one.name}: {one.error:.2%}\n")
    sys.stdout.write(_("all {count} together: {error}").format(count=len(members), error=f"{error:.2%}") + "\n")
