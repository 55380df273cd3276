"""The window: opening, BUILD at work, and staying awake while a net trains beside it."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from resviz.gui.app import make_application
from resviz.gui.main_window import MainWindow
from resviz.nets import catalogue
from tests.benchmarks import big_model, build, compare
from tests.benchmarks.timing import Row, ms, paired, seconds

SECONDS = 15
_OFFSCREEN = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
TRAININGS = (
    ("a duel of 20 layers", ("cifar-plain20", "cifar-resnet20"), 64, {"second": "heat"}),
    ("a net of 1202 layers", ("cifar-resnet1202",), 8, {"second": "heat", "third": "graph"}),
)
# Qt is imported where the program imports it. The processes end where the window is painted.
_OPEN = """
import builtins, os, sys
importing = builtins.__import__
def watch(name, *rest, **named):
    module = importing(name, *rest, **named)
    if name == "resviz.gui.app":
        from PySide6.QtWidgets import QApplication
        QApplication.exec = lambda application: (application.processEvents(), os._exit(0))
    return module
builtins.__import__ = watch
sys.argv = ["resviz"]
from resviz.__main__ import main
main()
"""
_EMPTY = """
import os
from PySide6.QtWidgets import QApplication, QMainWindow
application = QApplication([]); window = QMainWindow(); window.show(); application.processEvents(); os._exit(0)
"""

_PAGE = """
import sys, time
from pathlib import Path
from resviz.gui.app import make_application
from resviz.gui.main_window import MainWindow
application = make_application()
window = MainWindow(Path(sys.argv[1]))
window.show()
application.processEvents()
if sys.argv[3] == "loaded":
    window.preloader.start()
    window.preloader.wait()
began = time.perf_counter()
window.open(sys.argv[2])
application.processEvents()
print(time.perf_counter() - began)
window.close()
"""


def rows() -> Iterator[Row]:
    yield opening()
    yield from (first_time(page) for page in ("train", "compare"))
    application = make_application()
    with tempfile.TemporaryDirectory() as folder:
        window = MainWindow(Path(folder))
        window.resize(1440, 900)
        window.show()
        application.processEvents()
        yield from build.rows(application, window)
        yield from big_model.rows(application)
        for what, nets, batch, views in TRAININGS:
            yield from awake(application, window, what, nets, batch, views)
        train = window.open_train()  # the net of 1202 layers
        train.start()
        _until(application, lambda: train.training_state.done >= 2)
        window.confirm = lambda title, text: True  # nobody is there to answer
        closed = seconds(window.close)
        yield Row("closing while a net of 1202 layers trains", ms(closed), "", "2 s")
        _until(application, lambda: not train.runner.is_alive())
    yield from compare.rows(application)


def opening() -> Row:
    def run(program: str) -> None:
        subprocess.run([sys.executable, "-c", program], check=True, env=_OFFSCREEN)

    a, b, ratio = paired(lambda: run(_OPEN), lambda: run(_EMPTY), runs=9)
    return Row("window visible, whole process, warm", ms(a), f"{ratio:.1f} of {ms(b)} for an empty Qt window", "500 ms")


def first_time(page: str) -> Row:
    """Open a page first: with its code loaded beside the window, as it is a second after the start, and without."""

    def run(code: str) -> float:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-c", _PAGE, folder, page, code]
            return float(subprocess.run(command, check=True, capture_output=True, env=_OFFSCREEN).stdout)

    times = [(run("loaded"), run("not loaded")) for _ in range(7)]
    loaded, not_loaded = (statistics.median(one) for one in zip(*times, strict=True))
    return Row(f"{page} opened for the first time", ms(loaded), f"{ms(not_loaded)} if its code is not loaded yet", "")


def awake(
    application: QApplication, window: MainWindow, what: str, nets: tuple[str, ...], batch: int, views: dict[str, str]
) -> Iterator[Row]:
    """A 10 ms timer in the window's thread while nets train in the worker's: how late it comes."""
    train = window.open_train()
    window.open("train")
    config = train.setup.config.model_copy(update={"steps": 100_000, "batch": batch})
    train.editor.apply(replace(train.setup, specs=tuple(map(catalogue.find, nets)), config=config))
    for place, view in views.items():
        train.display.choose_view(place, view)
    beats: list[float] = []
    timer = QTimer()
    timer.setInterval(10)
    timer.timeout.connect(lambda: beats.append(time.perf_counter()))
    timer.start()
    train.start()
    _until(application, lambda: train.training_state.done >= 2)
    preparing = max(b - a for a, b in pairwise(beats))
    beats.clear()
    end = time.monotonic() + SECONDS
    _until(application, lambda: time.monotonic() > end)
    gaps = sorted(b - a for a, b in pairwise(beats))
    timer.stop()
    stopped = seconds(lambda: _stop(application, window))
    yield Row(
        f"10 ms timer while {what} trains, p99 and worst",
        f"{ms(gaps[int(len(gaps) * 0.99)])}, {ms(gaps[-1])}",
        f"median {ms(statistics.median(gaps))}; worst before the first step {ms(preparing)}",
        "33 ms, 100 ms",
    )
    yield Row(
        f"stop while {what} trains", ms(stopped), f"one step {ms(1 / (train.training_state.rate or 1))}", "200 ms"
    )
    _until(application, lambda: not train.runner.is_alive())  # the checkpoint is written beside


def _until(application: QApplication, done: Callable[[], bool]) -> None:
    while not done():
        application.processEvents()
        time.sleep(0.001)


def _stop(application: QApplication, window: MainWindow) -> None:
    window.open_train().stop()
    _until(application, lambda: window.open_train().state == "idle")
