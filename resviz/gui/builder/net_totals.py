"""The line of the status bar about a net: its size, and whether the paper prints the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resviz.analysis.counts import Convention, exact, shares_text, short
from resviz.base.translation import _

if TYPE_CHECKING:
    from resviz.gui.builder.open_net import OpenNet


def net_totals(column: OpenNet, convention: Convention) -> str:
    """Return a net's name, layers, parameters and FLOPs, and what is printed of them."""
    counts, spec = column.counts, column.spec
    with_option = _("{net}, option {option}").format(net=spec.label, option=spec.shortcut)
    parts = [
        with_option if spec.has_shortcuts else spec.label,
        counts.layers_text,
        _("{count} parameters").format(count=exact(counts.parameters)),
        _("{count} FLOPs ({unit})").format(count=short(counts.flops * convention.factor), unit=convention.unit),
    ]
    if counts.shares:
        parts = [spec.label, shares_text(counts, convention)]
    if column.claim:
        number = column.claim.printed_label
        if convention.factor > 1 and column.claim.is_flops:
            number = _("{number} (counted as one)").format(number=number)
        verdict = _("agrees with {place}: {number}") if column.claim.agrees else _("differs from {place}: {number}")
        parts.append(verdict.format(place=column.claim.source.rsplit(", ", 1)[1], number=number))
    return "  ·  ".join(parts)
