"""For tests with widgets: the theme is on, and no widget, timer or thread outlives its test."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QThread, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resviz.gui.app import make_application
from resviz.gui.main_window import MainWindow
from resviz.gui.style import theme
from tests.helpers.compare_page import compare as compare
from tests.helpers.played_worker import played as played


@pytest.fixture(autouse=True)
def _light(qapp: QApplication) -> None:
    make_application()
    theme.apply(theme.LIGHT)


@pytest.fixture(autouse=True)
def _nothing_is_left(qapp: QApplication, _light: None) -> Iterator[None]:
    before = {id(widget) for widget in qapp.topLevelWidgets()}
    gc.collect()  # what the last test has left would stay for ever
    gc.freeze()  # what is there already is not looked through again after the test: it is most of what there is
    yield
    qapp.processEvents()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    widgets = [widget for widget in qapp.topLevelWidgets() if id(widget) not in before and widget.isVisible()]
    assert not widgets, f"widgets left on screen: {widgets}"
    # By type(): isinstance() asks the object itself, and some libraries' lazy objects then load or warn.
    objects = [thing for thing in gc.get_objects() if issubclass(type(thing), QThread | QTimer)]
    running = [thing for thing in objects if _alive(thing)]
    assert not running, f"timers or threads left running: {running}"


def _alive(thing: QThread | QTimer) -> bool:
    try:
        return thing.isRunning() if isinstance(thing, QThread) else thing.isActive()
    except RuntimeError:  # its C++ object is gone
        return False


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path) -> Iterator[MainWindow]:
    """The real window, its runs in a folder of the test's."""
    window = MainWindow(tmp_path / "runs")
    window.resize(1280, 720)
    window.confirm = lambda title, text: True  # nobody is there to answer
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    yield window
    window.close()
