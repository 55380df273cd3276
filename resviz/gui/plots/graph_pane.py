"""The graphs of the nets side by side, each box in the colour of what was measured there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from resviz.analysis.module_tree import ModuleTree
from resviz.gui.graph.graph_view import GraphView
from resviz.gui.graph.nested_view import NestedView
from resviz.gui.plots.colour_scale import ScaledRow, scale_colour
from resviz.gui.style import theme

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from resviz.gui.graph.layout_parts import GraphLayout
    from resviz.gui.graph.zoom_view import ZoomView


@dataclass(frozen=True)
class ColouredNet:
    """A net's name, its title as HTML, its picture, and a number for each layer that has one, by the layer's name.

    The picture is that of a depth table, or the modules of a model that has none.
    """

    name: str
    title: str
    picture: GraphLayout | ModuleTree
    values: Mapping[str, float]


class GraphPane(ScaledRow):
    """Whole nets, however small their boxes: what is compared are their colours."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.graphs: list[GraphView] = []
        self.nets: list[ColouredNet] = []
        self._titles: list[QLabel] = []
        self._stacks: list[QStackedWidget] = []
        self._modules: dict[int, NestedView] = {}
        """The pictures of modules, made when one is first wanted at a place."""
        self._trees: dict[int, ModuleTree] = {}

    @property
    def pictures(self) -> list[ZoomView]:
        """All pictures that were made."""
        return [*self.graphs, *self._modules.values()]

    def modules(self, place: int) -> NestedView:
        """Return the picture of modules at a place."""
        if place not in self._modules:
            self._modules[place] = NestedView(whole=True)
            self._stacks[place].addWidget(self._modules[place])
        return self._modules[place]

    def set_nets(self, nets: list[ColouredNet], low: float, high: float, log: bool, note: str) -> None:
        """Draw these; the ends of the colours' scale, and what it is a scale of."""
        self.nets = nets
        while len(self.graphs) < len(nets):
            self._add_place()
        for index, (stack, title) in enumerate(zip(self._stacks, self._titles, strict=True)):
            for widget in (stack, title):
                widget.setVisible(index < len(nets))
            if index < len(nets):
                title.setText(nets[index].title)
                self._draw(index, nets[index], low, high)
        self.scale.setVisible(bool(nets))
        self.scale.set_scale(low, high, log)
        self.set_note(note)

    def _draw(self, place: int, net: ColouredNet, low: float, high: float) -> None:
        if isinstance(net.picture, ModuleTree):
            view = self.modules(place)
            view.set_theme(theme.of(self))
            if self._trees.get(place) is not net.picture:
                self._trees[place] = net.picture
                view.set_net(net.picture, {}, lambda layers: "")
            view.set_colours(lambda node: self._mean_colour(net, node.layers, low, high))
            self._stacks[place].setCurrentWidget(view)
            return
        graph = self.graphs[place]
        graph.set_theme(theme.of(self))
        graph.set_picture(net.picture)
        colours = {layer: scale_colour(value, low, high) for layer, value in net.values.items()}
        graph.set_fills([{layer: colour for layer, colour in colours.items() if colour is not None}])
        self._stacks[place].setCurrentWidget(graph)

    def _mean_colour(self, net: ColouredNet, layers: Sequence[str], low: float, high: float) -> QColor | None:
        """Return the colour of a box: that of its layers' mean, as it is scaled; the ground's if none has a value."""
        values = [net.values[layer] for layer in layers if math.isfinite(net.values.get(layer, math.nan))]
        colour = scale_colour(sum(values) / len(values), low, high) if values else None
        return colour or QColor(theme.of(self).panel)

    def _add_place(self) -> None:
        graph, title, stack = GraphView(whole=True), QLabel(), QStackedWidget()
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        stack.addWidget(graph)
        self.graphs.append(graph)
        self._titles.append(title)
        self._stacks.append(stack)
        place = QVBoxLayout()
        place.setSpacing(2)
        place.addWidget(title)
        place.addWidget(stack, 1)
        self.row.addLayout(place, 1)
