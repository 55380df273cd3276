"""An Inception module, naive and with dimension reduction: what each convolution of it costs."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from resviz.analysis.check_classics import inception_example
from resviz.analysis.counts import count, exact
from resviz.analysis.explain import explain_layer
from resviz.gui.graph.graph_view import GraphView
from resviz.gui.graph.picture import draw
from resviz.gui.lessons.bars import Bar, Bars
from resviz.gui.lessons.page import Page

_KINDS = ("naive", "reduced")
_WORDS = {"naive": "naive", "reduced": "with dimension reduction"}


class InceptionSums(Page):
    title = "Inception, naive or reduced"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "Why do 1×1 convolutions stand before the 3×3 and the 5×5? They make the maps thin first: the same module "
            "at a third of the multiply-adds.",
            "CS231n 2017, lecture 9, 28×28×256 maps; the lecture prints 854 M and 358 M, the second of which has the "
            "3×3's 86.7 M twice",
            parent,
        )
        row = QHBoxLayout()
        self.bars: dict[str, Bars] = {}
        self.totals: dict[str, QLabel] = {}
        for kind in _KINDS:
            column = QVBoxLayout()
            self.totals[kind] = QLabel()
            view = GraphView(whole=True)
            view.set_picture(draw(inception_example(kind)))
            self.bars[kind] = Bars(f"multiply-adds, {_WORDS[kind]}", text_width=300)
            column.addWidget(self.totals[kind])
            column.addWidget(view, 1)
            column.addWidget(self.bars[kind])
            row.addLayout(column)
        self.body.addLayout(row, 1)
        self.finish()

    def show_again(self) -> None:
        most = max(row.flops for kind in _KINDS for row in count(inception_example(kind)).rows)
        for kind in _KINDS:
            graph = inception_example(kind)
            counts = count(graph)
            self.totals[kind].setText(f"{_WORDS[kind]}: {exact(counts.flops)} multiply-adds")
            bars = []
            for row in counts.rows:
                if row.flops:
                    (line,) = explain_layer(graph, row.layer, "flops").lines
                    bars.append(Bar(row.layer.op.label(), row.flops, f"{line.formula} = {exact(row.flops)}", 3))
            self.bars[kind].set_bars(bars, most)
