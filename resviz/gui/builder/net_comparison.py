"""The selected net compared with another one: which nets there are to compare with, and what differs. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from resviz.analysis.counterparts import find_counterparts
from resviz.analysis.counts import BYTES, exact, short, short_bytes
from resviz.analysis.differences import Difference, differences, total
from resviz.analysis.explanation import Explanation, explain_difference
from resviz.base.errors import NetError
from resviz.base.translation import _
from resviz.gui.builder.open_net import OpenNet, resolve
from resviz.gui.builder.table_rows import StageRow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from resviz.gui.builder.builder_state import BuilderState
    from resviz.nets.spec import NetSpec

MAX_LAYERS = 400
"""Layers that differ and are drawn: more of them nobody reads."""


@dataclass(frozen=True)
class ComparisonNet:
    """A net to compare with.

    `key` identifies it, and `title` is shown. `open_net` is None if the net is not in the table yet; then `source` says
    who published it.
    """

    key: str
    title: str
    spec: NetSpec
    open_net: OpenNet | None = None
    source: str = ""

    def resolve(self) -> OpenNet:
        """Build the net. Raise NetError if that is not possible."""
        return self.open_net or _resolve(self.spec)


@lru_cache(maxsize=4)
def _resolve(spec: NetSpec) -> OpenNet:
    """Resolve once while the selected net stays as it is."""
    return resolve(spec)


def comparison_nets(state: BuilderState) -> list[ComparisonNet]:
    """Return the table's other nets, then the selected one with one thing changed."""
    inside = [
        ComparisonNet(f"net {index}", net.spec.label, net.spec, net)
        for index, net in enumerate(state.open_nets)
        if index != state.selected_index
    ]
    return inside + [
        ComparisonNet(counterpart.title, counterpart.title, counterpart.spec, None, counterpart.source)
        for counterpart in find_counterparts(state.open_net.spec)
    ]


def selected_comparison(state: BuilderState, nets: list[ComparisonNet]) -> ComparisonNet | None:
    """Return the net that the user chose, the first one if that is gone, or None."""
    return next((net for net in nets if net.key == state.comparison.key), nets[0] if nets else None)


def different_parts(state: BuilderState, other: OpenNet) -> tuple[list[Difference], int]:
    """Return the total and the parts that are worth a bar, and how many parts differ."""
    net, by, quantity = state.open_net, state.comparison.by, state.comparison.quantity
    labels = (_stage_labels(state, net), _stage_labels(state, other))
    parts = differences(net.counts, other.counts, by, labels)
    whole = total(net.counts, other.counts)
    if by == "layer":
        shown = [part for part in parts if part.differs]
        return [whole, *shown[:MAX_LAYERS]], len(shown)
    shown = [part for part in parts if getattr(part.a, quantity) or getattr(part.b, quantity)]
    return [whole, *shown], sum(part.differs for part in shown)


def difference_sentence(parts: Sequence[Difference], quantity: str, write: Callable[[int], str], second: str) -> str:
    """Return which part the second net saves most in and which costs it most; "" where nothing differs.

    An example: "ResNet-50's conv is 148 M cheaper; its projection costs 360 M more."
    """
    deltas = {part.part: part.delta(quantity) for part in parts}
    less = min(deltas, key=lambda part: deltas[part], default="")
    more = max(deltas, key=lambda part: deltas[part], default="")
    saves, costs = -deltas.get(less, 0), deltas.get(more, 0)
    if saves > 0 and costs > 0:
        return _("{net}: {less} has {saves} less, {more} has {costs} more.").format(
            net=second, less=less, saves=write(saves), more=more, costs=write(costs)
        )
    if saves > 0:
        return _("{net}: {part} has {amount} less, the largest difference.").format(
            net=second, part=less, amount=write(saves)
        )
    if costs > 0:
        return _("{net}: {part} has {amount} more, the largest difference.").format(
            net=second, part=more, amount=write(costs)
        )
    return ""


def _stage_labels(state: BuilderState, net: OpenNet) -> dict[str, str]:
    """Name each stage as the table does, which puts maps of one size into one row."""
    names = {name: state.document.row_name(StageRow(row)) for name, row in net.stage_rows().items()}
    return {name: label for name, label in names.items() if label}


def difference_explanation(state: BuilderState, part: str) -> Explanation | None:
    """Return the sum of a bar; None where the bar is gone."""
    chosen = selected_comparison(state, comparison_nets(state))
    try:
        other = chosen.resolve() if chosen else None
    except NetError:
        return None
    if other is None:
        return None
    found = next((one for one in different_parts(state, other)[0] if one.part == part), None)
    names = (state.open_net.spec.label, other.spec.label)
    return explain_difference(found, state.comparison.quantity, names, state.convention) if found else None


def format_cost(state: BuilderState, number: int) -> str:
    """Write a number of the compared quantity."""
    if state.comparison.quantity == "activations":
        return short_bytes(number * BYTES)
    factor = state.convention.factor if state.comparison.quantity == "flops" else 1
    return short(number * factor) if number * factor >= 10**6 else exact(number * factor)


def unit_text(state: BuilderState) -> str:
    """Name the compared quantity with its unit."""
    names = {"parameters": "parameters", "flops": f"FLOPs ({state.convention.unit})"}
    return names.get(state.comparison.quantity, _("activation memory, float32, one image"))
