"""BUILD's layout: the depth table and its options, the picture, the layers and what explains them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSplitter, QStackedWidget, QWidget

from resviz.base.translation import _, ngettext
from resviz.gui.builder.crosscheck_panel import CrossCheckPanel
from resviz.gui.builder.depth_table_view import DepthTable
from resviz.gui.builder.difference_panel import DifferencesPanel
from resviz.gui.builder.explanation_panel import ExplainPanel
from resviz.gui.builder.family_menu import FAMILIES
from resviz.gui.builder.graph_panel import GraphPanel
from resviz.gui.builder.layer_panel import LayerPanel
from resviz.gui.builder.memory_panel import MemoryPanel
from resviz.gui.builder.options_panel import OptionsPanel
from resviz.gui.style import theme
from resviz.gui.style.flow_layout import FlowLayout
from resviz.gui.style.theme import SPACING
from resviz.gui.style.widgets import Chips, Panel, primary, tool_button

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resviz.analysis.explanation import Explanation
    from resviz.gui.actions.actions import Actions

TABS = (
    ("layers", _("Layers"), _("Show every layer of the net.")),
    ("differences", _("Differences"), _("Compare the net with another one, part by part.")),
    ("memory", _("Memory"), _("Show the memory that training and inference need.")),
    ("crosscheck", _("Recount"), _("Count the net again with other tools.")),
)
_WIDE = 100
"""A share of the room that leaves none to a stretch."""
_RIGHT_SIZES = [500, 180]
_SIZES, _WIDE_SIZES = [612, 212, 378], [560, 630]


class BuildView(QWidget):
    """The BUILD page: families, depth table, options, picture, layer table, and the tabs beside them."""

    family_chosen = Signal(str)
    counting_both_toggled = Signal(bool)
    tab_chosen = Signal(str)
    wide_changed = Signal(bool)
    """Whether the picture takes the place of the layers."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.actions_ = actions
        self.table = DepthTable()
        self.options = OptionsPanel()
        self.graph_panel = GraphPanel()
        self.graph = self.graph_panel.graph
        self.layer_panel = LayerPanel()
        self.layers = self.layer_panel.table
        self.differences, self.memory, self.crosscheck = DifferencesPanel(), MemoryPanel(), CrossCheckPanel()
        self.explain = ExplainPanel()
        self.families = Chips([(key, family.title) for key, family in FAMILIES.items()], _("depth table"), wraps=True)
        for key, family in FAMILIES.items():
            self.families.button(key).setToolTip(family.tip)
        self.families.chosen.connect(self.family_chosen)
        self.train_button = primary(_("▶ Train"))
        self.train_button.setToolTip(actions["train_nets"].toolTip())
        self.train_button.clicked.connect(actions["train_nets"].trigger)
        self.add = tool_button()
        self.add.setToolTip(_("Add a net: choose a published net, a blank net or a file."))
        self.add.setAccessibleName(_("Add net"))
        self.add.setPopupMode(self.add.ToolButtonPopupMode.InstantPopup)
        self.add_menu = QMenu(self.add)
        self.add.setMenu(self.add_menu)
        self.export = tool_button()
        self.export.setText(_("Export"))
        self.export.setObjectName("texttool")
        self.export.setToolTip(
            _("Export the net as PyTorch code, ONNX or a spec file, or export its picture or layer table.")
        )
        self.export.setPopupMode(self.export.ToolButtonPopupMode.InstantPopup)
        self.export_menu = QMenu(self.export)
        self.export.setMenu(self.export_menu)
        self.counting_both = QPushButton(_("FLOPs ×2"))
        self.counting_both.setObjectName("chip")
        self.counting_both.setCheckable(True)
        self.counting_both.setToolTip(
            _("Count a multiplication and an addition as two operations, everywhere. The papers count them as one.")
        )
        self.counting_both.toggled.connect(self.counting_both_toggled)

        left = QSplitter(Qt.Orientation.Vertical)
        left.setHandleWidth(SPACING)
        left.setChildrenCollapsible(False)
        left.addWidget(self._tables())
        left.addWidget(self.options)
        left.setSizes([500, 190])
        left.setStretchFactor(0, 1)
        left.setStretchFactor(1, 1)
        self._right = QSplitter(Qt.Orientation.Vertical)
        self._right.setHandleWidth(SPACING)
        self._right.setChildrenCollapsible(False)
        self._right.addWidget(self._numbers())
        self._right.addWidget(self.explain)
        self._right.setSizes(_RIGHT_SIZES)
        self._right.setStretchFactor(0, 4)
        self._right.setStretchFactor(1, 1)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setHandleWidth(SPACING)
        self._middle = QSplitter(Qt.Orientation.Vertical)
        self._middle.setHandleWidth(SPACING)
        self._middle.setChildrenCollapsible(False)
        self._middle.addWidget(self.graph_panel)
        for widget, share in ((left, 52), (self._middle, 18), (self._right, 30)):
            self._split.addWidget(widget)
            self._split.setStretchFactor(self._split.count() - 1, share)
        self._split.setSizes(_SIZES)
        self._split.setChildrenCollapsible(False)
        self.graph_panel.wide_wanted.connect(self.set_wide)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._split)
        self._tint()
        theme.changed().connect(self._tint)

    def _tables(self) -> Panel:
        panel = Panel("")
        panel.heading.hide()
        panel.header.insertWidget(0, self.families, _WIDE)
        panel.add_to_header(self.counting_both)
        tools = self.actions_.toolbar()
        panel.body.addLayout(FlowLayout([self.add, *tools, self.export, self.train_button], spacing=1))
        panel.body.addWidget(self.table, 1)
        return panel

    def _numbers(self) -> Panel:
        panel = Panel("")
        self.tabs = Chips([(key, title) for key, title, _tip in TABS], _("numbers"))
        for key, _title, tip in TABS:
            self.tabs.button(key).setToolTip(tip)
        self.tabs.set_choice("layers")
        self.tabs.chosen.connect(self.show_tab)
        panel.header.insertWidget(0, self.tabs)
        self._stack = QStackedWidget()
        for widget in (self.layer_panel, self.differences, self.memory, self.crosscheck):
            self._stack.addWidget(widget)
        panel.body.addWidget(self._stack, 1)
        return panel

    @Slot(str)
    def show_tab(self, key: str) -> None:
        """Show the layers, the differences, the memory or the recount."""
        self._stack.setCurrentIndex([known for known, *_others in TABS].index(key))
        self.tabs.set_choice(key)
        self.tab_chosen.emit(key)

    @property
    def tab(self) -> str:
        """Key of the tab in front."""
        return TABS[self._stack.currentIndex()][0]

    def set_family(self, key: str) -> None:
        """Mark a family as chosen, without a signal."""
        self.families.set_choice(key)

    @Slot(bool)
    def set_wide(self, wide: bool) -> None:
        """Show the picture instead of the layer table, or both. An explanation then moves below the picture."""
        if wide == self.is_wide:
            return
        self._right.setVisible(not wide)
        self.graph_panel.wide.setChecked(wide)
        if wide:
            self._middle.addWidget(self.explain)
            self._middle.setSizes([520, 120])
            self._split.setSizes([*_WIDE_SIZES, 0])
        else:
            self._right.addWidget(self.explain)
            self._right.setSizes(_RIGHT_SIZES)
            self._split.setSizes(_SIZES)
        self.set_explanation(self.explain.explanation)
        self.wide_changed.emit(wide)

    @property
    def is_wide(self) -> bool:
        """Whether the picture takes the place of the layer table."""
        return self._right.isHidden()

    def set_explanation(self, explanation: Explanation | None) -> None:
        """Show how a number was computed, or nothing."""
        self.explain.set_explanation(explanation)
        self.explain.setVisible(not self.is_wide or explanation is not None)

    def set_trained(self, nets: Sequence[str]) -> None:
        """Show on the main button what it trains: the names of the nets."""
        text = _("▶ Train {net}").format(net=nets[0]) if len(nets) == 1 else ""
        self.train_button.setText(
            text or ngettext("▶ Train {count} net", "▶ Train these {count} nets", len(nets)).format(count=len(nets))
        )

    @Slot()
    def _tint(self) -> None:
        self.add.setIcon(theme.icon("add", theme.current().text))
