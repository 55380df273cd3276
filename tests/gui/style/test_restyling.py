"""After a change of theme every widget has the new colours: those in sight at once, the others soon after."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSpinBox,
    QStackedWidget,
    QTableWidget,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from resviz.gui.main_window import MainWindow
from resviz.gui.style import theme


def page() -> QWidget:
    """Return a page with one widget of each usual kind."""
    made = QWidget()
    column = QVBoxLayout(made)
    chip, problem, own = QPushButton("chip"), QLabel("problem"), QLabel("own")
    chip.setObjectName("chip")
    chip.setCheckable(True)
    chip.setChecked(True)
    problem.setObjectName("problem")
    own.setStyleSheet("font-weight: bold")
    table = QTableWidget(2, 2)
    fields = (QLineEdit("text"), QSpinBox(), QComboBox(), QCheckBox("check"), QProgressBar(), QFrame())
    for widget in (QPushButton("button"), chip, problem, own, table, *fields):
        column.addWidget(widget)
    return made


def stack(qtbot: QtBot) -> QStackedWidget:
    made = QStackedWidget()
    made.addWidget(page())
    made.addWidget(page())
    made.resize(400, 600)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    made.setCurrentIndex(1)
    made.setCurrentIndex(0)
    return made


@pytest.mark.parametrize("soon", [False, True], ids=["shown at once", "shown later"])
def test_a_hidden_page_has_the_colours_of_a_new_one(qtbot: QtBot, soon: bool) -> None:
    theme.apply(theme.LIGHT)
    pages = stack(qtbot)
    theme.apply(theme.DARK)
    if soon:
        qtbot.wait(100)
    assert look_of(qtbot, pages, 1) == shown_in_dark_from_the_start(qtbot, 1)


def test_a_visible_page_has_its_colours_at_once(qtbot: QtBot) -> None:
    theme.apply(theme.LIGHT)
    pages = stack(qtbot)
    theme.apply(theme.DARK)
    assert look_of(qtbot, pages, 0, wait=0) == shown_in_dark_from_the_start(qtbot, 0)


def shown_in_dark_from_the_start(qtbot: QtBot, number: int) -> object:
    assert theme.current() == theme.DARK
    return look_of(qtbot, stack(qtbot), number)


def look_of(qtbot: QtBot, pages: QStackedWidget, number: int, wait: int = 100) -> object:
    pages.setCurrentIndex(number)
    pages.setFocus()  # no field has a cursor that blinks
    if wait:
        qtbot.wait(wait)
    return pages.grab().toImage()


def test_the_pages_of_the_window_look_as_if_it_had_opened_in_dark(qtbot: QtBot, window: MainWindow) -> None:
    names = ("build", "compare")  # the others wait for other processes, and change when they answer
    for name in names:
        window.open(name)
    qtbot.waitUntil(lambda: not window.open_compare().busy, timeout=20_000)
    window.open("build")
    theme.apply(theme.DARK)
    qtbot.wait(200)
    restyled = [look(qtbot, window, name) for name in names]
    window.open("build")
    theme.apply(theme.LIGHT, 1.2)  # a change of sizes styles every widget at once
    theme.apply(theme.DARK, 1.0)
    qtbot.wait(200)
    for name, picture in zip(names, restyled, strict=True):
        assert look(qtbot, window, name) == picture, name


def look(qtbot: QtBot, window: MainWindow, name: str) -> object:
    window.open(name)
    window.setFocus()
    qtbot.wait(300)
    return window.grab().toImage()
