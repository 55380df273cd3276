"""What presentation mode shows at a time, and what a page must offer to be presented."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from resviz.gui.graph.graph_view import DrawnNet
from resviz.gui.graph.layout import foldable, lay_out

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from resviz.gui.plots.figure import Figure
    from resviz.nets.graph import Graph

TEXT_PIXELS, TITLE_PIXELS, LINE_PIXELS = 36, 48, 4
"""The smallest text, titles and lines on a screen of 1080 pixels height; they grow with the screen."""


@dataclass(frozen=True)
class PresentedNet:
    """A net whose picture fills the screen: its graph, and the numbers of its stages' colours."""

    graph: Graph
    stages: dict[str, int]

    def drawn(self, fold: str) -> DrawnNet:
        """Return its picture, folded by "layer", "block" or "stage"."""
        return DrawnNet(lay_out(self.graph, foldable(self.graph, fold)), "", self.stages)


@dataclass(frozen=True)
class Slide:
    """A title, a view or a net, a sentence or two as HTML, and where one is."""

    title: str
    sentences: str
    footer: str
    figure: Figure | None = None
    net: PresentedNet | None = None
    illustration: QWidget | None = None
    """A widget of a page that is painted as it is, larger."""


class Deck(Protocol):
    """The slides of a page."""

    def slide(self) -> Slide:
        """Return the slide in front, as it is now."""

    def version(self) -> object:
        """Return something that differs when the slide has changed."""

    def go(self, by: int) -> None:
        """Go to the next slide, or to the previous one for -1."""

    def act(self) -> None:
        """Do what the space bar does: start, pause, or make a step."""

    def press(self, key: str) -> None:
        """Do what a letter or a digit does, such as to answer a question."""
