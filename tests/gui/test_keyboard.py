"""The keyboard alone reaches everything: Tab walks through a page and comes back."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QTableView, QWidget
from pytestqt.qtbot import QtBot

from resviz.gui.main_window import MainWindow

LONGER_THAN_ANY_PAGE = 120


@pytest.mark.parametrize("page", ["build", "train", "compare"])
def test_tab_walks_through_a_page_and_is_held_by_no_table(qtbot: QtBot, window: MainWindow, page: str) -> None:
    window.open(page)
    first = QApplication.focusWidget()
    assert first is not None
    visited: list[QWidget] = []
    for _ in range(LONGER_THAN_ANY_PAGE):
        qtbot.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
        assert focused is not None
        if visited and focused is visited[0]:
            break
        visited.append(focused)
    else:
        pytest.fail("Tab does not come back")
    assert len(visited) == len(set(map(id, visited))) > 20
    assert first in visited
    tables = [table for table in window.findChildren(QTableView) if table.isVisible() and table.isEnabled()]
    reachable = [table for table in tables if table.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert reachable or page == "train"
    assert all(table in visited for table in reachable)


def test_a_key_finds_the_page_where_nothing_has_the_keyboard(qtbot: QtBot, window: MainWindow) -> None:
    window.open("build")
    focused = QApplication.focusWidget()
    assert focused is not None
    focused.clearFocus()
    assert QApplication.focusWidget() is None
    qtbot.keyClick(window, Qt.Key.Key_Down)
    now = QApplication.focusWidget()
    assert now is not None
    assert window._places["build"].isAncestorOf(now)


def test_escape_gives_the_keyboard_from_the_menu_bar_to_the_page(qtbot: QtBot, window: MainWindow) -> None:
    window.open("build")
    window.menuBar().setFocus()
    assert QApplication.focusWidget() is window.menuBar()
    qtbot.keyClick(window.menuBar(), Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is not window.menuBar())
    now = QApplication.focusWidget()
    assert now is not None
    assert window._places["build"].isAncestorOf(now)
