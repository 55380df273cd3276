"""`resviz check`: every figure that the papers and lectures print, recomputed."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from resviz.base.translation import _
from resviz.cli.arguments import JsonOption, print_json

if TYPE_CHECKING:
    from resviz.analysis.claims.verdicts import CheckedClaim


def check(as_json: JsonOption = False) -> None:
    """Recompute every number that papers and lectures print. The exit status is 1 if a difference is unexplained."""
    from resviz.analysis.claims.checks import check as all_claims

    claims = all_claims()
    if as_json:
        print_json({"claims": [asdict(claim) for claim in claims]})
    else:
        _print(claims)
    if any(claim.verdict == "differs" and not claim.why for claim in claims):
        raise typer.Exit(1)


def _verdict(claim: CheckedClaim) -> str:
    if claim.verdict == "differs":
        return _("differs: {why}").format(why=claim.why or _("the reason is not known"))
    return _("agrees") if claim.verdict == "agrees" else _("measured elsewhere")


def _print(claims: tuple[CheckedClaim, ...]) -> None:
    from itertools import groupby

    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    console = Console(markup=False)
    for source, found in groupby(claims, key=lambda claim: claim.source):
        table = Table(title=source, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
        table.add_column(_("what"), overflow="fold")
        for heading in (_("printed"), _("computed")):
            table.add_column(heading, justify="right", no_wrap=True)
        table.add_column(_("verdict"), overflow="fold")
        for claim in found:
            table.add_row(claim.what, claim.printed, claim.computed, _verdict(claim))
        console.print(table)
    counted = {verdict: sum(claim.verdict == verdict for claim in claims) for verdict in ("agrees", "differs")}
    imported_curves = len(claims) - sum(counted.values())
    console.print(
        _(
            "{count} printed numbers: {agree} agree, {differ} differ for a stated reason, {measured} come from "
            "training and are only shown"
        ).format(count=len(claims), agree=counted["agrees"], differ=counted["differs"], measured=imported_curves)
    )
