"""A model of 12 000 layers in its window: first paint, a module that opens, frames, and memory. No torch."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

import psutil
from PySide6.QtWidgets import QApplication

from resviz.analysis.nested_picture import levels
from resviz.capturing.captured_net import CapturedNet
from resviz.gui.models.model_window import ModelWindow
from resviz.nets.graph import Graph, GraphBuilder
from resviz.nets.ops import Add, BatchNorm2d, Conv2d, ReLU
from tests.benchmarks.timing import Row, ms, seconds

_STAGES, _BLOCKS, _FRAMES = 40, 20, 120


def big_graph() -> Graph:
    """Return 800 residual blocks of 15 layers, no two of which that follow each other are alike."""
    builder = GraphBuilder("big", (8, 8, 8))
    last = builder.input
    for stage in range(_STAGES):
        for block in range(_BLOCKS):
            path, inner = f"stages.{stage}.blocks.{block}", last
            for part in range(4):
                side = (block + part) % 2
                convolution = Conv2d(8, 8, 1 + 2 * side, padding=side)
                inner = builder.add(f"{path}.{part}.conv", convolution, inner)
                inner = builder.add(f"{path}.{part}.norm", BatchNorm2d(8), inner)
                inner = builder.add(f"{path}.{part}.relu", ReLU(), inner)
            inner = builder.add(f"{path}.conv", Conv2d(8, 8, 1), inner)
            last = builder.add(f"{path}.add", Add(), builder.add(f"{path}.norm", BatchNorm2d(8), inner), last)
    return builder.build()


def rows(application: QApplication) -> Iterator[Row]:
    """Return the rows of the table."""
    graph = big_graph()
    process = psutil.Process()
    before = process.memory_info().rss
    shown: list[ModelWindow] = []

    def show() -> None:
        shown.append(ModelWindow(CapturedNet(graph, "big", "meta")))
        shown[0].show()
        application.processEvents()

    first = seconds(show)
    yield Row(f"a model of {len(graph)} layers: first paint, folded", ms(first), "", "1 s")
    view = shown[0].picture.view
    known = levels(shown[0].picture.tree)
    view.set_opened(known[2])

    def opening() -> None:
        view.open_module(next(node.opens for node in view.picture.nodes if node.opens))
        application.processEvents()

    boxes = len(view.picture.nodes)
    yield Row("the same: a module opens", ms(seconds(opening)), f"beside {boxes} boxes", "300 ms")
    view.set_opened(max((one for one in known if len(one) < 1000), key=len))
    view.zoom(1.5)
    bar = view.verticalScrollBar()
    frames = []
    for _frame in range(_FRAMES):

        def pan() -> None:
            bar.setValue(bar.value() + 40)
            view.viewport().repaint()

        frames.append(seconds(pan))
    yield Row(
        "the same: a frame while panning, median and worst",
        f"{ms(statistics.median(frames))}, {ms(max(frames))}",
        f"{len(view.picture.nodes)} boxes",
        "33 ms",
    )
    taken = (process.memory_info().rss - before) / 10**6
    yield Row("the same: memory", f"{taken:.0f} MB", f"{process.memory_info().rss / 10**6:.0f} MB in all", "400 MB")
    shown[0].close()
    application.processEvents()
