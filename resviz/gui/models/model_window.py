"""A model of another program: its picture, its layers, and the sum behind each number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QPushButton, QSplitter, QVBoxLayout, QWidget

from resviz.analysis.counts import MULTIPLY_ADDS, PRODUCTS_TOO, count, totals_text
from resviz.analysis.explanation import explain_layer
from resviz.analysis.layer_table import LayerTable
from resviz.analysis.recognition import recognise
from resviz.analysis.text_tables import FORMATS
from resviz.base.translation import _
from resviz.gui.builder.explanation_panel import ExplainPanel
from resviz.gui.builder.layer_panel import LayerPanel
from resviz.gui.files import dialogs
from resviz.gui.models.model_picture import ModelPicture
from resviz.gui.style.widgets import close_by_keys, dim, fit_to_screen, plain

if TYPE_CHECKING:
    from resviz.analysis.layer_table import LayerRow
    from resviz.capturing.captured_net import CapturedNet

_SIZE = (1180, 760)


class ModelWindow(QWidget):
    """A window beside the main one. It has no state but what is selected."""

    message = Signal(str)
    comparison_wanted = Signal(object)
    """The CapturedNet that is to be compared with another."""
    table_wanted = Signal(object)
    """The NetSpec of the model's depth table, which is to be opened in BUILD."""

    def __init__(self, net: CapturedNet, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(net.origin)
        fit_to_screen(self, *_SIZE)
        close_by_keys(self)
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
        self.say = dim("")
        self.say.setWordWrap(True)
        self.say.hide()
        self.panel = LayerPanel()
        self.panel.set_layers(self._layers, net.origin, self._stages, MULTIPLY_ADDS)
        self.panel.layer_chosen.connect(self._select)
        self.panel.number_chosen.connect(self._explain)
        self.panel.copy_wanted.connect(self._copy)
        self.panel.export_wanted.connect(self._export)
        self.explanation = ExplainPanel()
        self.explanation.copy_wanted.connect(self._copy_text)
        failed = net.graph.output.name if net.problem else ""
        self.picture = ModelPicture(net.graph, self._layers, self._stages, net.origin, failed)
        self.picture.note = "\n".join([self.totals.text(), *net.notes])
        self.picture.layers_chosen.connect(self._choose)
        self.picture.message.connect(self._say)
        self.compare = QPushButton(_("Compare …"))
        self.compare.setToolTip(plain(_("Show in which layers this model and another one differ.")))
        self.compare.clicked.connect(self._compare)
        self.table = QPushButton(_("Open in Build"))
        self.table.setToolTip(plain(_("Open the model's depth table in Build, if it has one.")))
        self.table.clicked.connect(self._open_table)
        self._lay_out()
        self.picture.view.setFocus()

    def _lay_out(self) -> None:
        right = QSplitter(Qt.Orientation.Vertical)
        right.addWidget(self.panel)
        right.addWidget(self.explanation)
        right.setStretchFactor(0, 3)
        right.setStretchFactor(1, 1)
        both = QSplitter()
        both.addWidget(self.picture)
        both.addWidget(right)
        both.setStretchFactor(0, 3)
        both.setStretchFactor(1, 2)
        head = QHBoxLayout()
        head.addWidget(self.totals, 1)
        for button in (self.table, self.compare):
            head.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        whole = QVBoxLayout(self)
        whole.addLayout(head)
        whole.addWidget(self.notes)
        whole.addWidget(self.say)
        whole.addWidget(both, 1)

    @Slot(str)
    def _say(self, text: str) -> None:
        """Show a line in the window, where the person looks, and in the main window's status bar."""
        self.say.setText(text)
        self.say.setVisible(bool(text))
        self.message.emit(text)

    @Slot()
    def _compare(self) -> None:
        self.comparison_wanted.emit(self.net)

    @Slot()
    def _open_table(self) -> None:
        found = recognise(self.net.graph)
        if found.spec is None:
            self._say(_("It has no depth table. {reason}").format(reason=found.reason))
        else:
            self.table_wanted.emit(found.spec)

    @Slot(str)
    def _select(self, layer: str) -> None:
        self.panel.set_layer(layer)
        self.picture.set_selection(layer)

    @Slot(object)
    def _choose(self, layers: tuple[str, ...]) -> None:
        """A box stands for one layer or several: the first is shown in the list."""
        self.panel.set_layer(layers[0])
        row = next((row for row in self._layers.rows if row.name == layers[0]), None)
        if row is not None and len(layers) == 1:
            self._explain(row, "flops")

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
        self._say(_("{count} rows were copied as tab-separated text.").format(count=len(table.rows)))

    @Slot(str)
    def _export(self, ending: str) -> None:
        title, write = FORMATS[ending]
        name = f"{dialogs.file_name(self.net.graph.name)}-layers.{ending}"
        path = dialogs.ask_where(self, _("Layer table as {format}").format(format=title), name, [(ending, title)])
        if path is not None:
            dialogs.write_and_report(path, write(self.panel.shown()), self._say)
