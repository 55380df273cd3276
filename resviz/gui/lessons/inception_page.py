"""An Inception module, naive and with dimension reduction: what each convolution of it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget
from typing_extensions import override

from resviz.analysis.claims.classic_checks import inception_example
from resviz.analysis.counts import Counts, count, exact
from resviz.analysis.explanation import explain_layer
from resviz.base.translation import _
from resviz.gui.graph.graph_view import GraphView
from resviz.gui.graph.layout import lay_out
from resviz.gui.lessons.lesson_page import LessonPage
from resviz.gui.plots.sum_bars import Bar, SumBars

if TYPE_CHECKING:
    from resviz.nets.graph import Graph

_KINDS = ("naive", "reduced")
_WORDS = {"naive": _("naive"), "reduced": _("with dimension reduction")}


class InceptionSums(LessonPage):
    """The page that compares the multiply-adds of the naive and the reduced Inception module."""

    title = _("Inception module")

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            _(
                "Why do 1×1 convolutions come before the 3×3 and the 5×5? They reduce the number of channels "
                "first. The module then needs a third of the multiply-adds."
            ),
            _(
                "CS231n 2017, lecture 9, 28×28×256 maps. The lecture prints 854 M and 358 M; the second number "
                "counts the 3×3's 86.7 M twice."
            ),
            parent,
        )
        modules = {kind: inception_example(kind) for kind in _KINDS}
        counts = {kind: count(module) for kind, module in modules.items()}
        most = max(layer.flops for found in counts.values() for layer in found.rows)
        row = QHBoxLayout()
        self.totals: dict[str, QLabel] = {}
        below: list[SumBars] = []
        for kind, module in modules.items():
            self.totals[kind] = QLabel(
                _("{module}: {count} multiply-adds").format(module=_WORDS[kind], count=exact(counts[kind].flops))
            )
            view = GraphView(whole=True)
            view.set_picture(lay_out(module))
            below.append(SumBars(_("multiply-adds, {module}").format(module=_WORDS[kind]), text_width=300))
            below[-1].set_bars(_bars(module, counts[kind]), most)
            column = QVBoxLayout()
            column.addWidget(self.totals[kind])
            column.addWidget(view, 1)
            column.addWidget(below[-1])
            row.addLayout(column)
        for bars in below:  # so that both pictures stand at one height
            bars.setFixedHeight(max(one.minimumHeight() for one in below))
        self.body.addLayout(row, 1)
        self.finish()

    @override
    def refresh(self) -> None:
        """Nothing here can be changed, and its parts tint themselves."""


def _bars(module: Graph, counts: Counts) -> list[Bar]:
    """Return a bar for each convolution, with its sum."""
    found = []
    for row in counts.rows:
        if row.flops:
            (line,) = explain_layer(module, row.layer, "flops").lines
            found.append(Bar(row.layer.op.label(), row.flops, f"{line.formula} = {exact(row.flops)}"))
    return found
