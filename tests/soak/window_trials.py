"""The window in use: random actions on every page, and a training watched for minutes."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from random import Random

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import psutil
from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QApplication

from resviz.gui.app import make_application
from resviz.gui.main_window import MainWindow
from resviz.gui.plots.views import compare_views, train_views
from resviz.gui.shell.garbage import collect_between_actions
from resviz.gui.style import theme
from tests.gui.test_build_monkey import do_something
from tests.soak.trial import Attempt, Trial

LIMIT = 0.1
"""Seconds that an action may hold the window."""


def memory() -> float:
    """Megabytes that this process holds."""
    return psutil.Process().memory_info().rss / 1e6


class Watchdog:
    """Notes the longest turn of the window's event loop, and what was done in it."""

    def __init__(self) -> None:
        self.longest: dict[str, float] = {}

    @contextmanager
    def watching(self, what: str) -> Iterator[None]:
        """Watch an action and what follows at once: a timer beats between any two turns of the event loop."""
        beats = [time.perf_counter()]
        timer = QTimer()
        timer.timeout.connect(lambda: beats.append(time.perf_counter()))
        timer.start(0)
        yield
        timer.stop()
        beats.append(time.perf_counter())
        self.longest[what] = max(self.longest.get(what, 0.0), *(after - before for before, after in pairwise(beats)))

    def slow(self) -> str:
        """The actions that took longer than the limit, with the longest time of each."""
        found = sorted(((seconds, what) for what, seconds in self.longest.items() if seconds > LIMIT), reverse=True)
        return ", ".join(f"{what} {seconds * 1000:.0f} ms" for seconds, what in found) or "none"


WATCHDOG = Watchdog()


KINDS = (*("build",) * 4, "page", "lesson", "shown", "view", "filter", "theme")
"""What a random action may be. Half of the time it is done in Build."""


def _act(window: MainWindow, chance: Random, what: str) -> None:
    """Do something of this kind at random."""
    train, compare = window.open_train(), window.open_compare()
    if what == "build":
        window.open("build")
        do_something(window, chance)
    elif what == "page":
        window.open(chance.choice(("build", "train", "compare", "lessons", "claims")))
    elif what == "lesson":
        window.open("train")
        train.choose_lesson(chance.choice(("plain20-resnet20", "plain56-resnet56", "highway", "options")))
    elif what == "shown":
        window.open("compare")
        keys = list(compare.runs)
        compare.show_only(chance.sample(keys, min(len(keys), chance.randrange(8))))
    elif what == "view":
        for display, views in ((compare.display, compare_views()), (train.display, train_views())):
            display.choose_view(chance.choice(list(display.views)), chance.choice([view.name for view in views]))
    elif what == "filter":
        compare.view.browser.filter.setText(chance.choice(("", "plain", "depth:20", "nothing", "(")))
    else:
        theme.apply(chance.choice((theme.DARK, theme.LIGHT)))


def _window(folder: Path) -> MainWindow:
    window = MainWindow(folder)
    window.confirm = lambda title, text: True
    window.resize(1440, 900)
    window.show()
    QApplication.processEvents()
    collect_between_actions(window)  # as the program does
    window.open_train(), window.open_compare()
    QApplication.processEvents()
    return window


def _actions(folder: Path) -> Attempt:
    application = make_application()
    window = _window(folder / "runs")

    def attempt(chance: Random, _folder: Path) -> str:
        what = chance.choice(KINDS)
        with WATCHDOG.watching(what):
            _act(window, chance, what)
            QApplication.processEvents()
        application.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        return "done"

    return attempt


def _used(folder: Path) -> Attempt:
    """A minute of a person who does something every two seconds, and now and then starts or stops a training."""
    application = make_application()
    window = _window(folder / "used")

    def attempt(chance: Random, _folder: Path) -> str:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            train = window.open_train()
            if chance.random() < 0.1:
                window.open("train")
                if train.state == "idle":
                    train.start()
                else:
                    train.stop()
            what = chance.choice(KINDS)
            with WATCHDOG.watching(what):
                _act(window, chance, what)
                QApplication.processEvents()
            pause = time.monotonic() + 2
            while time.monotonic() < pause:
                application.processEvents()
                application.sendPostedEvents(None, QEvent.Type.DeferredDelete)
                time.sleep(0.005)
        return f"{memory() // 50 * 50:.0f} MB"

    return attempt


def _watched(folder: Path) -> Attempt:
    application = make_application()
    window = _window(folder / "watched")
    window.open("train")
    train = window.open_train()
    train.editor.change("steps", "100000")
    train.start()

    def attempt(chance: Random, _folder: Path) -> str:
        end = time.monotonic() + 6
        train.display.choose_view(
            chance.choice(list(train.display.views)), chance.choice([view.name for view in train_views()])
        )
        while time.monotonic() < end:
            application.processEvents()
            time.sleep(0.005)
        assert train.state in ("preparing", "running"), train.view.problem.text()
        return f"{memory() // 100 * 100:.0f} MB"

    return attempt


def _close() -> None:
    for window in QApplication.topLevelWidgets():
        if isinstance(window, MainWindow):
            window.close()
            window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


TRIALS = (
    Trial("a random action in the window", 4500, _actions, _close),
    Trial("a minute of use, by memory", 60, _used, _close),
    Trial("6 s of a training with changing views, by memory", 120, _watched, _close),
)
