"""The graph of a net, each box in the colour of what was measured there."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from resviz.gui.colour_scale import ColourScale, colour_of
from resviz.gui.graph.graph_view import GraphView
from resviz.gui.graph.picture import Picture
from resviz.gui.widgets import ElidedLabel


class GraphPane(QWidget):
    """`net_chosen` is the place of the net that a person wants to see."""

    net_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.graph = GraphView()
        self.scale = ColourScale()
        self.net = QComboBox()
        self.net.setAccessibleName("net")
        self.net.activated.connect(self._chosen)
        self.note = ElidedLabel()
        top = QHBoxLayout()
        top.addWidget(self.net)
        top.addWidget(self.note, 1)
        middle = QHBoxLayout()
        middle.addWidget(self.graph, 1)
        middle.addWidget(self.scale)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addLayout(middle, 1)

    def set_nets(self, names: list[str], chosen: int) -> None:
        if names != [self.net.itemText(index) for index in range(self.net.count())]:
            self.net.clear()
            self.net.addItems(names)
        self.net.setCurrentIndex(chosen)
        self.net.setVisible(len(names) > 1)

    def set_picture(self, picture: Picture) -> None:
        self.graph.set_picture(picture, [])

    def set_values(self, values: Mapping[str, float], low: float, high: float, log: bool, note: str) -> None:
        """A number for each layer that has one, by name; the scale's ends, and what it is a scale of."""
        colours = {layer: colour_of(value, low, high) for layer, value in values.items()}
        self.graph.set_fills({layer: colour for layer, colour in colours.items() if colour is not None})
        self.scale.set_scale(low, high, log)
        self.note.setText(note)

    @Slot(int)
    def _chosen(self, index: int) -> None:
        self.net_chosen.emit(index)
