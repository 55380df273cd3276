"""Which layer of one net is which of another: by name first, then by what stands in the same place.

Two nets differ where a layer is only in one of them, does something else, or reads other layers. A layer without
parameters may have any name.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cached_property
from typing import TYPE_CHECKING

from resviz.base.translation import _
from resviz.nets.op import format_shape
from resviz.nets.ops.recorded import Recorded

if TYPE_CHECKING:
    from collections.abc import Iterable

    from resviz.nets.graph import Graph, Layer


@dataclass(frozen=True)
class AlignedLayer:
    """A layer of two nets; None where one of them has none. `what` says how they differ, "" if they do not."""

    a: Layer | None
    b: Layer | None
    what: str = ""


EQUAL, CHANGED, REMOVED, ADDED = "equal", "changed", "removed", "added"


@dataclass(frozen=True)
class Differences:
    """Which layers of two nets differ. `rows` are all layers, aligned."""

    a: Graph
    b: Graph
    rows: tuple[AlignedLayer, ...]

    @property
    def differing(self) -> tuple[AlignedLayer, ...]:
        """The layers that are not the same in both."""
        return tuple(row for row in self.rows if row.what)

    def count(self, status: str) -> int:
        """Return how many layers were changed, removed or added."""
        return sum(_status(row) == status for row in self.rows)

    @cached_property
    def statuses(self) -> tuple[dict[str, str], dict[str, str]]:
        """For each layer of either net, whether it is equal, changed, removed or added."""
        first = {row.a.name: _status(row) for row in self.rows if row.a is not None}
        return first, {row.b.name: _status(row) for row in self.rows if row.b is not None}

    def status(self, net: int, layers: Iterable[str]) -> str:
        """Return what became of some layers of the first net (0) or the second (1), taken together."""
        found = {self.statuses[net][name] for name in layers}
        return found.pop() if len(found) == 1 else CHANGED


def differences(a: Graph, b: Graph) -> Differences:
    """Return how one net differs from another."""
    return Differences(a, b, align(a, b))


def _status(row: AlignedLayer) -> str:
    if row.a is None:
        return ADDED
    if row.b is None:
        return REMOVED
    return CHANGED if row.what else EQUAL


def align(a: Graph, b: Graph) -> tuple[AlignedLayer, ...]:
    """Return the layers of both nets in the order of the first, those of the second where they come in."""
    partner = _partners(a, b)
    back = {second: first for first, second in partner.items()}
    found: list[AlignedLayer] = []
    waiting = list(b.layers)
    for layer in a.layers:
        other = b[partner[layer.name]] if layer.name in partner else None
        if other is None:
            found.append(AlignedLayer(layer, None, _("only in the first net: {layer}").format(layer=layer.op.label())))
            continue
        while waiting and waiting[0].name not in back:  # those that stand before it in the second net only
            found.append(_only_second(waiting.pop(0)))
        waiting = [one for one in waiting if one.name != other.name]
        found.append(AlignedLayer(layer, other, _difference(a, b, layer, other, partner)))
    found += [_only_second(layer) for layer in waiting if layer.name not in back]
    return tuple(found)


def _only_second(layer: Layer) -> AlignedLayer:
    return AlignedLayer(None, layer, _("only in the second net: {layer}").format(layer=layer.op.label()))


def _partners(a: Graph, b: Graph) -> dict[str, str]:
    """Return the second net's layer for each of the first that has one.

    Layers of one name and kind belong together; between them, those that are alike and stand in one order.
    """
    partner = {
        layer.name: layer.name for layer in a.layers if layer.name in b and layer.op.kind == b[layer.name].op.kind
    }
    for signature in (_alike, _in_place):
        rest = [
            [layer for layer in net.layers if layer.name not in taken]
            for net, taken in ((a, set(partner)), (b, set(partner.values())))
        ]
        first, second = ([signature(layer) for layer in layers] for layers in rest)
        matcher = SequenceMatcher(None, first, second, autojunk=False)
        for ours, theirs, size in matcher.get_matching_blocks():
            for place in range(size):
                partner[rest[0][ours + place].name] = rest[1][theirs + place].name
    return partner


def _alike(layer: Layer) -> str:
    """Return the same for layers that do and cost the same."""
    return f"{layer.op.kind} {layer.shape} {layer.op.parameters()}"


def _in_place(layer: Layer) -> str:
    """Return the same for layers of one kind in one block."""
    return f"{layer.op.kind} {layer.block}"


def _difference(a: Graph, b: Graph, first: Layer, second: Layer, partner: dict[str, str]) -> str:
    """Return how two layers that belong together differ, or ""."""
    ours, theirs = _unplaced(first), _unplaced(second)
    if ours != theirs:
        labels = first.op.label(), second.op.label()
        return f"{labels[0]} → {labels[1]}" if labels[0] != labels[1] else _("other settings")
    if first.shape != second.shape:
        return f"{format_shape(first.shape)} → {format_shape(second.shape)}"
    if {partner.get(name, "") for name in first.inputs} != set(second.inputs):
        return _("reads {inputs}").format(inputs=f"{', '.join(first.inputs)} → {', '.join(second.inputs)}")
    if first.name != second.name and first.op.parameters():
        return _("another name")
    return ""


def _unplaced(layer: Layer) -> object:
    """Return a layer's op without the line that it was called in."""
    op = layer.op
    return replace(op, source="") if isinstance(op, Recorded) else op
