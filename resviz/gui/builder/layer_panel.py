"""The layers of the chosen net: the table, and what is asked of it: a group, an order, some words."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QPushButton, QVBoxLayout, QWidget

from resviz.analysis.counts import MULTIPLY_ADDS, Convention
from resviz.analysis.layer_table import By, LayerRow, LayerTable, group_name, layer_column
from resviz.analysis.text_tables import FORMATS, Table
from resviz.base.translation import _
from resviz.gui.builder import layer_table_view
from resviz.gui.style.widgets import Chips, ElidedLabel

BY: tuple[tuple[By, str], ...] = (("layer", _("Layers")), ("block", _("Blocks")), ("stage", _("Stages")))


class LayerPanel(QWidget):
    """The panel with the layer table, its filter, groups and exports."""

    layer_chosen = Signal(str)
    number_chosen = Signal(object, str)
    copy_wanted = Signal()
    export_wanted = Signal(str)
    """The ending of a format."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = layer_table_view.LayerTableView()
        self.table.layer_chosen.connect(self.layer_chosen)
        self.table.number_chosen.connect(self.number_chosen)
        self.table.group_toggled.connect(self.toggle_group)
        self.table.sort_wanted.connect(self._sort)
        self.words = QLineEdit()
        self.words.setPlaceholderText(_("Filter: conv3_x, 3x3, bn, 64×56×56 …"))
        self.words.setAccessibleName(_("filter of the layers"))
        self.words.setToolTip(_("List only layers that match all words: name, operation, output or stage."))
        self.words.setClearButtonEnabled(True)
        self.words.textChanged.connect(self._show)
        self.groups = Chips(BY, _("rows"), tip=_("List single layers, or sum them up by block or by stage."))
        self.groups.set_choice("layer")
        self.groups.chosen.connect(self._group)
        self.copy = QPushButton(_("Copy"))
        self.copy.setObjectName("chip")
        self.copy.setToolTip(_("Copy the visible rows with all columns as tab-separated text (Ctrl+C)."))
        self.copy.setShortcut("Ctrl+C")
        self.copy.clicked.connect(self.copy_wanted)
        self.export = QPushButton(_("Export"))
        self.export.setObjectName("chip")
        self.export.setToolTip(_("Save the layer table as CSV, Markdown, LaTeX or tab-separated text."))
        menu = QMenu(self.export)
        for ending, (title, _write) in FORMATS.items():
            menu.addAction(f"{title}…").setData(ending)
        menu.triggered.connect(self._export)
        self.export.setMenu(menu)
        self._found = ElidedLabel()
        self._layers: LayerTable | None = None
        self._title, self._convention = "", MULTIPLY_ADDS
        self._stages: dict[str, int] = {}
        self._by: By = "layer"
        self._sorted, self._descending = "", False
        self._open: frozenset[str] = frozenset()
        self._layer: str | None = None

        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.groups)
        row.addWidget(self.copy)
        row.addWidget(self.export)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.words)
        column.addWidget(self.table, 1)
        column.addWidget(self._found)
        self._found.hide()

    def set_layers(self, layers: LayerTable, title: str, stages: dict[str, int], convention: Convention) -> None:
        """Show a net's layers. `stages` has the number of each stage's colour."""
        same = self._layers is layers and (stages, convention) == (self._stages, self._convention)
        if title != self._title:
            self.table.scrollToTop()
        self._layers, self._title, self._stages, self._convention = layers, title, stages, convention
        if not same:
            self._show()

    def set_layer(self, name: str | None) -> None:
        """Select a layer without emitting; where its group is closed, the group."""
        self._layer = name
        if name and self._layers and self._by != "layer" and name in self._layers.graph:
            group = group_name(self._layers.graph[name], self._by)
            if group not in self._open:
                self.table.set_layer(group, is_group=True)
                return
        self.table.set_layer(name)

    def shown(self) -> Table:
        """Return the rows in sight, with every column."""
        layers = self._layers
        if layers is None:
            return Table((), (), ())
        return layers.table(self._rows(), self._title, self._convention)

    @Slot(str)
    def toggle_group(self, name: str) -> None:
        """Open or close a group of layers."""
        self._open = self._open ^ {name}
        self._show()

    def _rows(self) -> list[LayerRow]:
        if self._layers is None:
            return []
        return self._layers.view(self._by, self._sorted, self._descending, self.words.text(), self._open)

    @Slot()
    def _show(self) -> None:
        rows = self._rows()
        self.table.set_rows(rows, self._stages, self._convention, self._open)
        self.table.set_sort(self._sorted, self._descending)
        words = self.words.text().strip()
        self._found.setVisible(bool(words))
        number = sum(1 for row in rows if not row.is_group) if self._by == "layer" else len(rows)
        self._found.setText(
            _("{shown} of {count}").format(shown=number, count=len(self._layers.rows) if self._layers else 0)
            if number
            else _("No layer contains {text}.").format(text=repr(words))
        )
        self.set_layer(self._layer)

    @Slot(str)
    def _group(self, by: By) -> None:
        self._by = by
        self._show()

    @Slot(str)
    def _sort(self, key: str) -> None:
        """Largest first, then smallest first, then the net's own order; texts from A."""
        orders = [True, False] if layer_column(key).numeric else [False, True]
        if self._sorted != key:
            self._sorted, self._descending = key, orders[0]
        elif self._descending == orders[0]:
            self._descending = orders[1]
        else:
            self._sorted = ""
        self._show()
        self.table.scrollToTop()  # whoever orders wants the first rows, wherever the selected layer is

    @Slot(QAction)
    def _export(self, action: QAction) -> None:
        self.export_wanted.emit(action.data())
