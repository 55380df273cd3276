"""Pictures of numbers side by side, a net each, on one colour scale: layers × steps, and layers × values."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QFont, QFontMetricsF, QTransform
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.plots.axis_items import CountAxis, axis_kind, style_axes
from resviz.gui.plots.colour_scale import ScaledRow, table
from resviz.gui.plots.heat_readout import HeatReadout
from resviz.gui.plots.step_mouse import StepMouse
from resviz.gui.style import theme

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from resviz.gui.plots.heat_image import HeatImage

_BESIDE_TITLE, _MIN_ROOM, _SMALLEST = 18, 30, 0.7
"""Pixels that a title doesn't get, and that it gets at least; of its size what is left where there is no room."""


class HeatPlot(ScaledRow):
    """`step_chosen` is emitted where a person clicks or drags in a picture whose x are steps."""

    step_chosen = Signal(int)
    pointed = Signal(object)
    """The x that the mouse points at, as the axis has it; None when it has left."""
    menu_wanted = Signal(QPoint)
    zoomed = Signal(object)
    """The steps that a person wants to see, (low, high); None for all."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pictures: list[HeatImage] = []
        self._labels = ("", "")
        self._window: tuple[float, float] | None = None
        self._places: list[_Place] = []
        theme.changed().connect(self.restyle)

    def set_labels(self, x: str, y: str) -> None:
        """Name both axes."""
        if (x, y) != self._labels:
            self._labels = (x, y)
            self.restyle()

    def set_pictures(
        self, pictures: list[HeatImage], low: float, high: float, log: bool, of: str = "", *, difference: bool = False
    ) -> None:
        """Draw these pictures, and a scale from `low` to `high`.

        `of` says what the colours show. A `difference` has colours with a middle.
        """
        self.pictures = pictures
        while len(self._places) < len(pictures):
            place = _Place(self)
            place.mouse.step_chosen.connect(self.step_chosen)
            place.mouse.zoomed.connect(self.zoomed)
            place.mouse.menu_wanted.connect(self.menu_wanted)
            place.readout.moved.connect(self.pointed)
            self._places.append(place)
            self.row.addWidget(place.plot, 1)
            place.restyle(self._labels, first=len(self._places) == 1)
        for index, place in enumerate(self._places):
            place.plot.setVisible(index < len(pictures))
            if index < len(pictures):
                place.image.setLookupTable(table(difference))
                place.draw(pictures[index], low, high, self._window)
                place.readout.set_picture(pictures[index], *(label.partition(",")[0] for label in self._labels))
        self.scale.setVisible(bool(pictures))
        self.scale.set_scale(low, high, log, of, difference=difference)

    @property
    def readouts(self) -> list[HeatReadout]:
        """What the mouse points at in each picture that is shown."""
        return [place.readout for place in self._places[: len(self.pictures)]]

    @property
    def x_kind(self) -> str:
        """What x counts: plots of one kind share the line at the mouse."""
        return axis_kind(self._labels[0], log=False)

    def point_at(self, x: float | None) -> None:
        """Draw the line at a step that another plot points at; None removes it."""
        for readout in self.readouts:
            readout.show_line(x)

    def set_window(self, window: tuple[float, float] | None) -> None:
        """Show some steps. None shows all."""
        self._window = window

    def set_cursor(self, step: float | None) -> None:
        """Draw a line at a step. None removes it."""
        for place in self._places:
            for line in (place.cursor, place.cursor_core):
                line.setVisible(step is not None)
                if step is not None:
                    line.setValue(step)

    @override
    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.restyle()

    @Slot()
    def restyle(self) -> None:
        """Take on the colours of the theme."""
        for index, place in enumerate(self._places):
            place.restyle(self._labels, first=index == 0)
            if index < len(self.pictures):
                place.show_title(self.pictures[index])


def fitted_text(text: str, font: QFont, room: float) -> tuple[str, float]:
    """Return a bold text and its size in points that fit: smaller down to seven tenths, and from there on cut short."""
    bold = QFont(font)
    bold.setBold(True)
    points = font.pointSizeF()
    width = QFontMetricsF(bold).horizontalAdvance(text)
    share = min(1.0, max(_SMALLEST, room / width if width else 1.0))
    return QFontMetricsF(bold).elidedText(text, Qt.TextElideMode.ElideRight, room / share), points * share


class _Place:
    """One picture's plot."""

    def __init__(self, parent: QWidget) -> None:
        self.plot = pg.PlotWidget(
            parent, axisItems={"bottom": CountAxis("bottom"), "left": CountAxis("left")}, enableMenu=False
        )
        self.plot.hideButtons()
        self.plot.setMouseEnabled(False, False)
        self.plot.getPlotItem().layout.setContentsMargins(1, 1, 12, 1)  # half of the last tick's text
        self.mouse = StepMouse(self.plot)
        self.readout = HeatReadout(self.plot)
        self._picture: HeatImage | None = None
        self.plot.getPlotItem().getViewBox().sigResized.connect(self._fit_title)
        self.image = pg.ImageItem(axisOrder="row-major")
        self.image.setLookupTable(table())
        self.cursor = pg.InfiniteLine(angle=90)
        self.cursor_core = pg.InfiniteLine(angle=90)
        self.plot.addItem(self.image)
        for line in (self.cursor, self.cursor_core):
            line.setVisible(False)
            self.plot.addItem(line, ignoreBounds=True)

    def draw(self, picture: HeatImage, low: float, high: float, window: tuple[float, float] | None) -> None:
        self.show_title(picture)
        left, bottom, width, height = picture.rectangle
        if picture.values.size:
            self.image.setImage(picture.values, levels=(low, high), autoLevels=False)
            transform = QTransform()
            transform.translate(left, bottom)
            transform.scale(width / picture.values.shape[1], height / picture.values.shape[0])
            self.image.setTransform(transform)
        self.image.setVisible(bool(picture.values.size))
        self.mouse.active, self.mouse.extent = picture.counts, (left, left + width)
        self.mouse.window = window if picture.counts else None
        if self.mouse.window is not None:
            left, width = self.mouse.window[0], self.mouse.window[1] - self.mouse.window[0]
        self.plot.setRange(QRectF(left, bottom, max(width, 1e-6), max(height, 1e-6)), padding=0, disableAutoRange=True)
        self.plot.getAxis("bottom").whole = picture.counts

    def show_title(self, picture: HeatImage) -> None:
        colour = theme.of(self.plot).net_colour(picture.unit, picture.line_style)
        self._picture = picture
        self.plot.setAccessibleName(_("heat map of {net}").format(net=picture.name))
        self.plot.setTitle(None)
        label = self.plot.getPlotItem().titleLabel
        name, points = fitted_text(picture.name, self.plot.font(), self._title_room())
        label.setText(escape(name), color=colour, bold=True, size=f"{points:g}pt")
        label.setMaximumHeight(18)
        label.setVisible(True)
        self.plot.getPlotItem().layout.setRowFixedHeight(0, 18)

    def _fit_title(self) -> None:
        if self._picture is not None:
            self.show_title(self._picture)

    def _title_room(self) -> float:
        """Return a title is as wide as the picture, without the axis beside it."""
        return float(max(self.plot.width() - self.plot.getAxis("left").width() - _BESIDE_TITLE, _MIN_ROOM))

    def restyle(self, labels: tuple[str, str], *, first: bool) -> None:
        style_axes(self.plot, labels[0], labels[1] if first else "")
        self.cursor.setPen(pg.mkPen("#FFFFFF", width=3))  # seen on every colour of the scale
        self.cursor_core.setPen(pg.mkPen("#000000", width=1))
