"""The graphs of the nets side by side, each box in the colour of what was measured there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from resviz.gui.graph.graph_view import GraphView
from resviz.gui.plots.colour_scale import ScaledRow, scale_colour
from resviz.gui.style import theme

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resviz.gui.graph.layout_parts import GraphLayout


@dataclass(frozen=True)
class ColouredNet:
    """A net's name, its title as HTML, its picture, and a number for each layer that has one, by the layer's name."""

    name: str
    title: str
    picture: GraphLayout
    values: Mapping[str, float]


class GraphPane(ScaledRow):
    """Whole nets, however small their boxes: what is compared are their colours."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.graphs: list[GraphView] = []
        self.nets: list[ColouredNet] = []
        self._titles: list[QLabel] = []

    def set_nets(self, nets: list[ColouredNet], low: float, high: float, log: bool, note: str) -> None:
        """Draw these; the ends of the colours' scale, and what it is a scale of."""
        self.nets = nets
        while len(self.graphs) < len(nets):
            self._add_place()
        for index, (graph, title) in enumerate(zip(self.graphs, self._titles, strict=True)):
            for widget in (graph, title):
                widget.setVisible(index < len(nets))
            if index < len(nets):
                net = nets[index]
                title.setText(net.title)
                graph.set_theme(theme.of(self))
                graph.set_picture(net.picture)
                colours = {layer: scale_colour(value, low, high) for layer, value in net.values.items()}
                graph.set_fills([{layer: colour for layer, colour in colours.items() if colour is not None}])
        self.scale.setVisible(bool(nets))
        self.scale.set_scale(low, high, log)
        self.set_note(note)

    def _add_place(self) -> None:
        graph, title = GraphView(whole=True), QLabel()
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.graphs.append(graph)
        self._titles.append(title)
        place = QVBoxLayout()
        place.setSpacing(2)
        place.addWidget(title)
        place.addWidget(graph, 1)
        self.row.addLayout(place, 1)
