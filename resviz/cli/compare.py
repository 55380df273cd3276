"""`resviz compare`: what differs between saved runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from resviz.base.atomic_files import write_whole
from resviz.base.errors import UsageError
from resviz.base.translation import _
from resviz.cli.arguments import JsonOption, print_json, print_table, runs_beginning
from resviz.cli.compare_nets import compare_nets, name_nets

Table = Literal["own", "table2", "table3", "table6"]


def compare(
    runs: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN RUN... | NET NET",
            help=_("Folders of runs, or ids that `resviz runs` lists. Or two nets, as `resviz show` takes them."),
            autocompletion=runs_beginning,
        ),
    ],
    table: Annotated[
        Table | None,
        typer.Option(
            help=_("Print final errors, mean ± deviation over seeds: of these runs (own), or in a table of the paper.")
        ),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help=_("Write the comparison with its figures as one HTML file."))
    ] = None,
    assert_equal: Annotated[
        bool, typer.Option("--assert-equal", help=_("Of two nets: exit with status 1 if they are not equal."))
    ] = False,
    input: Annotated[
        list[str] | None, typer.Option(metavar="CxHxW", help=_("Of two nets: input of models of other programs."))
    ] = None,
    args: Annotated[
        str, typer.Option(help=_("Of two nets: what models of other programs are built with, a Python literal."))
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Show in which nets, recipes and results some runs differ, or two nets layer by layer."""
    from resviz.results.summary import read_summary
    from resviz.runs.library import named
    from resviz.runs.settings import differences, settings

    if len(runs) < 2:
        raise UsageError(_("Only {count} run was given. Give two or more.").format(count=len(runs)))
    nets = name_nets(runs, input or (), args)
    if nets:
        status = compare_nets(nets[0], nets[1], runs, as_json=as_json, assert_equal=assert_equal)
        if status:
            raise typer.Exit(status)
        return
    if assert_equal:
        raise UsageError(_("--assert-equal is for two nets. Runs are compared by their numbers."))
    folders = [named(run) for run in runs]
    if report is not None:
        _write_report(folders, report)
    if table is not None:
        _print_final(folders, table, as_json=as_json)
        return
    found = [read_summary(folder) for folder in folders]
    rows = differences([settings(run.info, run.spec) for run in found])
    if as_json:
        listed = [{"id": run.info.id, "net": run.label} for run in found]
        print_json({"runs": listed, "differs": dict(rows)})
    else:
        _print([f"{run.label}\n{run.info.id}" for run in found], rows)


def _write_report(folders: list[Path], path: Path) -> None:
    """Its figures are drawn as in the window, which takes no display."""
    import os

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from resviz.gui.app import make_application
    from resviz.gui.compare.report_figures import read_scene, write_report

    application = make_application()
    write_whole(path, write_report(read_scene(folders)).encode())
    sys.stderr.write(_("wrote {path}").format(path=path) + "\n")
    application.quit()


def _print_final(folders: list[Path], name: str, *, as_json: bool) -> None:
    from resviz.results.final_tables import TABLES
    from resviz.results.summary import read_summary

    made = TABLES[name]([read_summary(folder) for folder in folders])
    if as_json:
        rows = [dict(zip(made.headings, row, strict=True)) for row in made.rows]
        print_json({"title": made.title, "rows": rows, "note": made.note})
        return
    print_table(made.headings, made.rows, right=range(1, len(made.headings)))
    sys.stdout.write(f"{made.note}\n")


def _print(headings: list[str], rows: list[tuple[str, list[str]]]) -> None:
    from resviz.results.setting_titles import setting_title

    print_table(("", *headings), [(setting_title(name), *texts) for name, texts in rows])
    if not rows:
        sys.stdout.write(_("The runs have no differences.") + "\n")
