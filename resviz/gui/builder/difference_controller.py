"""The chosen net against another one: which other there are, and what they cost side by side."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from resviz.analysis.counterparts import counterparts_of
from resviz.analysis.counts import BYTES, exact, short, short_bytes
from resviz.analysis.differences import By, Difference, differences, total
from resviz.analysis.explanation import Explanation, explain_difference
from resviz.base.errors import NetError
from resviz.gui.builder.difference_panel import bar_rows
from resviz.gui.builder.explanation_subject import ExplanationSubject
from resviz.gui.builder.open_net import OpenNet, resolve
from resviz.nets.spec import NetSpec

if TYPE_CHECKING:
    from resviz.gui.builder.build_controller import BuildController

_MAX_LAYERS = 400
"""Layers that differ and are drawn: more of them nobody reads."""


@dataclass(frozen=True)
class ComparisonNet:
    """A net to compare with: `key` finds it again, `title` is how it is chosen; `column` is None where it is not in the
    table yet, and `source` then says who has it so."""

    key: str
    title: str
    spec: NetSpec
    column: OpenNet | None = None
    source: str = ""


class DifferenceController(QObject):
    def __init__(self, build: BuildController) -> None:
        super().__init__(build)
        self._build = build
        self._by: By = "stage"
        self._quantity = "parameters"
        self._wanted = ""
        """The key of the other net that was chosen."""
        panel = build.view.differences
        panel.other_chosen.connect(self._choose)
        panel.by_chosen.connect(self._choose_by)
        panel.quantity_chosen.connect(self._choose_quantity)
        panel.part_chosen.connect(self._explain)
        panel.add_wanted.connect(self._add)

    def show(self) -> None:
        """Nothing where the differences are out of sight."""
        if self._build.view.tab != "differences":
            return
        panel, column, others = self._build.view.differences, self._build.column, self._others()
        chosen = self._chosen(others)
        if chosen is None:
            panel.set_others([], -1, False)
            panel.set_rows([], (column.spec.label, ""), self._by, self._quantity, "no other net in the table")
            return
        panel.set_others([other.title for other in others], others.index(chosen), chosen.column is None)
        try:
            other = _column(chosen)
        except NetError as error:
            panel.set_rows([], (column.spec.label, chosen.title), self._by, self._quantity, str(error))
            return
        parts, differing = self._parts(column, other)
        note = f"{chosen.source}: " if chosen.source else ""
        cut = f", {_MAX_LAYERS} of them shown" if differing > _MAX_LAYERS else ""
        note += f"{differing} layers differ{cut}" if self._by == "layer" else self._unit()
        rows = bar_rows(parts, self._quantity, self._write)
        panel.set_rows(rows, (column.spec.label, other.spec.label), self._by, self._quantity, note)

    def difference(self, part: str) -> Explanation | None:
        """The sum behind a bar; None where it is there no more."""
        chosen, column = self._chosen(self._others()), self._build.column
        try:
            other = _column(chosen) if chosen else None
        except NetError:
            return None
        if other is None:
            return None
        found = next((one for one in self._parts(column, other)[0] if one.part == part), None)
        names = (column.spec.label, other.spec.label)
        return explain_difference(found, self._quantity, names, self._build.convention) if found else None

    def _parts(self, a: OpenNet, b: OpenNet) -> tuple[list[Difference], int]:
        """The total, then the parts that are worth a bar; and how many differ."""
        parts = differences(a.counts, b.counts, self._by, self._stage_labels(a, b))
        if self._by == "layer":
            shown = [part for part in parts if part.differs]
            return [total(a.counts, b.counts), *shown[:_MAX_LAYERS]], len(shown)
        shown = [part for part in parts if getattr(part.a, self._quantity) or getattr(part.b, self._quantity)]
        return [total(a.counts, b.counts), *shown], sum(part.differs for part in shown)

    def _stage_labels(self, a: OpenNet, b: OpenNet) -> tuple[dict[str, str], dict[str, str]]:
        """How stages are named where nets stand beside each other by the size of their maps, as the table does it."""
        rows = self._build.view.table.row_names()
        first, second = (
            {name: rows[str(row)] for name, row in column.stage_rows().items() if str(row) in rows} for column in (a, b)
        )
        return first, second

    def _others(self) -> list[ComparisonNet]:
        """The table's other nets, then the chosen one with one thing changed."""
        build = self._build
        inside = [
            ComparisonNet(f"net {index}", column.spec.label, column.spec, column)
            for index, column in enumerate(build.columns)
            if index != build.chosen
        ]
        changed = counterparts_of(build.column.spec)
        return inside + [
            ComparisonNet(counterpart.title, counterpart.title, counterpart.spec, None, counterpart.source)
            for counterpart in changed
        ]

    def _chosen(self, others: list[ComparisonNet]) -> ComparisonNet | None:
        return next((other for other in others if other.key == self._wanted), others[0] if others else None)

    def _write(self, number: int) -> str:
        if self._quantity == "activations":
            return short_bytes(number * BYTES)
        factor = self._build.convention.factor if self._quantity == "flops" else 1
        return short(number * factor) if number * factor >= 10**6 else exact(number * factor)

    def _unit(self) -> str:
        names = {"parameters": "parameters", "flops": f"FLOPs ({self._build.convention.unit})"}
        return names.get(self._quantity, "activation memory, float32, one image")

    @Slot(int)
    def _choose(self, index: int) -> None:
        self._wanted = self._others()[index].key
        self._build.show()

    @Slot(str)
    def _choose_by(self, by: By) -> None:
        self._by = by
        self._build.show()

    @Slot(str)
    def _choose_quantity(self, quantity: str) -> None:
        self._quantity = quantity
        self._build.show()

    @Slot(str)
    def _explain(self, part: str) -> None:
        self._build.explain(ExplanationSubject(self._quantity, part=part))

    @Slot()
    def _add(self) -> None:
        """The net that is compared with, as a column of its own."""
        chosen = self._chosen(self._others())
        if chosen is not None and chosen.column is None:
            try:
                self._build.add(chosen.spec)
            except NetError as error:
                self._build.status_message.emit(str(error))


def _column(other: ComparisonNet) -> OpenNet:
    """The net, built. Raises NetError."""
    return other.column or _resolved(other.spec)


@lru_cache(maxsize=4)
def _resolved(spec: NetSpec) -> OpenNet:
    """Built once while the chosen net stays as it is."""
    return resolve(spec)
