"""Two models side by side: what was added, removed and changed, in both pictures and as a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt, Slot
from PySide6.QtGui import QColor, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QLabel, QSplitter, QTreeView, QVBoxLayout, QWidget

from resviz.analysis.alignment import ADDED, CHANGED, EQUAL, REMOVED, differences
from resviz.analysis.counts import PRODUCTS_TOO, count, exact
from resviz.analysis.layer_table import LayerTable
from resviz.analysis.nested_picture import count_boxes
from resviz.base.translation import _, ngettext
from resviz.gui.models.model_picture import ModelPicture
from resviz.gui.style import theme
from resviz.gui.style.widgets import close_by_keys, dim, fit_to_screen, plain
from resviz.nets.op import format_shape

if TYPE_CHECKING:
    from collections.abc import Callable

    from resviz.analysis.alignment import Differences
    from resviz.analysis.nested_picture import Node
    from resviz.nets.graph import Graph

_SIZE = (1240, 800)
_MOST_BOXES = 90
"""Modules with differences are opened as long as no more boxes than this are shown."""
SIGNS = {EQUAL: "", CHANGED: "≠", REMOVED: "−", ADDED: "+"}


class DifferencesWindow(QWidget):
    """The first net at the left, the second at the right, and below them the layers that differ."""

    def __init__(self, nets: tuple[Graph, Graph], titles: tuple[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("{first} against {second}").format(first=titles[0], second=titles[1]))
        fit_to_screen(self, *_SIZE)
        close_by_keys(self)
        self.found = differences(*nets)
        counts = [count(net) for net in nets]
        self.summary = QLabel(_summary(self.found))
        self.summary.setObjectName("heading")
        self.summary.setWordWrap(True)
        self.totals = dim(
            _("{first} → {second} parameters, {third} → {fourth} FLOPs").format(
                first=exact(counts[0].parameters),
                second=exact(counts[1].parameters),
                third=exact(counts[0].flops),
                fourth=exact(counts[1].flops),
            )
        )
        self.totals.setToolTip(plain(PRODUCTS_TOO))
        inputs = [format_shape(net.input_shape) for net in nets]
        self.inputs = QLabel(
            _("The inputs differ: {first} and {second}. So do all sizes and FLOPs.").format(
                first=inputs[0], second=inputs[1]
            )
        )
        self.inputs.setObjectName("problem")
        self.inputs.setWordWrap(True)
        self.inputs.setVisible(inputs[0] != inputs[1])
        self.message = dim("")
        self.pictures = []
        for number, (net, title) in enumerate(zip(nets, titles, strict=True)):
            picture = ModelPicture(net, LayerTable(net, counts[number]), {}, title)
            picture.message.connect(self.message.setText)
            self.pictures.append(picture)
        self.pictures[0].layers_chosen.connect(self._choose_first)
        self.pictures[1].layers_chosen.connect(self._choose_second)
        self.rows = QTreeView()
        self._fill_rows()
        self._lay_out(titles)
        for number, picture in enumerate(self.pictures):
            picture.view.set_opened(_opened(picture, self.found, number))
        self._paint()
        theme.changed().connect(self._paint)

    def _lay_out(self, titles: tuple[str, str]) -> None:
        beside = QSplitter()
        for picture, title in zip(self.pictures, titles, strict=True):
            side = QWidget()
            column = QVBoxLayout(side)
            column.setContentsMargins(0, 0, 0, 0)
            heading = QLabel(plain(title))
            heading.setObjectName("heading")
            column.addWidget(heading)
            column.addWidget(picture, 1)
            beside.addWidget(side)
        both = QSplitter(Qt.Orientation.Vertical)
        both.addWidget(beside)
        both.addWidget(self.rows)
        both.setSizes([3 * _SIZE[1] // 4, _SIZE[1] // 4])
        whole = QVBoxLayout(self)
        whole.addWidget(self.summary)
        whole.addWidget(self.totals)
        whole.addWidget(self.inputs)
        whole.addWidget(both, 1)
        whole.addWidget(self.message)

    def _fill_rows(self) -> None:
        model = QStandardItemModel(0, 3, self.rows)
        model.setHorizontalHeaderLabels([_("first"), _("second"), _("difference")])
        for row in self.found.differing:
            texts = (row.a.name if row.a else "", row.b.name if row.b else "", row.what)
            items = [QStandardItem(text) for text in texts]
            for item in items:
                item.setEditable(False)
            model.appendRow(items)
        self.rows.setModel(model)
        self.rows.setRootIsDecorated(False)
        self.rows.setUniformRowHeights(True)
        self.rows.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.rows.setAccessibleName(_("layers that differ"))
        self.rows.setToolTip(plain(_("Choose a layer to see it in both pictures.")))
        for column in (0, 1):
            self.rows.setColumnWidth(column, self.width() * 2 // 7)  # what differs has the rest, and the longest texts
        self.rows.selectionModel().currentRowChanged.connect(self._choose_row)

    @Slot(QModelIndex, QModelIndex)
    def _choose_row(self, index: QModelIndex, _before: QModelIndex) -> None:
        if index.isValid():
            row = self.found.differing[index.row()]
            for picture, layer in zip(self.pictures, (row.a, row.b), strict=True):
                if layer is not None:
                    picture.view.reveal(layer.name)
                else:
                    picture.view.set_selection(None)

    @Slot(object)
    def _choose_first(self, layers: tuple[str, ...]) -> None:
        partner = next((row.b for row in self.found.rows if row.a is not None and row.a.name == layers[0]), None)
        self.pictures[1].view.set_selection(partner.name if partner else None)

    @Slot(object)
    def _choose_second(self, layers: tuple[str, ...]) -> None:
        partner = next((row.a for row in self.found.rows if row.b is not None and row.b.name == layers[0]), None)
        self.pictures[0].view.set_selection(partner.name if partner else None)

    def _badge(self, number: int) -> Callable[[Node], str]:
        return lambda node: SIGNS[self.found.status(number, node.layers)]

    @Slot()
    def _paint(self) -> None:
        """Colour the boxes by what became of them."""
        colours = theme.current()
        by_status = {EQUAL: colours.panel, CHANGED: colours.warn, REMOVED: colours.bad, ADDED: colours.good}

        def painted(number: int) -> Callable[[Node], QColor | None]:
            return lambda node: QColor(by_status[self.found.status(number, node.layers)])

        for number, picture in enumerate(self.pictures):
            picture.set_marks(painted(number), self._badge(number))


def _summary(found: Differences) -> str:
    if not found.differing:
        return _("The two nets do the same, layer by layer.")
    parts = [
        ngettext("{count} layer changed (≠)", "{count} layers changed (≠)", found.count(CHANGED)),
        ngettext("{count} only in the first net (−)", "{count} only in the first net (−)", found.count(REMOVED)),
        ngettext("{count} only in the second net (+)", "{count} only in the second net (+)", found.count(ADDED)),
        ngettext("{count} layer equal", "{count} layers equal", found.count(EQUAL)),
    ]
    numbers = [found.count(status) for status in (CHANGED, REMOVED, ADDED, EQUAL)]
    return " · ".join(text.format(count=number) for text, number in zip(parts, numbers, strict=True) if number)


def _opened(picture: ModelPicture, found: Differences, number: int) -> frozenset[str]:
    """Return what is open at first: modules and runs of which a part differs, outer ones first."""
    known = found.statuses[number]
    opened: frozenset[str] = frozenset()
    parts = [(module.path, module.layers) for module in picture.tree.modules() if module.path]
    parts += [(run.path, run.layers) for run in picture.tree.repeats()]
    for path, layers in sorted(parts, key=lambda part: part[0].count(".")):
        mixed = len({known[name] for name in layers}) > 1
        if mixed and count_boxes(picture.tree, opened | {path}) <= _MOST_BOXES:
            opened |= {path}
    return opened
