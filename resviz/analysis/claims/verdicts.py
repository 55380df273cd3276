"""A printed figure beside the computed one, and the verdict: from the digits that are printed, never stored."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Literal

from resviz.analysis.counts import Counts, count, exact
from resviz.base.translation import _
from resviz.nets import catalogue
from resviz.nets.build import build

if TYPE_CHECKING:
    from resviz.nets.graph import Graph

Number = int | Decimal
Verdict = Literal["agrees", "differs", "measured elsewhere"]
"""The last is of what only a training on ImageNet or CIFAR gives: it can't be computed from a graph."""


@dataclass(frozen=True)
class CheckedClaim:
    """A printed number beside the computed one. `why` explains a difference."""

    id: str
    source: str
    what: str
    printed: str
    computed: str
    verdict: Verdict
    why: str = ""


def rounds_to(computed: Number, printed: Number) -> bool:
    """Return whether a number, rounded to the digits of a printed one, is that. A whole number has all its digits."""
    digit = Decimal(1).scaleb(int(printed.as_tuple().exponent)) if isinstance(printed, Decimal) else 0
    return 2 * abs(Decimal(computed) - Decimal(printed)) <= digit


def number(id: str, source: str, what: str, printed: Number, computed: Number, why: str = "") -> CheckedClaim:
    """Compare numbers: they agree if the computed one, rounded to the printed digits, is the printed one."""
    agrees = rounds_to(computed, printed)
    written = exact(int(computed)) if computed == int(computed) else f"{computed:.4f}"
    shown = exact(int(printed)) if printed == int(printed) else f"{printed:f}"
    return CheckedClaim(id, source, what, shown, written, "agrees" if agrees else "differs", "" if agrees else why)


def rounded(id: str, source: str, what: str, printed: str, computed: int) -> CheckedClaim:
    """Compare a number that is printed rounded, like 150K or 3.2M. The zeros at its end are no digits."""
    value = Decimal(printed.rstrip("KM")).scaleb({"K": 3, "M": 6}.get(printed[-1], 0))
    digits = value.normalize() if printed[-1] in "KM" else int(value)
    return CheckedClaim(
        id, source, what, printed, exact(computed), "agrees" if rounds_to(computed, digits) else "differs"
    )


def text(id: str, source: str, what: str, printed: str, computed: str, why: str = "") -> CheckedClaim:
    """Compare a printed text with the computed one."""
    agrees = printed == computed
    return CheckedClaim(id, source, what, printed, computed, "agrees" if agrees else "differs", "" if agrees else why)


@cache
def graph(name: str, **options: str) -> Graph:
    """Return a net of the catalogue, with other options than its own if any are given."""
    return build(catalogue.find(name).with_options(**options))


@cache
def counts(name: str, **options: str) -> Counts:
    """Count a net of the catalogue."""
    return count(graph(name, **options))


def measured(id: str, source: str, what: str, printed: object, of: str = "") -> CheckedClaim:
    """Report a printed number that only a whole training can check. `of` says what was trained, and measured how."""
    why = _("only a whole training can check this number")
    return CheckedClaim(id, source, what, str(printed), "", "measured elsewhere", f"{of}; {why}" if of else why)
