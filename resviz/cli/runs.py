"""`resviz runs`: the runs there are, newest first."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from resviz.cli.reading import JsonOption, print_json

if TYPE_CHECKING:
    from resviz.runs.folder import Run


def runs(
    words: Annotated[list[str] | None, typer.Argument(help="Only those that have all of these.")] = None,
    folder: Annotated[Path | None, typer.Option(help="Where they are; the window's own folder by default.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Lists saved runs: id, net, data, steps, loss, error and state. What can't be read is said on standard error."""
    from resviz.runs.library import default_folder, find

    found, problems = find([folder or default_folder()])
    listed = [_described(run) for run in found]
    wanted = [word.lower() for word in words or ()]
    listed = [run for run in listed if all(word in " ".join(map(str, run.values())).lower() for word in wanted)]
    for problem in problems:
        sys.stderr.write(f"resviz: {problem}\n")
    if as_json:
        print_json({"runs": listed})
    else:
        _print(listed)


def _described(run: Run) -> dict[str, Any]:
    info = run.info
    return {
        "id": info.id,
        "net": str(info.spec.get("title") or info.spec.get("name", "")),
        "data": str(info.recipe.get("data", "")),
        "seed": info.seed,
        "steps": info.steps,
        "of_steps": info.recipe.get("steps"),
        "loss": info.loss,
        "error": info.error,
        "state": info.state,
        "message": info.message,
        "path": str(run.folder),
    }


def _print(listed: list[dict[str, Any]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("id", "net", "data", "seed", "steps", "loss", "held out", "state"):
        table.add_column(heading, justify="right" if heading in ("seed", "steps", "loss", "held out") else "left")
    for run in listed:
        loss = "" if run["loss"] is None else f"{run['loss']:.4g}"
        error = "" if run["error"] is None else f"{run['error']:.1%}"
        cells = (run["id"], run["net"], run["data"], run["seed"], f"{run['steps']}/{run['of_steps']}", loss, error)
        table.add_row(*(Text(str(cell)) for cell in (*cells, run["state"])))
    console = Console(markup=False)
    console.print(table)
    console.print(f"{len(listed)} run{'s' if len(listed) != 1 else ''}")
