"""The tables of Build in a small window: what does not fit is scrolled or elided, and never cut in two."""

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resviz.analysis.layer_table import HEADINGS
from resviz.gui.builder.cell_delegate import CellDelegate
from resviz.gui.builder.cell_lines import layout_lines
from resviz.gui.builder.depth_table_model import FIRST_NET, ROW_NAME
from resviz.gui.builder.frozen_columns import FrozenColumns
from resviz.gui.main_window import MainWindow

SIZES = ((1024, 768), (1280, 720), (1440, 900))


def small(window: MainWindow, family: str, size: tuple[int, int]) -> None:
    window.resize(*size)
    window.build.state.show_family(family)
    for _ in range(3):
        QApplication.processEvents()


def test_the_names_of_the_rows_stay_in_sight_where_nets_are_scrolled_sideways(qtbot: QtBot, window: MainWindow) -> None:
    small(window, "resnet", (1024, 768))
    table = window.build.view.table
    (frozen,) = table.findChildren(FrozenColumns)
    across = table.horizontalScrollBar()
    assert across.maximum() > 0
    assert not frozen.isVisible()

    across.setValue(across.maximum())
    assert frozen.isVisible()
    row = table.rowAt(60)
    inside = QPoint(10, table.rowViewportPosition(row) + 5)
    shown = frozen.indexAt(frozen.viewport().mapFromGlobal(table.viewport().mapToGlobal(inside)))
    assert (shown.row(), shown.column()) == (row, ROW_NAME)
    assert frozen.width() == table.columnWidth(0) + table.columnWidth(1)
    with qtbot.waitSignal(table.clicked):
        qtbot.mouseClick(frozen.viewport(), Qt.MouseButton.LeftButton, pos=frozen.visualRect(shown).center())
    assert not frozen.hasFocus()

    across.setValue(0)
    assert not frozen.isVisible()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("family", ["inception", "vgg", "resnet"])
def test_no_line_of_a_cell_is_cut(window: MainWindow, family: str, size: tuple[int, int]) -> None:
    small(window, family, size)
    table = window.build.view.table
    model, delegate = table.model(), table.itemDelegate()
    assert isinstance(delegate, CellDelegate)
    font = table.font()
    font.setPointSizeF(font.pointSizeF() * delegate.scale)
    metrics = QFontMetrics(font)
    for row in range(model.rowCount()):
        for column in range(model.columnCount()):
            lines = layout_lines(str(model.index(row, column).data() or "")).lines
            written = metrics.boundingRect(QRect(0, 0, 1000, 1000), Qt.AlignmentFlag.AlignLeft, "\n".join(lines))
            assert table.rowHeight(row) >= written.height(), model.index(row, ROW_NAME).data()


@pytest.mark.parametrize("size", SIZES)
def test_no_number_of_the_layers_is_cut_where_the_table_is_not_scrolled(
    window: MainWindow, size: tuple[int, int]
) -> None:
    small(window, "resnet", size)
    window.build.state.select_cell(FIRST_NET, None)
    window.build.view.show_tab("layers")
    for _ in range(3):
        QApplication.processEvents()
    table = window.build.view.layer_panel.table
    room = table.viewport().width()
    for place, heading in enumerate(HEADINGS):
        if not table.isColumnHidden(place):
            left, width = table.columnViewportPosition(place), table.columnWidth(place)
            assert left >= room or left + width <= room or heading.key not in ("parameters", "flops"), heading.key
