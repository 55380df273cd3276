"""BUILD: an edit to totals and picture; deep nets unfolded and panned. No torch, as in the window."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from PySide6.QtWidgets import QApplication

from resviz.gui.builder.open_net import resolve
from resviz.gui.builder.table_rows import StageRow
from resviz.gui.main_window import MainWindow
from resviz.nets import catalogue
from tests.benchmarks.timing import Row, median, ms, seconds

DEEPEST = "cifar-resnet1202"
_PANS = 120


def rows(application: QApplication, window: MainWindow) -> Iterator[Row]:
    yield editing(application, window)
    yield from deepest(application, window)


def editing(application: QApplication, window: MainWindow) -> Row:
    """A keystroke in ResNet-152's table: new totals in every view, and the picture drawn."""
    build = window.build
    build.state.show_family("resnet")
    build.state.select_cell(4, StageRow(2))
    cells = build.state.open_net.cell(StageRow(2)).rpartition("x")[0]

    def edit(repeats: int) -> float:
        def work() -> None:
            build.state.edit_cell(4, StageRow(2), f"{cells}x{repeats}")
            application.processEvents()

        return seconds(work)

    times = [edit(37 + n % 2) for n in range(14)][4:]  # 36 would be the paper's, and take the star off the name
    engine = median(lambda: resolve(build.state.open_net.spec))
    took = statistics.median(times)
    return Row(
        "an edit at 152 layers, to totals and picture", ms(took), f"graph and counts alone {ms(engine)}", "50 ms"
    )


def deepest(application: QApplication, window: MainWindow) -> Iterator[Row]:
    """1202 layers: as they come up (stages folded), unfolded whole, and panned from end to end."""
    build, graph = window.build, window.build.view.graph
    build.state.show_family("cifar")
    spec = catalogue.find(DEEPEST)

    def first() -> None:
        build.state.add(spec)
        application.processEvents()

    def unfold() -> None:
        build.graph.choose_fold("layer")
        application.processEvents()

    painted = seconds(first)
    yield Row("1202 layers: first paint, folded", ms(painted), f"{len(build.state.open_net.graph)} layers", "1 s")
    yield Row("1202 layers: unfolded", ms(seconds(unfold)), f"{len(graph.boxes)} boxes", "1 s")
    bar = graph.verticalScrollBar()

    def pan() -> list[float]:
        times = []
        for step in range(_PANS):
            bar.setValue(bar.minimum() + (bar.maximum() - bar.minimum()) * step // _PANS)
            times.append(seconds(graph.viewport().repaint))
        return times

    near = pan()
    graph.zoom(0.25)
    far = pan()
    worst = max(near + far)
    yield Row(
        "1202 layers unfolded: a frame while panning, median and worst",
        f"{ms(statistics.median(near + far))}, {ms(worst)}",
        f"{1 / worst:.0f} frames a second at the worst, zoomed in and out",
        "33 ms (30 frames)",
    )
