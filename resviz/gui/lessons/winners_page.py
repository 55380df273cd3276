"""The best entries of ILSVRC by year: errors fall, and nets become deeper."""

from __future__ import annotations

from PySide6.QtWidgets import QSizePolicy, QWidget
from typing_extensions import override

from resviz.analysis.claims.history import source, winners
from resviz.base.translation import _
from resviz.gui.claims.winner_chart import WinnerChart
from resviz.gui.lessons.lesson_page import LessonPage


class WinnersPage(LessonPage):
    """The page of the history: each year's error beside the depth of its net."""

    title = _("Deeper each year")

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            _(
                "Does depth matter? The error of the best entry of each year, and of VGG, which came second in 2014, "
                "beside the depth of its net."
            ),
            _(
                "Depth is the number of weight layers on the longest path, counted on the nets. The entries of 2010 "
                "and 2011 were no deep nets."
            ),
            parent,
        )
        self.chart = WinnerChart()
        self.chart.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._depths: list[int] = []
        self.body.addWidget(self.chart, 1)
        self.finish()

    @property
    @override
    def presented(self) -> QWidget:
        return self.chart

    @property
    @override
    def answer_value(self) -> float:
        """How many times deeper the last net is than the first."""
        return self._depths[-1] / self._depths[0] if self._depths else super().answer_value

    @override
    def refresh(self) -> None:
        """Count the depths once."""
        if not self._depths:
            found = winners()
            self._depths = [one.depth for one in found if one.depth is not None]
            self.chart.set_winners(found, source())
