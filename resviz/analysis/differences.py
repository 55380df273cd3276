"""Two nets side by side as numbers: by layer, by stage, by kind of layer, and in all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from resviz.base.translation import _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from resviz.analysis.counts import Counts, LayerCount
    from resviz.nets.graph import Layer

By = Literal["stage", "kind", "layer"]


@dataclass(frozen=True)
class Cost:
    """Parameters, multiply-adds and activations of some layers, and how many they are."""

    parameters: int = 0
    flops: int = 0
    activations: int = 0
    layers: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.parameters + other.parameters,
            self.flops + other.flops,
            self.activations + other.activations,
            self.layers + other.layers,
        )


@dataclass(frozen=True)
class Difference:
    """What a part costs in two nets. `what` says how the part differs in other ways."""

    part: str
    a: Cost
    b: Cost
    what: str = ""

    def delta(self, quantity: str) -> int:
        """Return how much more of "parameters", "flops" or "activations" the second has."""
        return int(getattr(self.b, quantity) - getattr(self.a, quantity))

    @property
    def differs(self) -> bool:
        """Whether the costs differ, or the parts in any other way."""
        return self.a != self.b or bool(self.what)


def differences(
    a: Counts, b: Counts, by: By, stages: tuple[Mapping[str, str], Mapping[str, str]] = ({}, {})
) -> tuple[Difference, ...]:
    """Return every part of either net: those of the first net, then those that only the second net has.

    The parts add up to `total`. `stages` renames the stages of each net, for nets that name a stage differently.
    """
    first, second = (_parts(counts, by, names) for counts, names in zip((a, b), stages, strict=True))
    names = [*first, *(name for name in second if name not in first)]
    labels: tuple[dict[str, Layer], ...] = ({}, {})
    if by == "layer":
        labels = tuple({row.layer.name: row.layer for row in counts.rows} for counts in (a, b))
    return tuple(
        Difference(
            name, first.get(name, Cost()), second.get(name, Cost()), _what(labels[0].get(name), labels[1].get(name))
        )
        for name in names
    )


def total(a: Counts, b: Counts) -> Difference:
    """Return the difference between two whole nets."""
    return Difference(_("in all"), _cost(a.rows), _cost(b.rows))


def _what(a: Layer | None, b: Layer | None) -> str:
    """Return how a layer of one name differs between two nets."""
    if a is None:
        return "" if b is None else _("only in the second net: {layer}").format(layer=b.op.label())
    if b is None:
        return _("only in the first net: {layer}").format(layer=a.op.label())
    if a.op != b.op:
        return f"{a.op.label()} → {b.op.label()}" if a.op.label() != b.op.label() else _("other settings")
    return ""


def _parts(counts: Counts, by: By, stages: Mapping[str, str]) -> dict[str, Cost]:
    costs: dict[str, Cost] = {}
    name = _NAMES[by]
    for row in counts.rows:
        part = name(row.layer)
        part = stages.get(part, part) if by == "stage" else part
        costs[part] = costs.get(part, Cost()) + _cost((row,))
    return costs


def _cost(rows: tuple[LayerCount, ...]) -> Cost:
    return Cost(
        sum(row.parameters for row in rows),
        sum(row.flops for row in rows),
        sum(row.activations for row in rows),
        len(rows),
    )


def _kind(layer: Layer) -> str:
    """Convolutions on shortcuts are parts of their own: what option B or C costs."""
    return "projection" if layer.on_shortcut and layer.op.kind == "conv" else layer.op.kind


_NAMES: dict[str, Callable[[Layer], str]] = {
    "stage": lambda layer: layer.stage or layer.name,
    "kind": _kind,
    "layer": lambda layer: layer.name,
}
