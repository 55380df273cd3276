"""`resviz compare`: what differs between saved runs."""

from __future__ import annotations

from typing import Annotated

import typer

from resviz.cli.reading import JsonOption, print_json, runs_beginning


def compare(
    runs: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN RUN...", help="Folders, or ids as `resviz runs` lists them.", autocompletion=runs_beginning
        ),
    ],
    as_json: JsonOption = False,
) -> None:
    """Says in what nets, recipes and results runs differ, and nothing of what is equal in all."""
    from resviz.runs.comparison import differences, settings
    from resviz.runs.folder import Run
    from resviz.runs.library import named
    from resviz.runs.records import RunError

    if len(runs) < 2:
        raise RunError(f"{len(runs)} run; two or more can be compared")
    found = [Run(named(run)).info for run in runs]
    nets = [info.net for info in found]
    rows = differences([settings(info, net) for info, net in zip(found, nets, strict=True)])
    if as_json:
        listed = [{"id": info.id, "net": net.label} for info, net in zip(found, nets, strict=True)]
        print_json({"runs": listed, "differs": dict(rows)})
    else:
        _print([f"{net.label}\n{info.id}" for info, net in zip(found, nets, strict=True)], rows)


def _print(headings: list[str], rows: list[tuple[str, list[str]]]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("", *headings):
        table.add_column(Text(heading))
    for name, texts in rows:
        table.add_row(name, *map(Text, texts))
    console = Console(markup=False)
    console.print(table)
    if not rows:
        console.print("nothing differs")
