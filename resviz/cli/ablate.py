"""`resviz ablate`: a trained net without each of its blocks, and the gradient along paths of each length."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from resviz.base.translation import _
from resviz.cli.arguments import JsonOption, print_json, runs_beginning

if TYPE_CHECKING:
    from collections.abc import Iterable

    from resviz.training.ablation import BlockAblation, PathGradient


def ablate(
    run: Annotated[
        str,
        typer.Argument(metavar="RUN", help=_("A saved run, by its id or folder."), autocompletion=runs_beginning),
    ],
    paths: Annotated[
        bool,
        typer.Option("--paths", help=_("Measure the gradient along the paths of each length too (eq. 4).")),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Measure a trained net's held-out error without each of its blocks.

    A residual net hardly misses one, since x passes by. A plain net without one of its blocks knows nothing more.
    """
    from resviz.experiments.ablation import error_when_deeper
    from resviz.experiments.trained_nets import load_trained
    from resviz.runs.folder import RunFolder
    from resviz.runs.library import named
    from resviz.training.ablation import ablate as ablated
    from resviz.training.ablation import path_gradients

    trainer = load_trained(named(run))
    whole, deeper = trainer.evaluate()[1], error_when_deeper(trainer, RunFolder(named(run)).info.net)
    blocks = list(_told(ablated(trainer), quiet=as_json))
    lengths = list(_told(path_gradients(trainer), quiet=as_json)) if paths and trainer.graph.residual_blocks else []
    if as_json:
        print_json(_document(whole, deeper, blocks, lengths))
        return
    sys.stdout.write(_("held-out error of the whole net: {error}").format(error=f"{whole:.2%}") + "\n")
    if deeper is not None:
        text = _("with an identity block more in each stage: {error}")
        sys.stdout.write(text.format(error=f"{deeper:.2%}") + "\n")
    console = Console(highlight=False)
    console.print(_block_table(blocks))
    if lengths:
        console.print(_path_table(lengths))


def _told(found: Iterable[Any], *, quiet: bool) -> Iterable[Any]:
    for number, one in enumerate(found, 1):
        if not quiet and sys.stderr.isatty():
            sys.stderr.write(f"\r{number} ")
        yield one
    if not quiet and sys.stderr.isatty():
        sys.stderr.write("\r")


def _block_table(blocks: list[BlockAblation]) -> Table:
    table = Table()
    table.add_column(_("without"))
    table.add_column(_("error if x passes"), justify="right")
    table.add_column(_("error with its weights at 0"), justify="right")
    for block in blocks:
        skipped = "—" if block.skipped is None else f"{block.skipped:.2%}"
        table.add_row(block.block, skipped, f"{block.zeroed:.2%}")
    return table


def _path_table(lengths: list[PathGradient]) -> Table:
    table = Table()
    for heading in (_("functions on the path"), _("paths"), _("gradient of one path"), _("share of all")):
        table.add_column(heading, justify="right")
    total = sum(one.share for one in lengths) or 1.0
    for one in lengths:
        table.add_row(str(one.length), str(one.paths), f"{one.norm:.2e}", f"{one.share / total:.1%}")
    return table


def _document(
    whole: float, deeper: float | None, blocks: list[BlockAblation], lengths: list[PathGradient]
) -> dict[str, Any]:
    return {
        "error": whole,
        "deeper": deeper,
        "blocks": [{"block": one.block, "skipped": one.skipped, "zeroed": one.zeroed} for one in blocks],
        "paths": [{"length": one.length, "paths": one.paths, "norm": one.norm} for one in lengths],
    }
