"""BUILD's layout: the depth table and its options, the graph, the layers."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSplitter, QVBoxLayout, QWidget

from resviz.gui.build.column import FAMILIES
from resviz.gui.build.depth_table import DepthTable
from resviz.gui.build.layer_table import LayerTable
from resviz.gui.build.options_panel import OptionsPanel
from resviz.gui.graph.graph_view import GraphView
from resviz.gui.theme import SPACING
from resviz.gui.widgets import Chips, ElidedLabel, Panel, primary


class BuildView(QWidget):
    family_chosen = Signal(str)
    duel_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = DepthTable()
        self.options = OptionsPanel()
        self.graph = GraphView()
        self.layers = LayerTable()
        self.families = Chips([(key, title) for key, (title, _) in FAMILIES.items()], "depth table")
        self.families.chosen.connect(self.family_chosen)
        self.duel = primary("▶  Train plain-20 against ResNet-20")
        self.duel.setToolTip("Trains both on handwritten digits and shows their gradients, layer by layer")
        self.duel.clicked.connect(self.duel_wanted)

        tables = Panel("")
        tables.header.insertWidget(0, self.families)
        tables.add_to_header(self.duel)
        tables.body.addWidget(self.table, 1)
        self._graph_panel = Panel("Graph")
        fit = QPushButton("Fit")
        fit.setObjectName("chip")
        fit.setToolTip("The whole net; Ctrl and the wheel zoom")
        fit.clicked.connect(self.graph.fit)
        self._graph_panel.add_to_header(fit)
        self._graph_panel.body.addWidget(self.graph, 1)
        self._graph_panel.body.addWidget(ElidedLabel("dotted: new shape"))
        layers = Panel("Layers")
        layers.body.addWidget(self.layers, 1)

        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addWidget(tables, 1)
        column.addWidget(self.options)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setHandleWidth(SPACING)
        for widget, share in ((left, 54), (self._graph_panel, 20), (layers, 30)):
            split.addWidget(widget)
            split.setStretchFactor(split.count() - 1, share)
        split.setSizes([638, 160, 376])
        split.setChildrenCollapsible(False)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(split)

    def set_family(self, key: str) -> None:
        self.families.set_choice(key)

    def set_net(self, label: str) -> None:
        self._graph_panel.heading.setText(label)
