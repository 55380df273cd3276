"""Plot the accuracy of published nets, against operations or net by net. The numbers are a paper's or torchvision's."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from resviz.analysis.claims.accuracy import AccuracyPoint, accuracy_points, published_points
from resviz.analysis.counts import short
from resviz.base.translation import _
from resviz.gui.claims.accuracy_scatter import Scatter
from resviz.gui.plots.sum_bars import Bar, SumBars
from resviz.gui.style.widgets import Chips, dim

_SOURCES = (("paper", _("tables 2 and 3, 10-crop")), ("torchvision", _("torchvision, one crop")))
_VIEWS = (("scatter", _("against operations")), ("bars", _("net by net")))
_PLAIN, _OTHER = 1, 3
"""Numbers of the bars' colours."""


class AccuracyPage(QWidget):
    """Which nets, and how they are drawn. `fill` counts them, which takes a moment."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points: dict[str, tuple[AccuracyPoint, ...]] = {}
        self.source = Chips(_SOURCES, _("accuracies"), tip=_("Show the accuracies of this source."))
        self.view = Chips(_VIEWS, _("plot"), tip=_("Draw the accuracies in this way."))
        self.source.set_choice("paper")
        self.view.set_choice("scatter")
        self.source.chosen.connect(self._choose_source)
        self.view.chosen.connect(self._choose_view)
        self.scatter, self.bars = Scatter(), SumBars(_("top-1 accuracy"))
        self._note = dim()
        area = QScrollArea()
        area.setWidgetResizable(True)
        inside = QWidget()
        inside.setObjectName("bare")
        column = QVBoxLayout(inside)
        column.addWidget(self.bars)
        column.addWidget(self._note)
        column.addStretch(1)
        area.setWidget(inside)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.scatter)
        self._stack.addWidget(area)
        row = QHBoxLayout()
        row.addWidget(self.source)
        row.addWidget(self.view)
        row.addStretch(1)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addLayout(row)
        around.addWidget(self._stack, 1)

    def fill(self) -> None:
        """Count the nets, and draw those of the chosen source."""
        makers = {"paper": accuracy_points, "torchvision": published_points}
        chosen = self.source.choice
        if chosen not in self._points:
            self._points[chosen] = makers[chosen]()
        points = self._points[chosen]
        self.scatter.set_points(points)
        ordered = sorted(points, key=lambda point: -point.accuracy)
        self.bars.set_bars([_bar(point) for point in ordered], 100.0)
        self._note.setText(_("top-1 accuracy: {source}").format(source=points[0].source))

    @Slot(str)
    def _choose_source(self, key: str) -> None:
        self.source.set_choice(key)
        self.fill()

    @Slot(str)
    def _choose_view(self, key: str) -> None:
        self.view.set_choice(key)
        self._stack.setCurrentIndex([known for known, _text in _VIEWS].index(key))


def _bar(point: AccuracyPoint) -> Bar:
    text = _("{accuracy} %, {flops} multiply-adds").format(accuracy=f"{point.accuracy:.1f}", flops=short(point.flops))
    return Bar(point.name, point.accuracy, text, _PLAIN if point.unit == "plain" else _OTHER)
