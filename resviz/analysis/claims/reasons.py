"""Why a printed number is another one: the ways in which it may have been counted, each tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resviz.analysis.claims.verdicts import counts, rounds_to
from resviz.analysis.counts import short
from resviz.base.translation import _
from resviz.nets import catalogue
from resviz.nets.blocks.layers import has_bottleneck

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from resviz.analysis.claims.verdicts import Number
    from resviz.analysis.counts import Counts


def reason(printed: Number, tried: Mapping[str, Number], write: Callable[[Number], str] | None = None) -> str:
    """Return which of the ways that were tried gives a printed number, or that none of them does.

    Args:
        printed: The printed number.
        tried: Ways of counting, in words, and what each gives.
        write: How a number is written; None writes it short.
    """
    write = write or (lambda number: short(int(number)))
    for way, found in tried.items():
        if rounds_to(found, printed):
            return _("{way} gives it: {number}").format(way=way, number=write(found))
    ways = ", ".join(f"{way} {write(found)}" for way, found in tried.items())
    return _("none of the ways of counting that we tried gives it: {ways}").format(ways=ways)


def ways_to_count_flops(net: str) -> dict[str, Number]:
    """Return the multiply-adds of a net of the catalogue as others might count them."""
    convolutions = counts(net).kind_flops("conv")
    return {**_other_options(net, lambda found: found.flops), _("the convolutions alone"): convolutions}


def ways_to_count_parameters(net: str) -> dict[str, Number]:
    """Return the parameters of a net of the catalogue as others might count them."""
    found = counts(net)
    dense = sum(row.parameters for row in found.rows if row.layer.op.kind == "fc")
    bare = {_("all but the fully connected layers"): found.parameters - dense}
    ways = {**_other_options(net, lambda found: found.parameters), **bare}
    if f"{net}-aux" in catalogue.names():
        ways[_("with the auxiliary classifiers")] = counts(f"{net}-aux").parameters
    return ways


def _other_options(net: str, quantity: Callable[[Counts], int]) -> dict[str, Number]:
    """Return a quantity with each other shortcut, and with the stride in the other place, where a net has them."""
    spec = catalogue.find(net)
    ways: dict[str, Number] = {}
    for option in "ABC" if spec.has_shortcuts else "":
        if option != spec.shortcut:
            ways[_("shortcut option {option}").format(option=option)] = quantity(counts(net, shortcut=option))
    if spec.has_shortcuts and has_bottleneck(spec):
        ways[_("stride in the 3×3 convolution")] = quantity(counts(net, stride_in="3x3"))
    return ways
