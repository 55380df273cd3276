"""The picture of the nets: what is folded in it, what colours it, and which layer is found in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from resviz.analysis.counts import BYTES, exact, short, short_bytes
from resviz.base.translation import _
from resviz.gui.builder.explanation_subject import ExplanationSubject
from resviz.gui.files import dialogs
from resviz.gui.files.painting import ENDINGS
from resviz.gui.graph import layout
from resviz.gui.graph.graph_file import save_picture
from resviz.gui.graph.graph_view import DrawnNet
from resviz.gui.graph.legend import Legend
from resviz.gui.style import viridis
from resviz.nets.op import format_shape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QColor

    from resviz.gui.builder.builder_state import BuilderState
    from resviz.gui.builder.graph_panel import GraphPanel
    from resviz.gui.builder.open_net import OpenNet
    from resviz.gui.graph.layout_parts import Box, GraphLayout
    from resviz.nets.graph import Layer
    from resviz.nets.spec import NetSpec

_TITLES = {
    "parameters": _("parameters of a box"),
    "flops": _("FLOPs of a box"),
    "activations": _("activation memory of a box"),
    "field": _("receptive field in pixels"),
}
_DEEP_STAGE = 40
"""A stage of more layers unfolds to its blocks first."""


class GraphController(QObject):
    """Connects BUILD's state with the picture."""

    def __init__(self, state: BuilderState, panel: GraphPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._state, self._panel = state, panel
        self.colour = "stage"
        self.fold = ""
        """"operation", "layer", "block" or "stage"; "" is each net's own first fold."""
        self._toggled: dict[str, bool] = {}
        self._drawn: dict[tuple[NetSpec, frozenset[str], int, bool], GraphLayout] = {}
        self.legend = Legend()
        self._nets: list[DrawnNet] = []
        self._fills: list[dict[str, QColor]] = []
        self._tables_opened = 0
        panel.fold_chosen.connect(self.choose_fold)
        panel.colour_chosen.connect(self.choose_colour)
        panel.side_by_side_toggled.connect(self.toggle_side_by_side)
        panel.find_wanted.connect(self.find)
        panel.graph.box_chosen.connect(self._box_chosen)
        panel.graph.arc_chosen.connect(self._arc_chosen)
        panel.graph.fold_wanted.connect(self.toggle_fold)

    @Slot(str)
    def choose_fold(self, fold: str) -> None:
        """Fold all blocks, all stages or nothing."""
        self.fold = fold
        self._toggled.clear()
        self.show()

    @Slot(str)
    def choose_colour(self, colour: str) -> None:
        """Colour the boxes by another number."""
        self.colour = colour
        self.show()

    @Slot(int, bool)
    def toggle_side_by_side(self, net: int, shown: bool) -> None:
        """Draw a net beside the selected one, or no longer."""
        self._state.set_side_by_side(net, shown)

    @Slot(int, str, bool)
    def toggle_fold(self, place: int, name: str, fold: bool) -> None:
        """Fold the block that a layer is in, or unfold the box that it is in.

        If the block is folded already, or the layer is in no block, the stage is folded. Nets side by side fold alike,
        so that they stay aligned.
        """
        column = self._state.open_nets[self._state.document.drawn_indices[place]]
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
        self._state.select_layer(name, self._state.document.drawn_indices[place])

    @Slot(str)
    def find(self, words: str) -> None:
        """Select the next layer whose name has what is typed, or if none has, whose row matches every word."""
        state = self._state
        rows = state.open_net.layers.view(words=words) if words.strip() else []
        names = [row.name for row in rows]
        typed = words.strip().lower()
        names = [name for name in names if name.lower() == typed] or [n for n in names if typed in n.lower()] or names
        self._panel.set_found(
            "" if names or not words.strip() else _("No layer contains {text}.").format(text=repr(words.strip()))
        )
        if not names:
            return
        order = [layer.name for layer in state.open_net.graph.layers]
        behind = order.index(state.layer) if state.layer else -1
        state.select_layer(next((name for name in names if order.index(name) > behind), names[0]))

    @Slot(int, object)
    def _box_chosen(self, place: int, box: Box) -> None:
        """A box of a layer, or a folded one of many: its number is the sum of theirs."""
        self._state.select_layer(box.layers[0], self._state.document.drawn_indices[place])
        if box.fold and self._state.explains_selection:
            self._state.explain(ExplanationSubject("flops", group=box.fold, members=box.layers))

    @Slot(int, str)
    def _arc_chosen(self, place: int, layer: str) -> None:
        self._state.select_layer(layer, self._state.document.drawn_indices[place])

    def show(self) -> None:
        """Draw the nets, folded and coloured as chosen."""
        state, panel = self._state, self._panel
        document = state.document
        if state.tables_opened != self._tables_opened:  # every net folded as it is first shown
            self._tables_opened, self.fold = state.tables_opened, ""
            self._toggled.clear()
        columns = [document.open_nets[index] for index in document.drawn_indices]
        pictures = [self._picture(column) for column in columns]
        nets = [
            DrawnNet(drawn, column.spec.label, column.stage_colours())
            for column, drawn in zip(columns, pictures, strict=True)
        ]
        values = [self._values(column, drawn) for column, drawn in zip(columns, pictures, strict=True)]
        high = max((value for found in values for value in found.values()), default=0)
        self.legend = self._legend(columns, pictures, high)
        title = (
            state.open_net.spec.label
            if len(columns) == 1
            else _("{count} nets side by side").format(count=len(columns))
        )
        panel.set_nets(nets, self.legend, title)
        panel.set_choices("" if self._toggled else self.fold or layout.first_fold(state.open_net.graph), self.colour)
        panel.set_side_by_side(
            [
                (column.spec.label, index in document.drawn_indices, index != document.selected_index)
                for index, column in enumerate(document.open_nets)
            ]
        )
        self._nets, self._fills = nets, [_colours(found, high) for found in values]
        panel.graph.set_fills(self._fills)
        panel.graph.set_selection(document.drawn_indices.index(document.selected_index), state.layer, state.stage)

    @Slot()
    def save_picture(self) -> None:
        """Save the picture with its legend, after asking where."""
        state = self._state
        labels = [state.open_nets[index].spec.label for index in state.document.drawn_indices]
        name = f"{dialogs.file_name('-'.join(labels))}.svg"
        path = dialogs.ask_where(self._panel, _("Save picture"), name, ENDINGS)
        if path is None:
            return
        try:
            save_picture(path, self._nets, self._fills, self.legend, ", ".join(labels), self._note())
        except dialogs.FileProblem as problem:
            state.message(str(problem))
        else:
            state.message(_("wrote {file}").format(file=path))

    def _note(self) -> str:
        """Write what stands below a saved picture: options and costs of each net, and how they are counted."""
        convention = self._state.convention
        lines = []
        for index in self._state.document.drawn_indices:
            spec, counts = self._state.open_nets[index].spec, self._state.open_nets[index].counts
            option = f", option {spec.shortcut}" if spec.has_shortcuts else ""
            costs = _("{parameters} parameters, {flops} FLOPs").format(
                parameters=exact(counts.parameters), flops=exact(counts.flops * convention.factor)
            )
            lines.append(f"{spec.label}{option}, input {format_shape(spec.input)}: {costs}")
        return "\n".join([*lines, convention.text])

    def _folded(self, column: OpenNet) -> frozenset[str]:
        """Return the blocks and stages of a net that are one box each."""
        graph = column.graph
        folded = layout.foldable(graph, self.fold or layout.first_fold(graph))
        if self._toggled:
            own = layout.foldable(graph, "block") | layout.foldable(graph, "stage")
            folded |= {name for name, fold in self._toggled.items() if fold and name in own}
            folded -= {name for name, fold in self._toggled.items() if not fold}
        return folded

    def _picture(self, column: OpenNet) -> GraphLayout:
        """Drawn once for a net, its folds and how FLOPs are counted."""
        operations = self.fold == layout.OPERATIONS
        key = (column.spec, self._folded(column), self._state.convention.factor, operations)
        if key not in self._drawn:
            drawn = layout.lay_out(
                column.graph, key[1], lambda layers: self._cost(column, layers), operations=operations
            )
            self._drawn = {**dict(list(self._drawn.items())[-7:]), key: drawn}
        return self._drawn[key]

    def _cost(self, column: OpenNet, layers: Sequence[Layer]) -> str:
        graph = column.graph
        parameters = sum(graph.parameters(layer) for layer in layers)
        flops = sum(graph.multiply_adds(layer) for layer in layers) * self._state.convention.factor
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
            factor = {"flops": self._state.convention.factor, "activations": BYTES}.get(self.colour, 1)
            write = short_bytes if self.colour == "activations" else short
            return Legend(scale=("0", write(high * factor), _TITLES[self.colour]), lines=lines)
        return Legend(swatches=_swatches(columns), lines=lines)


def _swatches(columns: list[OpenNet]) -> tuple[tuple[str, int], ...]:
    """Return the stages' names and the numbers of their colours.

    The sizes of maps where nets name a row differently.
    """
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
    """Viridis from 0 to the highest."""
    return {layer: viridis.colour_at(value / max(high, 1)) for layer, value in values.items()}
