"""A view as a figure for a slide, a page or a column: with its title, its legend, and what its axes are of.

It is drawn by what draws it on screen, into a widget of its own that nobody sees, in the light theme's colours.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pyqtgraph import ScatterPlotItem
from PySide6.QtCore import QCoreApplication, QEvent, QLineF, QPoint, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QGraphicsItem, QGraphicsView, QLabel, QVBoxLayout, QWidget
from typing_extensions import override

from resviz.base.clean_text import spreadsheet_cell
from resviz.base.translation import _
from resviz.gui.files.painting import paint_to_file
from resviz.gui.plots.curve_plot import CurvePlot
from resviz.gui.plots.heat_plot import HeatPlot
from resviz.gui.plots.view_panel import ViewPanel
from resviz.gui.plots.views import View, ViewCache, compare_views
from resviz.gui.style import theme

if TYPE_CHECKING:
    from collections.abc import Generator

    from resviz.gui.plots.scene import Scene

_SAMPLE, _GAP = 26.0, 8.0


@dataclass(frozen=True)
class FigureSize:
    """The size of a figure: width and height in pixels at 96 per inch, text in points, and the scale of a PNG."""

    name: str
    title: str
    width: int
    height: int
    points: float
    png_scale: float


SIZES = (
    FigureSize("slide", _("Slide, 16:9"), 960, 540, 14, 2),
    FigureSize("page", _("Page, 6.5 inches"), 624, 390, 9, 3),
    FigureSize("column", _("Column, 3.4 inches"), 326, 250, 7, 4),
)


@dataclass(frozen=True)
class Figure:
    """A view of a scene with its option and a title."""

    view: View
    option: str
    scene: Scene
    title: str

    def content(self, ending: str, size: FigureSize) -> bytes:
        """Return the file's: svg, pdf, png, or csv for the numbers."""
        drawing = self.drawing(ending, size)
        while True:
            try:
                next(drawing)
            except StopIteration as end:
                content: bytes = end.value
                return content

    def drawing(self, ending: str, size: FigureSize) -> Generator[None, None, bytes]:
        """Draw the file's content in parts, and return it. Between two parts the window may do other things."""
        widget, panel, drawn = self._widget(size, size.png_scale if ending == "png" else 1.0)
        try:
            yield
            for _pass in range(2):  # what is drawn decides how much room there is for it
                self.view.draw(drawn, self.option, self.scene, ViewCache())
                yield
                _lay_out(widget, drawn)
                yield
            _uncached(drawn)
            if ending == "csv":
                return self._numbers(panel)

            def paint(painter: QPainter) -> None:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                flags = QWidget.RenderFlag.DrawChildren | QWidget.RenderFlag.DrawWindowBackground
                widget.render(painter, QPoint(), renderFlags=flags)

            return paint_to_file(ending, paint, QSizeF(size.width, size.height), self.title, size.png_scale)
        finally:
            panel.deleteLater()
            widget.deleteLater()

    def _numbers(self, panel: ViewPanel) -> bytes:
        """Return what the view shows, as CSV."""
        out = io.StringIO()
        rows = self.view.numbers(panel.surface(self.view.surface))
        csv.writer(out, lineterminator="\n").writerows(map(spreadsheet_cell, row) for row in rows)
        return out.getvalue().encode()

    def _widget(self, size: FigureSize, line_width: float) -> tuple[QWidget, ViewPanel, QWidget]:
        widget = QWidget()
        theme.set_painted_theme(widget, replace(theme.LIGHT, line_width=line_width))
        widget.setObjectName("figure")
        widget.setStyleSheet(theme.style_sheet(theme.LIGHT) + f"#figure {{ background: {theme.LIGHT.panel}; }}")
        widget.setPalette(theme.palette(theme.LIGHT))
        font = QFont()
        font.setPointSizeF(size.points)
        widget.setFont(font)
        panel = ViewPanel("figure", compare_views(), widget)
        panel.hide()
        panel.set_view(self.view.name, self.option)
        drawn = panel.content
        column = QVBoxLayout(widget)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(4)
        title = QLabel(self.title)
        title.setTextFormat(Qt.TextFormat.PlainText)
        title.setWordWrap(True)
        bold = QFont(font)
        bold.setBold(True)
        title.setFont(bold)
        title.setStyleSheet(f"color: {theme.LIGHT.text}")
        column.addWidget(title)
        column.addWidget(drawn, 1)
        drawn.show()  # a stack hides what is taken from it
        names = self.view.legend(self.scene, self.option)
        if len(names) > 1:
            column.addWidget(_Legend(names, font))
        widget.resize(size.width, size.height)
        for part in (drawn, *drawn.findChildren(QWidget)):
            part.setFont(font)
        return widget, panel, drawn


class _Legend(QWidget):
    """A sample of each line with its name, in as many rows as they need."""

    def __init__(self, names: list[tuple[str, str, int]], font: QFont) -> None:
        super().__init__()
        self._names = names
        self.setFont(font)

    @override
    def hasHeightForWidth(self) -> bool:
        return True

    @override
    def heightForWidth(self, width: int) -> int:
        places = self._places(width)
        return round(places[-1].bottom()) + 2 if places else 0

    @override
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place, (name, unit, line_style) in zip(self._places(self.width()), self._names, strict=True):
            painter.setPen(theme.of(self).net_pen(unit, line_style))
            painter.drawLine(QLineF(place.left(), place.center().y(), place.left() + _SAMPLE, place.center().y()))
            painter.setPen(QColor(theme.of(self).text))
            painter.drawText(place.adjusted(_SAMPLE + _GAP, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, name)

    def _places(self, width: float) -> list[QRectF]:
        metrics = QFontMetricsF(self.font())
        places: list[QRectF] = []
        x = y = 0.0
        for name, _colour, _dashes in self._names:
            extent = min(_SAMPLE + _GAP + metrics.horizontalAdvance(name) + 4, width)
            if x and x + extent > width:
                x, y = 0.0, y + metrics.height() + 2
            places.append(QRectF(x, y, extent, metrics.height()))
            x += extent + 2 * _GAP
        return places


def _lay_out(widget: QWidget, drawn: QWidget) -> None:
    for part in drawn.findChildren(QWidget):
        part.setFont(widget.font())
    if isinstance(drawn, CurvePlot | HeatPlot):
        drawn.restyle()
    _settle(widget)
    widget.grab()  # an axis knows how wide its texts are when it has written them


def _settle(widget: QWidget) -> None:
    """Lay everything out now, with the sizes that what was drawn asks for."""
    for _pass in range(2):
        for part in [*widget.findChildren(QWidget), widget]:
            layout = part.layout()
            if layout is not None:
                layout.invalidate()
                layout.activate()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)  # the axes' own


def _uncached(widget: QWidget) -> None:
    """What is kept as pixels for the screen would be pixels in a file that is to be scaled."""
    for view in [widget, *widget.findChildren(QWidget)]:
        if isinstance(view, QGraphicsView) and view.scene() is not None:
            view.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)
            for item in view.scene().items():
                item.setCacheMode(QGraphicsItem.CacheMode.NoCache)
                if isinstance(item, ScatterPlotItem):
                    item.opts["useCache"] = False
