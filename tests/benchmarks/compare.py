"""COMPARE: a folder of thousands of runs, many long curves at once, and one very large run."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QApplication

from resviz.experiments.run_description import run_layers
from resviz.gui.compare.compare_controller import CompareController
from resviz.gui.main_window import MainWindow
from resviz.gui.style import theme
from resviz.measurements.rows import Rows
from resviz.measurements.run_layers import RunLayers
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.runs.folder import RunWriter
from resviz.training.recipe import TrainConfig
from tests.benchmarks.timing import Row, ms, seconds

RUNS, CURVES, POINTS = 2000, 20, 10_000
LARGE = ("cifar-resnet1202", 2000)
_BATCH = 20
"""Steps that are written at a time."""
_NAMES = ("cifar-plain20", "cifar-resnet20", "cifar-plain56", "cifar-resnet56", "cifar-preresnet110", "mlp8")


def rows(application: QApplication) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for number in range(RUNS):
            _write(root / "many", _NAMES[number % len(_NAMES)], 3, number)
        for number in range(CURVES):
            _write(root / "long", _NAMES[number % 4], POINTS, number)
        _write(root / "large", *LARGE, 0)
        yield from _full_pages(application)
        yield from _browser(application, root / "many")
        yield from _curves(application, root / "long")
        yield from _large(application, root / "large")


def _browser(application: QApplication, root: Path) -> Iterator[Row]:
    window, compare, opened = _open(application, root)
    longest, began = 0.0, time.perf_counter()
    while compare.busy:
        turn = time.perf_counter()
        application.processEvents()
        longest = max(longest, time.perf_counter() - turn)
    read = time.perf_counter() - began
    yield Row(f"COMPARE in sight, {RUNS} runs in its folder", ms(opened), f"all listed {ms(read)} later", "")
    yield Row("the window held while they are read, worst", ms(longest), "", "100 ms")
    browser = compare.view.browser
    for what, work in (
        ("a letter typed to filter them", lambda i: browser.filter.setText("plain56"[: i % 7])),
        ("ordered by another column", lambda i: browser.table.ordered.emit(("flops", "net", "error", "tags")[i % 4])),
        ("grouped", lambda i: browser.group_chosen.emit(("net", "", "depth", "state")[i % 4])),
    ):
        median, worst = _times(application, work, 12)
        yield Row(f"{RUNS} runs: {what}, median and worst", f"{ms(median)}, {ms(worst)}", "", "")
    window.close()


def _curves(application: QApplication, root: Path) -> Iterator[Row]:
    window, compare, _ = _open(application, root)
    _settle(application, compare)
    compare.show_only([key for key, run in compare.runs.items() if not run.sample])
    _settle(application, compare)
    compare.display.choose_view("main", "loss")
    compare.display.choose_view("training", "responses")
    compare.watcher.stop()
    for what, steps in (("", 0), (", mean of 100 values", 100)):
        compare.view.smoothing_chosen.emit(steps)
        _settle(application, compare)

        def zoom(i: int) -> None:
            compare.view.grid.zoomed.emit((i * 20.0, POINTS - i * 30.0))
            _settle(application, compare)

        median, worst = _times(application, zoom, 40)
        frames = f"{1 / median:.0f} frames a second, {1 / worst:.0f} at the worst"
        measured = f"{ms(median)}, {ms(worst)}"
        yield Row(f"{CURVES} curves of {POINTS} points zoomed{what}, median and worst", measured, frames, "33 ms")
    window.close()


def _full_pages(application: QApplication) -> Iterator[Row]:
    """All pages made, twelve sample runs in COMPARE and a lesson in TRAIN."""
    with tempfile.TemporaryDirectory() as folder:
        window, compare, _ = _open(application, Path(folder))
        window.open_train().choose_lesson("plain20-resnet20")
        for page in ("lessons", "claims", "train", "compare"):
            window.open(page)
            application.processEvents()
        _settle(application, compare)
        compare.show_only(list(compare.runs)[:12])
        _settle(application, compare)
        held, whole = [], []
        for number in range(6):
            turns = _turns(application, partial(theme.apply, (theme.DARK, theme.LIGHT)[number % 2]))
            held.append(max(turns))
            whole.append(sum(turns))
        yield Row(
            "a change of theme, every page filled: longest freeze, median and worst",
            f"{ms(sorted(held)[3])}, {ms(max(held))}",
            f"{len(application.allWidgets())} widgets, all of them in {ms(sorted(whole)[3])}",
            "300 ms",
        )
        scene, turns = compare.display.scene(), []
        compare.report_writer.start(scene, Path(folder) / "report.html")
        while compare.report_writer.busy:
            began = time.perf_counter()
            application.processEvents()
            turns.append(time.perf_counter() - began)
        yield Row("a report of 12 runs", ms(sum(turns)), f"longest freeze {ms(max(turns))}", "100 ms")
        window.close()


def _large(application: QApplication, root: Path) -> Iterator[Row]:
    window, compare, _ = _open(application, root)
    _settle(application, compare)
    (key,) = (key for key, run in compare.runs.items() if not run.sample)
    times = []
    for _ in range(5):
        compare.show_only([])
        _settle(application, compare)
        compare.histories.forget()
        began = time.perf_counter()
        compare.show_only([key])
        _settle(application, compare)
        times.append(time.perf_counter() - began)
    name, steps = LARGE
    yield Row(f"a click on a run of {name}, {steps} steps, to all views drawn", ms(sorted(times)[2]), "", "300 ms")
    window.close()


def _open(application: QApplication, root: Path) -> tuple[MainWindow, CompareController, float]:
    window = MainWindow(root)
    window.resize(1440, 900)
    window.show()
    application.processEvents()
    began = time.perf_counter()
    window.open("compare")
    application.processEvents()
    return window, window.open_compare(), time.perf_counter() - began


def _settle(application: QApplication, compare: CompareController) -> None:
    while compare.busy:
        application.processEvents()
        if compare.histories.reading:
            time.sleep(0.001)  # as the window does while a thread reads: spinning would keep it from its work
    application.processEvents()


def _times(application: QApplication, work: object, count: int) -> tuple[float, float]:
    times = []
    for number in range(count):
        began = time.perf_counter()
        work(number)  # type: ignore[operator]
        application.processEvents()
        times.append(time.perf_counter() - began)
    times.sort()
    return times[count // 2], times[-1]


def _turns(application: QApplication, work: Callable[[], None]) -> list[float]:
    """Seconds of some work, and of each turn of the event loop behind it, until nothing follows for a while."""
    turns = [seconds(work)]
    while len(turns) < 4 or max(turns[-3:]) > 0.001:
        turns.append(seconds(application.processEvents))
    return turns


def _write(root: Path, name: str, steps: int, seed: int) -> None:
    """A run of made-up numbers, with every layer of the net."""
    spec = catalogue.find(name)
    layers = run_layers(build(spec), TrainConfig())
    info = {"spec": spec.model_dump(), "recipe": {"data": "digits16", "steps": steps, "seed": seed}, "seed": seed}
    writer = RunWriter(root, {**info, "device": "cpu", "versions": {}}, layers)
    rows = _rows(layers, steps, seed)
    for start in range(0, steps, _BATCH):  # as they come while a net trains
        writer.append({name: values[start : start + _BATCH] for name, values in rows.items()})
    writer.finish("finished", error=float(np.random.default_rng(seed).random()))


def _rows(layers: RunLayers, steps: int, seed: int) -> Rows:
    random, x = np.random.default_rng(seed), np.arange(steps)
    loss = 2.3 * np.exp(-3 * x / steps) + random.normal(0, 0.1, steps)
    made: Rows = {"step": x.astype(np.int64), "loss": loss, "error": np.clip(loss / 3, 0, 1)}
    for quantity in layers.quantities:
        width = layers.width(quantity.name) or 0
        made[quantity.name] = np.exp(random.normal(-3, 1, (steps, width))).astype(np.float32)
    return made
