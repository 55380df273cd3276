"""Presentation mode: a slide on the whole screen, with keys that a clicker has."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QFont, QFontInfo, QPalette, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.graph.graph_view import GraphView
from resviz.gui.plots.curve_plot import CurvePlot
from resviz.gui.plots.figure_stage import FigureStage
from resviz.gui.plots.graph_pane import GraphPane
from resviz.gui.plots.heat_plot import HeatPlot
from resviz.gui.presentation.slide import LINE_PIXELS, TEXT_PIXELS, TITLE_PIXELS, Deck, PresentedNet
from resviz.gui.style import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent

    from resviz.gui.plots.figure import Figure

_EVERY_MS = 120
_LEAST_PICTURE = QSize(640, 300)
"""What an illustration needs, in its own pixels, so that nothing in it overlaps."""
_NEXT = (Qt.Key.Key_Right, Qt.Key.Key_PageDown)
_PREVIOUS = (Qt.Key.Key_Left, Qt.Key.Key_PageUp)
_BOX_PIXELS = 11
"""The smallest text of a net's picture at scale 1."""
_SCREENS = 4.0
"""Heights of the screen that a picture of blocks may take: it is scrolled by key."""
_CURVE_PIXELS = 2
"""How wide a curve is drawn in the window."""


class Presentation(QWidget):
    """One slide at a time. Arrows and Page Up and Down move, Space acts, B blanks, Escape leaves."""

    left = Signal()

    def __init__(self, deck: Deck, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(_("Resviz: presentation"))
        self.setObjectName("presentation")
        self.setAutoFillBackground(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._deck = deck
        self._version: object = None
        self.title, self.sentences, self.footer = QLabel(), QLabel(), QLabel()
        for label in (self.title, self.sentences):
            label.setWordWrap(True)
        self.sentences.setTextFormat(Qt.TextFormat.RichText)
        self.sentences.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self.footer.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.footer.setObjectName("dim")
        self.graph = GraphView()
        if self.graph.minimap is not None:
            self.graph.minimap.hide()
            self.graph.minimap = None
        self.graph.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.graph)
        self._figures = FigureStage()
        self._stack.addWidget(self._figures)
        self.illustration = QLabel()
        self.illustration.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.illustration.setMinimumSize(1, 1)
        self._stack.addWidget(self.illustration)
        above = QHBoxLayout()
        above.addWidget(self.title, 1)
        above.addWidget(self.footer)
        self._column = QVBoxLayout(self)
        self._column.addLayout(above)
        self._column.addWidget(self._stack, 1)
        self._column.addWidget(self.sentences)
        self._cover = QWidget(self)
        self._cover.setAutoFillBackground(True)
        self._cover.setPalette(QPalette(Qt.GlobalColor.black))
        self._cover.hide()
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()
        theme.changed().connect(self._redraw)

    @property
    def unit(self) -> float:
        """How many times as high as 1080 pixels the screen is."""
        return max(self.height(), 300) / 1080

    @property
    def is_blank(self) -> bool:
        """Whether the screen is black."""
        return self._cover.isVisible()

    @property
    def surface(self) -> QWidget:
        """The widget that the slide is drawn on."""
        widget = self._stack.currentWidget()
        if widget is self._figures:
            widget = self._figures.currentWidget()
        assert widget is not None
        return widget

    @Slot()
    def refresh(self) -> None:
        """Draw the slide, if it has changed."""
        version = (self._deck.version(), self.width(), self.height(), theme.current().name)
        if version == self._version:
            return
        self._version = version
        slide = self._deck.slide()
        margin = round(32 * self.unit)
        self._column.setContentsMargins(margin, margin // 2, margin, margin // 2)
        self._column.setSpacing(round(12 * self.unit))
        for label, pixels, bold in (
            (self.title, TITLE_PIXELS, True),
            (self.sentences, TEXT_PIXELS, True),
            (self.footer, TEXT_PIXELS, False),
        ):
            font = QFont(self.font())
            font.setPixelSize(round(pixels * self.unit))
            font.setBold(bold)
            label.setFont(font)
        self.title.setText(slide.title)
        self.sentences.setText(slide.sentences)
        self.sentences.setVisible(bool(slide.sentences))
        self.footer.setText(slide.footer)
        has_picture = any(part is not None for part in (slide.figure, slide.net, slide.illustration))
        self._stack.setVisible(has_picture)
        self._column.setStretchFactor(self.sentences, 0 if has_picture else 1)
        if slide.figure is not None:
            self._draw_figure(slide.figure)
        elif slide.net is not None:
            self._draw_net(slide.net)
        elif slide.illustration is not None:
            self._draw_illustration(slide.illustration)

    @override
    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Escape, Qt.Key.Key_F11):
            self.close()
        elif key == Qt.Key.Key_B:
            self._cover.setVisible(not self._cover.isVisible())
            self._cover.raise_()
        elif key == Qt.Key.Key_Space:
            self._deck.act()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self._can_scroll():
            bar = self.graph.verticalScrollBar()
            bar.setValue(bar.value() + (1 if key == Qt.Key.Key_Down else -1) * self.graph.viewport().height() // 3)
        elif key in (*_NEXT, Qt.Key.Key_Down):
            self._deck.go(1)
        elif key in (*_PREVIOUS, Qt.Key.Key_Up):
            self._deck.go(-1)
        elif event.text().isalnum():
            self._deck.press(event.text())
        else:
            super().keyPressEvent(event)
            return
        self.refresh()

    @override
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._cover.setGeometry(self.rect())
        self.refresh()

    @override
    def closeEvent(self, event: QCloseEvent) -> None:
        self._timer.stop()
        super().closeEvent(event)
        self.left.emit()

    def _can_scroll(self) -> bool:
        bar = self.graph.verticalScrollBar()
        return self._stack.currentWidget() is self.graph and bar.maximum() > bar.minimum()

    def _draw_figure(self, figure: Figure) -> None:
        line_width = LINE_PIXELS * self.unit / _CURVE_PIXELS
        font = QFont(self.font())
        # The numbers at an axis are a point smaller than its title, and no text is to be below the floor.
        font.setPointSizeF(TEXT_PIXELS * self.unit * 72 / self.logicalDpiY() + 1)

        def style(surface: QWidget) -> None:
            theme.set_painted_theme(surface, replace(theme.current(), line_width=line_width))
            for part in (surface, *surface.findChildren(QWidget)):
                part.setFont(font)

        self._stack.setCurrentWidget(self._figures)
        surface = self._figures.draw(figure, style)
        for part in surface.findChildren(QWidget):
            part.setFont(font)
        if isinstance(surface, CurvePlot | HeatPlot):
            surface.restyle()
        if isinstance(surface, GraphPane):
            for graph in surface.pictures:
                graph.set_text_floor(TEXT_PIXELS * self.unit / _BOX_PIXELS)

    def _draw_net(self, net: PresentedNet) -> None:
        """Draw the net with its layers if their text can be read; else its blocks, or its stages if these are many."""
        self._stack.setCurrentWidget(self.graph)
        self._column.activate()
        floor = TEXT_PIXELS * self.unit / _BOX_PIXELS
        self.graph.set_text_floor(floor)
        for fold, screens in (("layer", 1.0), ("block", _SCREENS), ("stage", 0.0)):
            self.graph.set_nets([net.drawn(fold)])
            if self.graph.scale_to_fit() * screens >= floor:
                break
        self.graph.show_at_least(floor)

    def _draw_illustration(self, widget: QWidget) -> None:
        """Paint a widget so large that its text reaches the floor, or as large as its smallest size allows."""
        self._stack.setCurrentWidget(self.illustration)
        self._column.activate()
        place = self._stack.size()
        least = widget.minimumSizeHint().expandedTo(widget.minimumSize()).expandedTo(_LEAST_PICTURE)
        wanted = TEXT_PIXELS * self.unit / QFontInfo(widget.font()).pixelSize()
        scale = max(1.0, min(wanted, place.width() / least.width(), place.height() / least.height()))
        before = widget.size()
        widget.resize(round(place.width() / scale), round(place.height() / scale))
        picture = QPixmap(place * self.devicePixelRatio())
        picture.setDevicePixelRatio(scale * self.devicePixelRatio())
        picture.fill(theme.current().panel)
        widget.render(picture)
        widget.resize(before)
        picture.setDevicePixelRatio(self.devicePixelRatio())
        self.illustration.setPixmap(picture)

    @Slot()
    def _redraw(self) -> None:
        self._version = None
        self.refresh()
