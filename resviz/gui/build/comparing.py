"""The chosen net against another one: which other there are, and what they cost side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from resviz.analysis.counts import BYTES, Counts, exact, short, short_bytes
from resviz.analysis.diff import By, Difference, differences, total
from resviz.analysis.explain import Explanation, explain_difference
from resviz.analysis.variants import Variant, variants
from resviz.gui.build.column import Column, resolve
from resviz.gui.build.differences import bar_rows
from resviz.gui.build.explaining import Subject
from resviz.nets.errors import NetError
from resviz.nets.spec import NetSpec

if TYPE_CHECKING:
    from resviz.gui.build.controller import BuildController

_LAYERS_MOST = 400
"""Layers that differ and are drawn: more of them nobody reads."""


class Comparing(QObject):
    def __init__(self, build: BuildController) -> None:
        super().__init__(build)
        self._build = build
        self._by: By = "stage"
        self._quantity = "parameters"
        self._wanted = ""
        """The title of the other net that was chosen."""
        panel = build.view.differences
        panel.other_chosen.connect(self._choose)
        panel.by_chosen.connect(self._choose_by)
        panel.quantity_chosen.connect(self._choose_quantity)
        panel.part_chosen.connect(self._explain)
        panel.add_wanted.connect(self._add)
        self._others: list[tuple[str, Column | Variant]] = []

    def show(self) -> None:
        """Nothing where the differences are out of sight."""
        if self._build.view.tab != "differences":
            return
        panel, column = self._build.view.differences, self._build.column
        self._others = self._all_others()
        titles = [title for title, _ in self._others]
        chosen = titles.index(self._wanted) if self._wanted in titles else 0
        if not titles:
            panel.set_others([], -1, False)
            panel.set_rows([], (column.spec.label, ""), self._by, self._quantity, "no other net in the table")
            return
        panel.set_others(titles, chosen, isinstance(self._others[chosen][1], Variant))
        try:
            other = self._other(chosen)
        except NetError as error:
            panel.set_rows([], (column.spec.label, titles[chosen]), self._by, self._quantity, str(error))
            return
        parts = self._parts(column.counts, other.counts)
        rows = bar_rows(parts, self._quantity, self._write)
        source = next(
            (item.source for title, item in self._others[chosen : chosen + 1] if isinstance(item, Variant)), ""
        )
        note = f"{source}: " if source else ""
        differing = len(parts) - 1
        note += f"{differing} layers differ" if self._by == "layer" else self._unit()
        panel.set_rows(rows, (column.spec.label, other.spec.label), self._by, self._quantity, note)

    def difference(self, part: str) -> Explanation | None:
        """The sum behind a bar; None where it is there no more."""
        self._others = self._all_others()
        titles = [title for title, _ in self._others]
        if not titles:
            return None
        chosen = titles.index(self._wanted) if self._wanted in titles else 0
        try:
            other = self._other(chosen)
        except NetError:
            return None
        column = self._build.column
        found = next((one for one in self._parts(column.counts, other.counts) if one.part == part), None)
        if found is None:
            return None
        names = (column.spec.label, other.spec.label)
        return explain_difference(found, self._quantity, names, self._build.convention)

    def _parts(self, a: Counts, b: Counts) -> list[Difference]:
        parts = differences(a, b, self._by)
        shown = [part for part in parts if part.differs] if self._by == "layer" else parts
        costly = [part for part in shown if self._by == "layer" or self._costs(part)]
        return [total(a, b), *costly[:_LAYERS_MOST]]

    def _costs(self, part: Difference) -> bool:
        return bool(getattr(part.a, self._quantity) or getattr(part.b, self._quantity))

    def _all_others(self) -> list[tuple[str, Column | Variant]]:
        """The table's other nets, then the chosen one with one thing changed."""
        build = self._build
        others: list[tuple[str, Column | Variant]] = [
            (column.spec.label, column) for index, column in enumerate(build.columns) if index != build.chosen
        ]
        return others + [(variant.title, variant) for variant in variants(build.column.spec)]

    def _other(self, index: int) -> Column:
        other = self._others[index][1]
        return resolve(other.spec) if isinstance(other, Variant) else other

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
        self._wanted = self._others[index][0]
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
        self._build.explain(Subject(self._quantity, part=part))

    @Slot()
    def _add(self) -> None:
        """The variant that is compared with, as a column of its own."""
        titles = [title for title, _ in self._others]
        item = self._others[titles.index(self._wanted) if self._wanted in titles else 0][1]
        if isinstance(item, Variant):
            spec: NetSpec = item.spec
            try:
                self._build.add(spec)
            except NetError as error:
                self._build.said.emit(str(error))
