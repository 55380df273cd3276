"""The picture of the nets: what is folded in it, what colours it, and which layer is found in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QColor

from resviz.analysis.counts import BYTES, short, short_bytes
from resviz.gui.builder.explanation_subject import ExplanationSubject
from resviz.gui.builder.open_net import OpenNet
from resviz.gui.graph import layout
from resviz.gui.graph.graph_view import DrawnNet
from resviz.gui.graph.layout_parts import Box, GraphLayout
from resviz.gui.graph.legend import Legend
from resviz.gui.style import viridis
from resviz.nets.graph import Layer
from resviz.nets.op import format_shape

if TYPE_CHECKING:
    from resviz.gui.builder.build_controller import BuildController

_TITLES = {
    "parameters": "parameters of a box",
    "flops": "FLOPs of a box",
    "activations": "activation memory of a box",
    "field": "receptive field, pixels",
}
_DEEP_STAGE = 40
"""A stage of more layers unfolds to its blocks first."""


class GraphController(QObject):
    def __init__(self, build: BuildController) -> None:
        super().__init__(build)
        self._build = build
        self.colour = "stage"
        self.fold = ""
        """"layer", "block" or "stage"; "" is each net's own first fold."""
        self._toggled: dict[str, bool] = {}
        self._drawn: dict[tuple[int, frozenset[str], int], tuple[OpenNet, GraphLayout]] = {}
        self.legend = Legend()
        panel = build.view.graph_panel
        panel.fold_chosen.connect(self.choose_fold)
        panel.colour_chosen.connect(self.choose_colour)
        panel.beside_toggled.connect(self.toggle_beside)
        panel.find_wanted.connect(self.find)
        panel.wide_wanted.connect(build.view.set_wide)
        panel.graph.box_chosen.connect(self._box_chosen)
        panel.graph.arc_chosen.connect(self._arc_chosen)
        panel.graph.fold_wanted.connect(self.toggle_fold)
        build.view.actions_["find"].triggered.connect(panel.open_find)

    def first_look(self) -> None:
        """Another table: every net folded as it is first shown."""
        self.fold = ""
        self._toggled.clear()

    @Slot(str)
    def choose_fold(self, fold: str) -> None:
        self.fold = fold
        self._toggled.clear()
        self._build.show()

    @Slot(str)
    def choose_colour(self, colour: str) -> None:
        self.colour = colour
        self._build.show()

    @Slot(int, bool)
    def toggle_beside(self, net: int, shown: bool) -> None:
        build = self._build
        build.history.look(build.document.with_beside(net, shown))
        build.show()

    @Slot(int, str, bool)
    def toggle_fold(self, place: int, name: str, fold: bool) -> None:
        """Folds the block that a layer is in, or its stage where that is folded already or there is none; or unfolds
        the box that it is in. Nets side by side fold alike, so that they stay aligned."""
        column = self._build.columns[self._build.document.drawn[place]]
        layer, folded = column.graph[name], self._folded(column)
        blocks, stages = (layout.foldable(column.graph, by) for by in ("block", "stage"))
        if fold:
            target = layer.block if layer.block in blocks and layer.block not in folded else layer.stage
            if target in blocks or target in stages:
                self._toggled[target] = True
        elif layer.stage in folded:
            self._toggled[layer.stage] = False
            inside = [other for other in column.graph.layers if other.stage == layer.stage]
            if len(inside) > _DEEP_STAGE:
                self._toggled |= {other.block: True for other in inside if other.block in blocks}
            else:
                self._toggled |= {other.block: False for other in inside if other.block in blocks}
        elif layer.block in folded:
            self._toggled[layer.block] = False
        self._build.choose_in(self._build.document.drawn[place], name)

    @Slot(str)
    def find(self, words: str) -> None:
        """Goes to the next layer, behind the one chosen, that has every word."""
        build = self._build
        rows = build.column.layers.view(words=words) if words.strip() else []
        names = [row.name for row in rows]
        build.view.graph_panel.set_found("" if names or not words.strip() else f"no layer has {words.strip()!r}")
        if not names:
            return
        order = [layer.name for layer in build.column.graph.layers]
        behind = order.index(build.layer) if build.layer else -1
        build.choose_layer(next((name for name in names if order.index(name) > behind), names[0]))

    @Slot(int, object)
    def _box_chosen(self, place: int, box: Box) -> None:
        """A box of a layer, or a folded one of many: its number is the sum of theirs."""
        self._build.choose_in(self._build.document.drawn[place], box.layers[0])
        if box.fold and not self._build.view.wide:
            self._build.explain(ExplanationSubject("flops", group=box.fold, members=box.layers))

    @Slot(int, str)
    def _arc_chosen(self, place: int, layer: str) -> None:
        self._build.choose_in(self._build.document.drawn[place], layer)

    def show(self) -> None:
        build, panel = self._build, self._build.view.graph_panel
        document = build.document
        columns = [document.columns[index] for index in document.drawn]
        pictures = [self._picture(column) for column in columns]
        nets = [
            DrawnNet(drawn, column.spec.label, column.stage_colours())
            for column, drawn in zip(columns, pictures, strict=True)
        ]
        values = [self._values(column, drawn) for column, drawn in zip(columns, pictures, strict=True)]
        high = max((value for found in values for value in found.values()), default=0)
        self.legend = self._legend(columns, pictures, high)
        title = build.column.spec.label if len(columns) == 1 else f"{len(columns)} nets side by side"
        panel.set_nets(nets, self.legend, title)
        panel.set_choices("" if self._toggled else self.fold or layout.first_fold(build.column.graph), self.colour)
        panel.set_beside(
            [
                (column.spec.label, index in document.drawn, index != document.chosen)
                for index, column in enumerate(document.columns)
            ]
        )
        panel.graph.set_fills([_colours(found, high) for found in values])
        panel.graph.set_selection(document.drawn.index(document.chosen), build.layer, build.stage)

    def _folded(self, column: OpenNet) -> frozenset[str]:
        """The blocks and stages of a net that are one box each."""
        graph = column.graph
        folded = layout.foldable(graph, self.fold or layout.first_fold(graph))
        if self._toggled:
            own = layout.foldable(graph, "block") | layout.foldable(graph, "stage")
            folded |= {name for name, fold in self._toggled.items() if fold and name in own}
            folded -= {name for name, fold in self._toggled.items() if not fold}
        return folded

    def _picture(self, column: OpenNet) -> GraphLayout:
        """Drawn once for a net, its folds and how FLOPs are counted."""
        key = (id(column.graph), self._folded(column), self._build.convention.factor)
        known = self._drawn.get(key)
        if known is None or known[0].graph is not column.graph:
            drawn = layout.lay_out(column.graph, key[1], lambda layers: self._cost(column, layers))
            kept = list(self._drawn.items())[-7:]
            known = (column, drawn)
            self._drawn = {**dict(kept), key: known}
        return known[1]

    def _cost(self, column: OpenNet, layers: Sequence[Layer]) -> str:
        graph = column.graph
        parameters = sum(graph.parameters(layer) for layer in layers)
        flops = sum(graph.multiply_adds(layer) for layer in layers) * self._build.convention.factor
        return f"{short(parameters)} params · {short(flops)} FLOPs"

    def _values(self, column: OpenNet, drawn: GraphLayout) -> dict[str, int]:
        """For the first layer of each box, what colours it."""
        if self.colour == "stage":
            return {}
        rows = {row.name: row for row in column.layers.rows}

        def value(box: Box) -> int:
            if self.colour == "field":
                return max(rows[box.layers[-1]].field.size)
            return int(sum(getattr(rows[layer], self.colour) for layer in box.layers))

        return {box.layers[0]: value(box) for box in drawn.boxes}

    def _legend(self, columns: list[OpenNet], pictures: list[GraphLayout], high: int) -> Legend:
        arcs = [arc for drawn in pictures for arc in drawn.arcs]
        kinds = {
            "solid": any(not arc.dotted and not arc.projection for arc in arcs),
            "dotted": any(arc.dotted for arc in arcs),
            "projection": any(arc.projection for arc in arcs),
        }
        lines = tuple(kind for kind, present in kinds.items() if present)
        if self.colour != "stage":
            factor = {"flops": self._build.convention.factor, "activations": BYTES}.get(self.colour, 1)
            write = short_bytes if self.colour == "activations" else short
            return Legend(scale=("0", write(high * factor), _TITLES[self.colour]), lines=lines)
        return Legend(swatches=_swatches(columns), lines=lines)


def _swatches(columns: list[OpenNet]) -> tuple[tuple[str, int], ...]:
    """The stages' names and the numbers of their colours; the sizes of maps where nets name a row differently."""
    names: dict[int, set[str]] = {}
    sizes: dict[int, tuple[int, ...]] = {}
    colours: dict[int, int] = {}
    for column in columns:
        for (name, row), size in zip(column.stage_rows().items(), column.stage_sizes(), strict=True):
            names.setdefault(row, set()).add(name)
            sizes[row], colours[row] = size, column.colour_of_row(row)
    alike = all(len(known) == 1 for known in names.values()) and len(set.union(set(), *names.values())) == len(names)
    return tuple((names[row].pop() if alike else format_shape(sizes[row]), colours[row]) for row in sorted(names))


def _colours(values: dict[str, int], high: int) -> dict[str, QColor]:
    """viridis from 0 to the highest."""
    return {layer: viridis.colour_at(value / max(high, 1)) for layer, value in values.items()}
