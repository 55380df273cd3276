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
    from collections.abc import Sequence

    from resviz.experiments.ablation import AblatedRun
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
    from resviz.experiments.ablation import ablate_run
    from resviz.runs.library import named

    found = ablate_run(named(run), _quiet if as_json else _tell, paths=paths)
    if as_json:
        print_json(_document(found))
        return
    sys.stdout.write(_("held-out error of the whole net: {error}").format(error=f"{found.error:.2%}") + "\n")
    if found.deeper is not None:
        text = _("with an identity block more in each stage: {error}")
        sys.stdout.write(text.format(error=f"{found.deeper:.2%}") + "\n")
    console = Console(highlight=False)
    console.print(_block_table(found.blocks))
    if found.paths:
        console.print(_path_table(found.paths))


def _tell(share: float) -> bool:
    """Say on a terminal how far it is."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{share:.0%} " if share < 1 else "\r     \r")
    return True


def _quiet(_share: float) -> bool:
    return True


def _block_table(blocks: Sequence[BlockAblation]) -> Table:
    table = Table()
    table.add_column(_("without"))
    table.add_column(_("error if x passes"), justify="right")
    table.add_column(_("error with its weights at 0"), justify="right")
    for block in blocks:
        skipped = "—" if block.skipped is None else f"{block.skipped:.2%}"
        table.add_row(block.block, skipped, f"{block.zeroed:.2%}")
    return table


def _path_table(lengths: Sequence[PathGradient]) -> Table:
    table = Table()
    for heading in (_("functions on the path"), _("paths"), _("gradient of one path"), _("share of all")):
        table.add_column(heading, justify="right")
    total = sum(one.share for one in lengths) or 1.0
    for one in lengths:
        table.add_row(str(one.length), str(one.paths), f"{one.norm:.2e}", f"{one.share / total:.1%}")
    return table


def _document(found: AblatedRun) -> dict[str, Any]:
    return {
        "error": found.error,
        "deeper": found.deeper,
        "blocks": [{"block": one.block, "skipped": one.skipped, "zeroed": one.zeroed} for one in found.blocks],
        "paths": [{"length": one.length, "paths": one.paths, "norm": one.norm} for one in found.paths],
    }
