"""What a person does in BUILD, for tests: by mouse and keyboard, on the real window."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from resviz.gui.builder.depth_table_model import FIRST_NET
from resviz.gui.builder.table_rows import TableRow
from resviz.gui.main_window import MainWindow

RESNET18, RESNET34, RESNET50 = 0, 1, 2


def cell_text(window: MainWindow, column: int, row: TableRow) -> str:
    return str(window.build.view.table.cell_index(column, row).data())


def click_cell(qtbot: QtBot, window: MainWindow, column: int, row: TableRow) -> None:
    table = window.build.view.table
    index = table.cell_index(column, row)
    table.scrollTo(index)
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(index).center())


def type_into_cell(qtbot: QtBot, window: MainWindow, column: int, row: TableRow, text: str) -> QLineEdit:
    """Double-click, select all, type; the editor stays open."""
    table = window.build.view.table
    index = table.cell_index(column, row)
    table.scrollTo(index)
    place = table.visualRect(index).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    (editor,) = (child for child in table.viewport().findChildren(QLineEdit) if child.isVisible())
    editor.selectAll()
    qtbot.keyClicks(editor, text)
    return editor


def press_return(qtbot: QtBot, editor: QLineEdit) -> None:
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    QApplication.processEvents()  # Qt closes an editor a moment later


def layers_shown(window: MainWindow) -> list[str]:
    model = window.build.view.layers.model()
    return [model.index(row, 0).data().strip() for row in range(model.rowCount())]


def click_head(qtbot: QtBot, window: MainWindow, column: int, double: bool = False) -> None:
    header = window.build.view.table.horizontalHeader()
    section = column + FIRST_NET
    place = header.viewport().rect().topLeft()
    place.setX(header.sectionViewportPosition(section) + header.sectionSize(section) // 2)
    place.setY(header.height() // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    if double:
        qtbot.mouseDClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)


def names(window: MainWindow) -> list[str]:
    return [column.spec.label for column in window.build.state.open_nets]


def press(window: MainWindow, action: str) -> None:
    """A button of the toolbar."""
    button = next(
        button
        for button in window.build.view.findChildren(type(window.build.view.add))
        if button.defaultAction() is window.build.view.actions_[action]
    )
    button.click()
