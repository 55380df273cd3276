"""The picture of a model with what is open in it, what colours it, and a way to find a layer and to save it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from resviz.analysis.counts import BYTES, short, short_bytes
from resviz.analysis.module_tree import module_tree
from resviz.analysis.nested_picture import count_boxes, levels
from resviz.analysis.svg_picture import cost_text
from resviz.base.translation import _, ngettext
from resviz.gui.builder.graph_panel import FindLine
from resviz.gui.files import dialogs
from resviz.gui.files.painting import ENDINGS
from resviz.gui.graph.graph_file import save_scene
from resviz.gui.graph.legend import Legend, LegendBar
from resviz.gui.graph.nested_view import MAX_BOXES, NestedView
from resviz.gui.style import theme, viridis
from resviz.gui.style.widgets import plain, tool_button

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from PySide6.QtGui import QColor

    from resviz.analysis.layer_table import LayerTable
    from resviz.analysis.nested_picture import Node
    from resviz.nets.graph import Graph, Layer

COLOURS = (
    ("stage", _("by module"), ""),
    ("parameters", _("by params"), _("parameters of a box")),
    ("flops", _("by FLOPs"), _("FLOPs of a box")),
    ("activations", _("by memory"), _("activation memory of a box")),
)
"""Key and text of each choice, and what its scale shows."""
_MOST_SWATCHES = 8


class ModelPicture(QWidget):
    """A picture of modules, with its controls above it and its legend below."""

    layers_chosen = Signal(object)
    """The layers of the box that was chosen."""
    message = Signal(str)
    note: str = ""
    """What stands below a saved picture."""

    def __init__(
        self,
        graph: Graph,
        table: LayerTable,
        stages: Mapping[str, int],
        title: str,
        failed: str = "",
        parent: QWidget | None = None,
    ) -> None:
        """Draw a net.

        Args:
            graph: The net.
            table: Its layers' numbers.
            stages: The number of each stage's colour.
            title: What a saved picture is called.
            failed: The layer that raised an error, if one did.
            parent: Parent of the widget.
        """
        super().__init__(parent)
        self._graph, self._title, self._stages, self._failed = graph, title, stages, failed
        self._colour: Callable[[Node], QColor | None] | None = None
        self._marks: tuple[Callable[[Node], QColor | None], Callable[[Node], str]] | None = None
        self._rows = {row.name: row for row in table.rows}
        self.tree = module_tree(graph)
        self._levels = [one for one in levels(self.tree) if count_boxes(self.tree, one) <= MAX_BOXES]
        self.view = NestedView()
        self.view.node_chosen.connect(self._choose)
        self.view.opened_changed.connect(self._show_level)
        self.view.opened_changed.connect(self._recolour)
        self.view.refused.connect(self.message)
        self.legend = LegendBar()
        self.level, self.colour = QComboBox(), QComboBox()
        for number in range(len(self._levels)):
            text = ngettext("{count} level open", "{count} levels open", number).format(count=number)
            self.level.addItem(text if number else _("all closed"), number)
        for key, text, _scale in COLOURS:
            self.colour.addItem(text, key)
        for box, name, tip in (
            (self.level, _("open levels"), _("Choose how many levels of modules are open.")),
            (self.colour, _("colour"), _("Choose what the colours of the boxes show.")),
        ):
            box.setObjectName("tight")
            box.setAccessibleName(name)
            box.setToolTip(plain(tip))
            box.setPlaceholderText(_("some open"))
        self.level.activated.connect(self._open_level)
        self.colour.activated.connect(self._recolour)
        self.find_line = FindLine()
        self.find_line.setPlaceholderText(_("Find layer …"))
        self.find_line.setAccessibleName(_("find a layer"))
        self.find_line.setToolTip(plain(_("Type a part of a layer's name. Return opens what is around the next one.")))
        self.find_line.next_wanted.connect(self.find_next)
        self.fit, self.save = tool_button(), tool_button()
        for button, name in ((self.fit, _("Show the whole net (0).")), (self.save, _("Save the picture."))):
            button.setAccessibleName(name)
            button.setToolTip(plain(name))
        self.fit.clicked.connect(self.view.fit_whole)
        self.save.clicked.connect(self._save)
        self._lay_out()
        self._tint()
        self.view.set_net(self.tree, stages, self._cost, failed)
        self._show_level()
        self._recolour()
        theme.changed().connect(self._tint)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.level)
        row.addWidget(self.colour)
        row.addWidget(self.find_line, 1)
        row.addWidget(self.fit)
        row.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(self.view, 1)
        column.addWidget(self.legend)

    def set_selection(self, layer: str) -> None:
        """Mark the box that has a layer."""
        self.view.set_selection(layer)

    def set_marks(self, colour: Callable[[Node], QColor | None], badge: Callable[[Node], str]) -> None:
        """Colour the boxes by something else than what they cost, and write a sign before their titles."""
        self._marks = colour, badge
        self.colour.hide()
        self._recolour()

    @Slot(str)
    def find_next(self, words: str) -> None:
        """Select the next layer whose name has these words, and open what is around it."""
        typed = words.strip().lower()
        names = [layer.name for layer in self._graph.layers]
        found = [place for place, name in enumerate(names) if typed in name.lower()] if typed else []
        if not found:
            if typed:
                self.message.emit(_("No layer contains {text}.").format(text=repr(words.strip())))
            return
        selected = self.view.selected
        behind = names.index(selected) if selected in names else -1
        name = names[next((place for place in found if place > behind), found[0])]
        self.view.reveal(name)
        self.layers_chosen.emit((name,))

    @Slot(object)
    def _choose(self, node: Node) -> None:
        self.view.set_selection(node.layers[0])
        self.layers_chosen.emit(node.layers)

    @Slot(int)
    def _open_level(self, index: int) -> None:
        self.view.set_opened(self._levels[index])

    @Slot()
    def _show_level(self) -> None:
        opened = self.view.opened
        self.level.setCurrentIndex(self._levels.index(opened) if opened in self._levels else -1)

    @Slot()
    def _recolour(self) -> None:
        if self._marks is not None:
            self._colour, badge = self._marks
            self.view.set_colours(self._colour)
            self.view.set_badges(badge)
            self.legend.set_legend(Legend())
            return
        key = str(self.colour.currentData())
        if key == "stage":
            self._colour = None
            self.view.set_colours(None)
            few = len(self._stages) <= _MOST_SWATCHES
            swatches = [(name, number) for name, number in self._stages.items() if name] if few else []
            self.legend.set_legend(Legend(swatches=tuple(swatches)))
            return
        high = max((self._value(node, key) for node in self.view.picture.nodes), default=0)

        def colour(node: Node) -> QColor:
            return viridis.colour_at(self._value(node, key) / max(high, 1))

        self._colour = colour
        self.view.set_colours(colour)
        title = next(title for own, _text, title in COLOURS if own == key)
        self.legend.set_legend(
            Legend(scale=("0", short_bytes(high * BYTES) if key == "activations" else short(high), title))
        )

    def _value(self, node: Node, key: str) -> int:
        """Return what a box costs once, also where it stands for the same box in several modules."""
        return sum(int(getattr(self._rows[name], key)) for name in node.layers) // node.copies

    def _cost(self, layers: Sequence[Layer]) -> str:
        return cost_text(self._graph, layers)

    @Slot()
    def _tint(self) -> None:
        for button, icon in ((self.fit, "fit"), (self.save, "save")):
            button.setIcon(theme.icon(icon, theme.current().text))
        self.view.scene().update()

    def write_picture(self, path: Path, note: str = "") -> None:
        """Write the picture as it is open and coloured, in the light theme. Raise FileProblem if that fails."""
        view = NestedView(whole=True)
        view.set_theme(theme.LIGHT)
        view.set_net(self.tree, self._stages, self._cost, self._failed)
        view.set_opened(self.view.opened)
        view.set_colours(self._colour)
        if self._marks is not None:
            view.set_badges(self._marks[1])
        try:
            save_scene(path, view.scene(), self.legend.legend, self._title, note)
        finally:
            view.deleteLater()

    @Slot()
    def _save(self) -> None:
        path = dialogs.ask_where(self, _("Save picture"), f"{dialogs.file_name(self._graph.name)}.svg", ENDINGS)
        if path is None:
            return
        try:
            self.write_picture(path, self.note)
        except dialogs.FileProblem as problem:
            self.message.emit(str(problem))
        else:
            self.message.emit(_("wrote {file}").format(file=path))
