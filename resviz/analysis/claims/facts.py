"""What the papers print about a net, against what its graph computes.

The printed figures are data, in resources/facts/*.toml; a verdict is computed from the digits that were printed.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from resviz.analysis.claims.reasons import reason, ways_to_count_flops, ways_to_count_parameters
from resviz.analysis.claims.verdicts import rounds_to
from resviz.base import assets
from resviz.base.translation import _
from resviz.nets import catalogue
from resviz.nets.blocks.layers import has_bottleneck

if TYPE_CHECKING:
    from resviz.analysis.counts import Counts
    from resviz.nets.spec import NetSpec

RESNET_PAPER = "He et al. 2015, arXiv 1512.03385"


@dataclass(frozen=True)
class Claim:
    """A figure as printed, and the exact one."""

    source: str
    what: str
    printed: Decimal
    computed: int
    scope: str = ""
    """What the figure is of, where that is not the whole net's FLOPs: " conv" or " params"."""
    is_flops: bool = True
    """Whether FLOPs are printed, which depend on a convention. Parameters don't."""
    net: str = ""
    """Its name in the catalogue."""

    @property
    def agrees(self) -> bool:
        """Whether the exact figure, rounded to the printed digits, is the printed one."""
        return rounds_to(self.computed, self.printed)

    @property
    def verdict(self) -> str:
        """Whether the printed number "agrees" or "differs"."""
        return "agrees" if self.agrees else "differs"

    @property
    def why(self) -> str:
        """The reason for a difference, computed from other ways to count; empty where the figures agree."""
        if self.agrees:
            return ""
        return reason(self.printed, (ways_to_count_flops if self.is_flops else ways_to_count_parameters)(self.net))

    @property
    def sentence(self) -> str:
        """What is printed where, and how the computed number compares."""
        template = (
            _("{source} prints {number} {what}. The computed number agrees to all printed digits.")
            if self.agrees
            else _("{source} prints {number} {what}. The computed number differs: {reason}.")
        )
        return template.format(source=self.source, number=self.printed_number, what=self.what, reason=self.why)

    @property
    def printed_number(self) -> str:
        """The figure with the digits that were printed: 3.8 G."""
        unit, letter = (10**9, "G") if self.printed >= 10**9 else (10**6, "M")
        return f"{self.printed / unit:f} {letter}"

    @property
    def printed_label(self) -> str:
        """The number as a table shows it alone: 3.8 G, 15.3 G conv, 0.27 M params."""
        return self.printed_number + self.scope


@cache
def facts(name: str) -> dict[str, Any]:
    """Return a file of resources/facts; its numbers as Decimal, so that the printed digits are kept."""
    with (assets.asset_folder("resources") / "facts" / f"{name}.toml").open("rb") as file:
        return tomllib.load(file, parse_float=Decimal)


def flops_claim(spec: NetSpec, counts: Counts) -> Claim | None:
    """Return what "Deep Residual Learning" prints as this net's FLOPs; None for a net it prints none for."""
    name = _catalogue_name(spec)
    resnet = facts("resnet")
    table = resnet["table1"][0]
    table1 = {f"resnet{column.split('-')[0]}": i for i, column in enumerate(table["columns"])}
    if name in table1:
        return Claim(f"{RESNET_PAPER}, table 1", _("FLOPs"), table["flops"][table1[name]], counts.flops, net=name)
    if name == "plain34":
        return Claim(
            f"{RESNET_PAPER}, figure 3", _("FLOPs"), resnet["figure3"]["plain34_flops"], counts.flops, net=name
        )
    if name == "vgg19":
        return Claim(f"{RESNET_PAPER}, figure 3", _("FLOPs"), resnet["figure3"]["vgg19_flops"], counts.flops, net=name)
    if name == "vgg16":
        what, computed = _("FLOPs of its convolutions alone"), counts.kind_flops("conv")
        printed = resnet["text"]["vgg16_flops"]
        return Claim(f"{RESNET_PAPER}, section 4.1", what, printed, computed, " conv", net=name)
    return None


def parameters_claim(spec: NetSpec, counts: Counts) -> Claim | None:
    """Return what table 6 prints as this CIFAR net's parameters; None for a net it prints none for."""
    name = _catalogue_name(spec)
    for depth, millions, _error in facts("resnet")["cifar"]["rows"]:
        if name == f"cifar-resnet{depth}":
            source, printed = f"{RESNET_PAPER}, table 6", millions.scaleb(6)
            return Claim(source, _("parameters"), printed, counts.parameters, " params", False, name)
    return None


def _catalogue_name(spec: NetSpec) -> str:
    """Return the name in the catalogue of exactly this net, whatever it is called here.

    "" where nothing is printed of it.
    """
    return _claimed().get(_bare(spec), "")


@cache
def _claimed() -> dict[NetSpec, str]:
    """Return the nets that there is a printed figure of."""
    resnet = facts("resnet")
    names = [f"resnet{column.split('-')[0]}" for column in resnet["table1"][0]["columns"]]
    names += ["plain34", "vgg16", "vgg19", *(f"cifar-resnet{depth}" for depth, _, _ in resnet["cifar"]["rows"])]
    return {_bare(catalogue.find(name)): name for name in names}


def _bare(spec: NetSpec) -> NetSpec:
    """Return the spec without its name, and without options that make no difference to its net."""
    changes = {"name": "net", "title": ""}
    if not has_bottleneck(spec):
        changes["stride_in"] = "first"
    if spec.unit == "plain":
        changes["shortcut"] = "A"
    return spec.model_copy(update=changes)
