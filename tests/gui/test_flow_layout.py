"""Where a line has no room left, the next item begins a new one; items of one line stand on one middle line."""

import pytest
from PySide6.QtCore import QRect, QSize
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from typing_extensions import override

from resviz.gui.style.flow_layout import FlowLayout


class Item(QWidget):
    """A widget that asks for a size."""

    def __init__(self, width: int, height: int) -> None:
        super().__init__()
        self._size = QSize(width, height)

    @override
    def sizeHint(self) -> QSize:
        return self._size


@pytest.mark.parametrize(
    ("width", "lines"),
    [(154, [[0, 1, 2]]), (153, [[0, 1], [2]]), (99, [[0], [1], [2]]), (20, [[0], [1], [2]])],
    ids=["enough for all", "a pixel too narrow", "for one", "too narrow for any"],
)
def test_an_item_that_has_no_room_begins_a_new_line(qtbot: QtBot, width: int, lines: list[list[int]]) -> None:
    root = QWidget()
    qtbot.addWidget(root)
    items = [Item(50, 10), Item(50, 30), Item(46, 20)]
    layout = FlowLayout(items, spacing=4)
    root.setLayout(layout)
    layout.setGeometry(QRect(0, 0, width, layout.heightForWidth(width)))
    middles = [2 * item.y() + item.height() for item in items]
    by_line: dict[int, list[int]] = {}
    for number, middle in enumerate(middles):
        by_line.setdefault(middle, []).append(number)
    assert list(by_line.values()) == lines
    heights = [max(items[number].height() for number in line) for line in lines]
    assert layout.heightForWidth(width) == sum(heights) + 4 * (len(lines) - 1)
    assert all(item.x() == 0 for item in (items[line[0]] for line in lines))
