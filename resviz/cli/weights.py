"""`resviz weights`: weights that others trained, to begin a training with."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from resviz.base.translation import _
from resviz.cli.arguments import JsonOption, print_json
from resviz.cli.fetching import fetch_with_progress
from resviz.training.data.published_weights import (
    PublishedWeights,
    find_published,
    kept_weights,
    published_weights,
    weights_folder,
)

_FILES = (".pth", ".pt", ".safetensors")


def weights(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NET|FILE]",
            help=_("A net whose published weights are fetched, or a file that is imported. Without it all are listed."),
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List trained weights, fetch those that torchvision publishes, or import a file (.pth, .pt, .safetensors).

    The SHA-256 is checked, and no code of the file is run. `resviz train NET --weights NAME` then begins with them.
    """
    kept = ""
    if name is not None:
        kept = _import(name, quiet=as_json)
    if as_json:
        print_json({"kept": list(kept_weights()), "published": [_document(known) for known in published_weights()]})
    elif kept:
        net = next((known.net for known in published_weights() if known.name == kept), "NET")
        text = _("{name} is kept. Train from it: resviz train {net} --weights {name}").format(name=kept, net=net)
        sys.stdout.write(text + "\n")
    else:
        _print_list()


def _import(name: str, *, quiet: bool) -> str:
    path = Path(name).expanduser()
    published = None
    if not (path.suffix in _FILES or path.is_file()):
        published = find_published(name)
        path = weights_folder() / published.file.name
        if published.name in kept_weights():
            return published.name
        fetch_with_progress(published.name, (published.file,), weights_folder(), quiet=quiet)
    from resviz.training.weights import import_weights

    kept = import_weights(path)
    if published is not None:
        path.unlink()  # it is kept in the other format
    return kept


def _document(known: PublishedWeights) -> dict[str, object]:
    return {
        "name": known.name,
        "net": known.net,
        "version": known.version,
        "url": known.file.url,
        "top1_error": known.top1_error,
    }


def _print_list() -> None:
    from rich.console import Console
    from rich.table import Table

    here = set(kept_weights())
    table = Table(
        title=_("trained weights in {folder}").format(folder=weights_folder()),
        caption=_("The error is top-1 on ImageNet, of one crop, as torchvision states it."),
        title_justify="left",
        caption_justify="left",
    )
    for heading in (_("name"), _("net"), _("version"), _("error"), _("here")):
        table.add_column(heading, overflow="fold")
    for known in published_weights():
        fetched = _("yes") if known.name in here else ""
        table.add_row(known.name, known.net, known.version, f"{known.top1_error:.2f}%", fetched)
        here.discard(known.name)
    for name in sorted(here):
        table.add_row(name, "", _("your own"), "", _("yes"))
    Console(markup=False).print(table)
