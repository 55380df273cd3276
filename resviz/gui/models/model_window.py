"""A model of another program: its picture where it is a column, its layers, and the sum behind each number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QSplitter, QVBoxLayout, QWidget

from resviz.analysis.counts import MULTIPLY_ADDS, PRODUCTS_TOO, count, totals_text
from resviz.analysis.explanation import explain_layer
from resviz.analysis.layer_table import LayerTable
from resviz.analysis.text_tables import FORMATS
from resviz.base.translation import _
from resviz.gui.builder.explanation_panel import ExplainPanel
from resviz.gui.builder.layer_panel import BY, LayerPanel
from resviz.gui.files import dialogs
from resviz.gui.graph.graph_view import DrawnNet, GraphView
from resviz.gui.graph.layout import MAX_UNFOLDED, foldable, lay_out
from resviz.gui.style import theme
from resviz.gui.style.widgets import Chips, dim, plain

if TYPE_CHECKING:
    from resviz.analysis.layer_table import LayerRow
    from resviz.capturing.captured_net import CapturedNet
    from resviz.gui.graph.layout_parts import GraphLayout

_SIZE = (1180, 760)


class ModelWindow(QWidget):
    """A window beside the main one. It has no state but what is selected."""

    message = Signal(str)

    def __init__(self, net: CapturedNet, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(net.origin)
        self.resize(*_SIZE)
        self.net = net
        self._layers = LayerTable(net.graph, count(net.graph))
        self._stages = {name: number for number, name in enumerate(dict.fromkeys(x.stage for x in net.graph.layers))}
        self.totals = QLabel(totals_text(self._layers.counts))
        self.totals.setObjectName("heading")
        self.totals.setWordWrap(True)
        self.totals.setToolTip(plain(PRODUCTS_TOO))
        self.notes = QLabel(plain("\n".join(net.notes)))
        self.notes.setObjectName("problem" if net.problem else "dim")
        self.notes.setWordWrap(True)
        self.panel = LayerPanel()
        self.panel.set_layers(self._layers, net.origin, self._stages, MULTIPLY_ADDS)
        self.panel.layer_chosen.connect(self._select)
        self.panel.number_chosen.connect(self._explain)
        self.panel.copy_wanted.connect(self._copy)
        self.panel.export_wanted.connect(self._export)
        self.explanation = ExplainPanel()
        self.explanation.copy_wanted.connect(self._copy_text)
        self.graph = GraphView()
        self.graph.box_chosen.connect(self._choose_box)
        self.pictures = {by: picture for by in ("layer", "block", "stage") if (picture := _column(net, by)) is not None}
        self.folds = Chips(
            [(by, title) for by, title in BY if by in self.pictures],
            _("boxes"),
            tip=_("Draw layers, blocks or stages."),
        )
        self.folds.chosen.connect(self._fold)
        self._lay_out()
        self._draw(next((by for by, picture in self.pictures.items() if len(picture.boxes) <= MAX_UNFOLDED), "stage"))
        theme.changed().connect(self._again)

    def _lay_out(self) -> None:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout()
        row.addWidget(self.folds)
        column.addLayout(row)
        column.addWidget(self.graph, 1)
        left.setVisible(bool(self.pictures))
        right = QSplitter(Qt.Orientation.Vertical)
        right.addWidget(self.panel)
        right.addWidget(self.explanation)
        right.setStretchFactor(0, 3)
        right.setStretchFactor(1, 1)
        both = QSplitter()
        both.addWidget(left)
        both.addWidget(right)
        both.setStretchFactor(0, 2)
        both.setStretchFactor(1, 3)
        whole = QVBoxLayout(self)
        for label in (self.totals, self.notes):
            whole.addWidget(label)
        if not self.pictures:
            branches = dim(
                _("Some branches of this model lie side by side, which is not drawn yet. The list has all calls.")
            )
            branches.setWordWrap(True)
            whole.addWidget(branches)
        whole.addWidget(both, 1)

    @Slot(str)
    def _fold(self, by: str) -> None:
        self.folds.set_choice(by)
        self._draw(by)

    def _draw(self, by: str) -> None:
        if by in self.pictures:
            self.folds.set_choice(by)
            self.graph.set_nets([DrawnNet(self.pictures[by], "", self._stages)])

    @Slot()
    def _again(self) -> None:
        self.graph.set_theme(theme.current())
        self._draw(self.folds.choice)

    @Slot(str)
    def _select(self, layer: str) -> None:
        self.panel.set_layer(layer)
        self.graph.set_selection(0, layer, None)

    @Slot(int, object)
    def _choose_box(self, net: int, box: object) -> None:
        layers = getattr(box, "layers", ())
        if layers:
            self._select(layers[0])

    @Slot(object, str)
    def _explain(self, row: LayerRow, quantity: str) -> None:
        if not row.is_group:
            self.explanation.set_explanation(explain_layer(self.net.graph, row.layer, quantity))

    @Slot(str)
    def _copy_text(self, text: str) -> None:
        QApplication.clipboard().setText(text)

    @Slot()
    def _copy(self) -> None:
        table = self.panel.shown()
        QApplication.clipboard().setText(table.to_tsv())
        self.message.emit(_("{count} rows were copied as tab-separated text.").format(count=len(table.rows)))

    @Slot(str)
    def _export(self, ending: str) -> None:
        title, write = FORMATS[ending]
        name = f"{dialogs.file_name(self.net.graph.name)}-layers.{ending}"
        path = dialogs.ask_where(self, _("Layer table as {format}").format(format=title), name, [(ending, title)])
        if path is not None:
            dialogs.write_and_report(path, write(self.panel.shown()), self.message.emit)


def _column(net: CapturedNet, by: str) -> GraphLayout | None:
    """Return a net's picture, if its boxes are one column: each reads the one before it, but for shortcuts."""
    try:
        picture = lay_out(net.graph, foldable(net.graph, by))
    except (IndexError, KeyError):  # a sum whose sides are both inside one box
        return None
    return picture if picture.boxes and all(end == start + 1 for start, end in picture.links) else None
