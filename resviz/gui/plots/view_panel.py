"""A panel that shows any of its workspace's views: the chooser, the view's own options, and what it is drawn on."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QPoint, Qt, Signal, Slot
from PySide6.QtGui import QCursor, QFont, QFontMetrics, QGuiApplication
from PySide6.QtWidgets import QComboBox, QMenu, QSizePolicy, QStackedWidget, QToolButton, QWidget
from typing_extensions import override

from resviz.base.clean_text import spreadsheet_cell
from resviz.base.glossary import tooltip
from resviz.base.translation import _
from resviz.gui.plots.curve_plot import CurvePlot
from resviz.gui.plots.graph_pane import GraphPane
from resviz.gui.plots.heat_plot import HeatPlot
from resviz.gui.plots.table_pane import TablePane
from resviz.gui.plots.views import VIEWS, View
from resviz.gui.style import theme
from resviz.gui.style.widgets import Chips, ElidedComboBox, ElidedLabel, Panel, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QContextMenuEvent, QResizeEvent

_MIN_TITLE, _MIN_OPTION, _TITLE_FIRST, _OPTION_NEXT, _ARROW = 7, 4, 1000, 100, 36
"""Letters that a panel's title and option have at least; how much before its hint each gets room; pixels beside it."""
Surface = TypeVar("Surface", bound=QWidget)
_ROOM_TO_SAVE = 330
"""Width of a panel from which it has a button to save its figure."""
_FEW = 2
"""Options up to which they are all in sight."""

_OPTION_TIP = _("Choose what this view shows.")


class ViewPanel(Panel):
    """Setters in, signals out. The widgets of its kinds of view are made when first needed."""

    view_chosen = Signal(str)
    option_chosen = Signal(str)
    save_pressed = Signal()
    step_chosen = Signal(int)
    zoomed = Signal(object)
    enlarged = Signal(bool)
    pointed = Signal(object)
    """What the mouse points at in curves: the x, or None when it has left."""
    log_wanted = Signal(object)
    """Whether values over steps are to have a logarithmic axis."""

    def __init__(self, place: str, views: Sequence[View], parent: QWidget | None = None, narrow: bool = False) -> None:
        """Make a panel. A `narrow` panel has its options in a box."""
        super().__init__("", parent)
        self.place = place
        self._few = 0 if narrow else _FEW
        self.view = views[0]
        self.heading.hide()
        self.chooser = ElidedComboBox()
        self.chooser.setObjectName("heading")
        self.chooser.setAccessibleName(_("{panel} view").format(panel=place))
        self.chooser.setToolTip(_("Choose the view of this panel."))
        for view in views:
            self.chooser.addItem(view.title, view.name)
        self.chooser.setMaxVisibleItems(len(views))
        self.chooser.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.chooser.setMinimumContentsLength(_MIN_TITLE)
        self.chooser.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.chooser.activated.connect(self._view_activated)
        self.header.insertWidget(0, self.chooser, _TITLE_FIRST)
        self.hint = ElidedLabel()
        self.hint.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.header.insertWidget(1, self.hint, 1)
        self.hint.setVisible(not narrow)  # of a few letters nothing would be left; the title's tip has its source
        self._options: Chips | QComboBox | None = None
        self.save = QToolButton()
        self.save.setObjectName("tool")
        self.save.setToolTip(
            _("Save this figure as SVG, PDF or PNG, for a slide, a page or a column, or save its numbers.")
        )
        self.save.setAccessibleName(_("{panel}: save figure").format(panel=place))
        self.save.clicked.connect(self.save_pressed)
        self.add_to_header(self.save)
        self.larger = QToolButton()
        self.larger.setText("⤢")
        self.larger.setCheckable(True)
        self.larger.setToolTip(_("Enlarge this view. Click again to show all four."))
        self.larger.setAccessibleName(_("{panel}: enlarge").format(panel=place))
        self.larger.toggled.connect(self.enlarged)
        self.add_to_header(self.larger)
        self._stack = QStackedWidget()
        self.body.addWidget(self._stack, 1)
        self._surfaces: dict[type[QWidget], QWidget] = {}
        self._tint()
        theme.changed().connect(self._tint)
        self.set_view(self.view.name, self.view.default_option)

    @override
    def hasHeightForWidth(self) -> bool:
        """Return False: a note that wraps in one panel must not decide how high the rows of panels are."""
        return False

    def set_view(self, name: str, option: str) -> None:
        """Show a view's widget and its options; what is drawn on it comes from the controller."""
        view = VIEWS[name]
        if view is not self.view or self._options is None:
            self._set_options(view)
        self.view = view
        self.chooser.setCurrentIndex(self.chooser.findData(name))
        self._fit_chooser()
        quantity = view.quantity(option)
        choose = _("Choose the view of this panel.")
        if quantity is not None:
            choose = f"{choose}\n{_(quantity.formula)} ({_(quantity.source)})"
        self.chooser.setToolTip(plain(tooltip(quantity.name if quantity else view.name, choose)))
        self.hint.setText(view.hint)
        if isinstance(self._options, Chips):
            self._options.set_choice(option)
        elif self._options is not None:
            self._options.setCurrentIndex(self._options.findData(option))
        self._stack.setCurrentWidget(self.surface(view.surface))

    @property
    def content(self) -> QWidget:
        """The widget that the view is drawn on."""
        widget = self._stack.currentWidget()
        assert widget is not None
        return widget

    def surface(self, kind: type[Surface]) -> Surface:
        """Return the widget of a class that views draw on; it is made when first needed."""
        if kind not in self._surfaces:
            widget = kind()
            if isinstance(widget, CurvePlot | HeatPlot):
                widget.step_chosen.connect(self.step_chosen)
                widget.zoomed.connect(self.zoomed)
                widget.menu_wanted.connect(self.open_menu)
                widget.pointed.connect(self.pointed)
            self._surfaces[kind] = widget
            self._stack.addWidget(widget)
        found = self._surfaces[kind]
        assert isinstance(found, kind)
        return found

    @property
    def curves(self) -> CurvePlot:
        """The surface of curves."""
        return self.surface(CurvePlot)

    @property
    def heat(self) -> HeatPlot:
        """The surface of heat maps."""
        return self.surface(HeatPlot)

    @property
    def graph(self) -> GraphPane:
        """The surface of coloured graphs."""
        return self.surface(GraphPane)

    @property
    def table(self) -> TablePane:
        """The surface of tables."""
        return self.surface(TablePane)

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out the button that saves where there is no room for the title beside it: the menu has it too."""
        super().resizeEvent(event)
        self.save.setVisible(self.width() >= theme.scaled(_ROOM_TO_SAVE))

    @override
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.open_menu(event.globalPos())

    @Slot(QPoint)
    def open_menu(self, place: QPoint) -> None:
        """Offer what can be done with this view."""
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.addAction(_("Save figure…")).triggered.connect(self.save_pressed)
        menu.addAction(_("Copy picture")).triggered.connect(self.copy_picture)
        menu.addAction(_("Copy numbers")).triggered.connect(self.copy_numbers)
        menu.addSeparator()
        if self.view.against_steps and isinstance(self.content, CurvePlot):
            log = menu.addAction(_("Logarithmic values"))
            log.setCheckable(True)
            log.setChecked(self.curves.is_log)
            log.triggered.connect(self.log_wanted)
        larger = menu.addAction(_("Enlarge"))
        larger.setCheckable(True)
        larger.setChecked(self.larger.isChecked())
        larger.triggered.connect(self.larger.setChecked)
        menu.popup(place)

    def menu_place(self) -> QPoint:
        """Return where on the screen a menu of this panel opens: at the mouse, or below the panel's buttons."""
        if self.underMouse():
            return QCursor.pos()
        button = self.save if self.save.isVisible() else self.larger
        return button.mapToGlobal(QPoint(0, button.height()))

    @Slot()
    def copy_picture(self) -> None:
        """Copy what is drawn."""
        QGuiApplication.clipboard().setPixmap(self.content.grab())

    @Slot()
    def copy_numbers(self) -> None:
        """Copy the numbers that are drawn, as a table of text."""
        rows = self.view.numbers(self.content)
        QGuiApplication.clipboard().setText(
            "\n".join("\t".join(str(spreadsheet_cell(cell)) for cell in row) for row in rows) + "\n"
        )

    def _fit_chooser(self) -> None:
        """As wide as what is chosen, or less where there is no room."""
        font = QFont(self.chooser.font())
        font.setBold(True)
        self.chooser.setMaximumWidth(QFontMetrics(font).horizontalAdvance(self.view.title) + _ARROW)

    @Slot()
    def _tint(self) -> None:
        self.save.setIcon(theme.icon("save", theme.current().text))

    def _set_options(self, view: View) -> None:
        if self._options is not None:
            self.header.removeWidget(self._options)
            self._options.hide()
            self._options.deleteLater()
            self._options = None
        if len(view.options) < 2:
            return
        if len(view.options) <= self._few:
            chips = Chips(view.options, _("{panel} option").format(panel=self.place), tip=_OPTION_TIP)
            chips.chosen.connect(self.option_chosen)
            self._options = chips
        else:
            box = ElidedComboBox()
            box.setToolTip(_OPTION_TIP)
            box.setAccessibleName(_("{panel} option").format(panel=self.place))
            for key, text in view.options:
                box.addItem(text, key)
            # The title comes first; a choice that is cut short is whole in the box's list.
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.setMinimumContentsLength(_MIN_OPTION)
            box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            metrics = QFontMetrics(box.font())
            box.setMaximumWidth(max(metrics.horizontalAdvance(text) for _key, text in view.options) + _ARROW)
            box.activated.connect(self._option_activated)
            self._options = box
        stretch = _OPTION_NEXT if isinstance(self._options, QComboBox) else 0
        self.header.insertWidget(self.header.count() - 2, self._options, stretch)

    @Slot(int)
    def _view_activated(self, index: int) -> None:
        self.view_chosen.emit(self.chooser.itemData(index))

    @Slot(int)
    def _option_activated(self, index: int) -> None:
        if isinstance(self._options, QComboBox):
            self.option_chosen.emit(self._options.itemData(index))
