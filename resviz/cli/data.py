"""`resviz data`: which data sets there are, where their files are looked for, and fetching the published ones."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from resviz.base.errors import DataError
from resviz.base.translation import _
from resviz.cli.arguments import JsonOption, print_json
from resviz.cli.fetching import fetch_with_progress
from resviz.training.data.data_sets import DATA, default_data_folder
from resviz.training.data.download import missing, require_files


def data(
    name: Annotated[
        str | None, typer.Argument(help=_("The data set to fetch. Without it all data sets are listed."))
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help=_("Folder for the files. The default is the data folder of Resviz."))
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List the data sets, or fetch one. An interrupted download continues, and the SHA-256 is checked."""
    if name is not None and name not in DATA:
        raise DataError(
            _("The data set {name} is not known. Use one of {names}.").format(name=repr(name), names=", ".join(DATA))
        )
    if name is not None:
        info = DATA[name]
        require_files(info)
        fetch_with_progress(info.title, info.files, folder or default_data_folder(name), quiet=as_json)
    if as_json:
        print_json({"data": [_document(known, folder or default_data_folder(known)) for known in DATA]})
    elif name is None:
        _print_list()


def _document(name: str, folder: Path) -> dict[str, object]:
    info = DATA[name]
    return {
        "name": name,
        "title": info.title,
        "image": list(info.shape),
        "classes": info.classes,
        "source": info.source,
        "folder": str(folder),
        "missing": [file.name for file in missing(info, folder)],
    }


def _print_list() -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=_("data sets in {folder}").format(folder=default_data_folder("NAME")), title_justify="left")
    for heading in ("name", "what", "here"):
        table.add_column(heading, overflow="fold")
    for name, info in DATA.items():
        absent = missing(info, default_data_folder(name))
        here = _("comes with Resviz") if info.kind == "digits" else _("your own") if not info.files else "yes"
        table.add_row(name, info.source, _("no: resviz data {name}").format(name=name) if absent else here)
    Console(markup=False).print(table)
