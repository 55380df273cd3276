"""What a net is compared with in a lecture: the same table with one thing changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from resviz.base.translation import _
from resviz.nets.blocks.layers import has_bottleneck
from resviz.nets.head_notation import AveragePool, Head, Hidden
from resviz.nets.notation import MAX_FILTERS, Block, Cell, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from resviz.nets.spec import NetSpec

EXPANSION = 4
"""Of a bottleneck: its last 1×1 has four times the filters of its 3×3 ("Deep Residual Learning", table 1)."""


@dataclass(frozen=True)
class Counterpart:
    """A net with one thing changed: `title` says what, and `source` where it comes from."""

    title: str
    spec: NetSpec
    source: str


def find_counterparts(spec: NetSpec) -> list[Counterpart]:
    """Return the changes that make a difference to this net, each alone."""
    return list(_variants(spec))


def _variants(spec: NetSpec) -> Iterator[Counterpart]:
    def changed(title: str, source: str, **changes: Any) -> Counterpart:
        return Counterpart(title, spec.with_options(title=f"{spec.label}, {title}"[:80], **changes), source)

    if spec.has_shortcuts:
        for option, rule in (
            ("A", _("zero padding")),
            ("B", _("projections where dimensions change")),
            ("C", _("projections everywhere")),
        ):
            if option != spec.shortcut:
                yield changed(
                    _("option {option}").format(option=option),
                    _("section 3.3: {rule}").format(rule=rule),
                    shortcut=option,
                )
    if has_bottleneck(spec) and spec.shrink == "stride":
        place, other = ("first", _("the first 1×1")) if spec.stride_in == "3x3" else ("3x3", _("the 3×3"))
        yield changed(
            _("stride in {place}").format(place=other),
            "table 1" if place == "first" else "torchvision",
            stride_in=place,
        )
    for title, source, stages in (
        (_("bottleneck blocks"), "figure 5, right", _bottlenecks(spec)),
        (_("basic blocks"), "figure 5, left", _basics(spec)),
    ):
        if stages:
            yield changed(title, source, stages=stages)
    if spec.has_shortcuts:
        yield changed("plain", "section 3.3, “Plain Network”", unit="plain")
    elif spec.unit == "plain" and spec.shrink == "stride" and spec.stages:
        yield changed("residual", "section 3.3, “Residual Network”", unit="residual")
    if any(isinstance(part, Hidden) for part in spec.head.parts):
        yield changed(_("average pool instead of fc layers"), _("the head of ResNet"), head=str(Head((AveragePool(),))))
    if spec.norm == "batch":
        yield changed(_("no normalization"), _("as before 2015"), norm="none")


def _bottlenecks(spec: NetSpec) -> list[str] | None:
    """Two 3×3 of f filters become 1×1 f, 3×3 f, 1×1 4f; None where not every block is basic."""
    blocks = _only_blocks(spec)
    if not blocks or not all(_is_basic(block.cells) for block in blocks):
        return None
    if any(EXPANSION * block.cells[0].filters > MAX_FILTERS for block in blocks):
        return None
    return [
        str(
            Stage.of(
                (Cell(1, filters := block.cells[0].filters), Cell(3, filters), Cell(1, EXPANSION * filters)),
                block.repeats,
            )
        )
        for block in blocks
    ]


def _basics(spec: NetSpec) -> list[str] | None:
    """Return the way back; None where not every block is a bottleneck."""
    blocks = _only_blocks(spec)
    if not blocks or not all([cell.kernel for cell in block.cells] == [1, 3, 1] for block in blocks):
        return None
    return [str(Stage.of((Cell(3, block.cells[1].filters),) * 2, block.repeats)) for block in blocks]


def _only_blocks(spec: NetSpec) -> list[Block]:
    """Return the block of each stage; none of a net whose stages have more to them."""
    found = [stage.only for stage in spec.stages]
    return [block for block in found if block] if all(found) else []


def _is_basic(cells: tuple[Cell, ...]) -> bool:
    return [cell.kernel for cell in cells] == [3, 3] and cells[0].filters == cells[1].filters
