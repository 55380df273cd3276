"""BUILD, driven by mouse and keyboard: one net in three views, and nothing typed breaks it."""

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resviz.gui.builder.depth_table_model import FIRST_NET
from resviz.gui.builder.table_rows import CellRow, StageRow, TotalRow
from resviz.gui.main_window import MainWindow
from resviz.gui.style import theme
from tests.helpers.builder_clicks import (
    RESNET34,
    RESNET50,
    cell_text,
    click_cell,
    layers_shown,
    press_return,
    type_into_cell,
)


def test_table_1_comes_up_with_its_totals_beside_the_papers(window: MainWindow) -> None:
    assert [cell_text(window, column, TotalRow.FLOPS) for column in range(5)] == [
        "1.79 G",
        "3.64 G",
        "3.86 G",
        "7.57 G",
        "11.28 G",
    ]
    assert [cell_text(window, column, TotalRow.PRINTED) for column in range(5)] == [
        "✓ 1.8 G",
        "✓ 3.6 G",
        "≠ 3.8 G",
        "✓ 7.6 G",
        "✓ 11.3 G",
    ]
    assert cell_text(window, RESNET34, StageRow(1)) == "[3×3, 128; 3×3, 128] ×4"
    table = window.build.view.table
    sizes = [table.model().index(row, 1).data() for row in range(table.model().rowCount())]
    assert sizes == ["112×112; 56×56", "56×56", "28×28", "14×14", "7×7", "", "1×1", "", "", "", "", "", ""]
    fields = [cell_text(window, column, TotalRow.RECEPTIVE_FIELD) for column in range(5)]
    assert fields == ["435×435", "899×899", "483×483", "1027×1027", "1507×1507"], "as Araujo et al. 2019 print them"


def test_a_click_on_a_column_shows_that_net_everywhere(qtbot: QtBot, window: MainWindow) -> None:
    click_cell(qtbot, window, RESNET50, CellRow.STEM)
    assert window.build.state.open_net.spec.name == "resnet50"
    assert "layer1.0.conv3" in layers_shown(window)
    assert "25 557 032 parameters" in window._status["build"].text()
    assert "differs from table 1" in window._status["build"].text()


def test_a_cell_chosen_in_the_table_is_marked_in_graph_and_layers(qtbot: QtBot, window: MainWindow) -> None:
    click_cell(qtbot, window, RESNET34, StageRow(2))
    view = window.build.view
    marked = [box.box.label for box in view.graph._boxes if box._in_stage]
    assert marked == ["3×3 conv, 256, /2", *["3×3 conv, 256"] * 11]
    top = view.layers.rowAt(0)
    assert layers_shown(window)[top].startswith("layer3.0")


def test_a_layer_chosen_in_the_list_is_marked_in_table_and_graph(qtbot: QtBot, window: MainWindow) -> None:
    layers = window.build.view.layers
    row = layers_shown(window).index("layer2.0.conv2")
    layers.scrollTo(layers.model().index(row, 0))
    place = layers.visualRect(layers.model().index(row, 0)).center()
    qtbot.mouseClick(layers.viewport(), Qt.MouseButton.LeftButton, pos=place)
    table = window.build.view.table
    assert table.currentIndex() == table.cell_index(RESNET34, StageRow(1))
    assert [box.box.layers[0] for box in window.build.view.graph._boxes if box._marked] == ["layer2.0.conv2"]


def test_a_box_clicked_in_the_graph_is_chosen_in_table_and_list(qtbot: QtBot, window: MainWindow) -> None:
    graph = window.build.view.graph
    place = graph.box_centre("layer3.2.conv1").toPoint()
    qtbot.mouseClick(graph.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert window.build.state.layer == "layer3.2.conv1"
    layers = window.build.view.layers
    assert layers.currentIndex().row() == layers_shown(window).index("layer3.2.conv1")
    qtbot.keyClick(graph, Qt.Key.Key_Down)
    assert window.build.state.layer == "layer3.2.conv2"


def test_a_shortcut_is_solid_where_it_is_an_identity_and_dotted_where_dimensions_grow(window: MainWindow) -> None:
    arcs = [item.arc for item in window.build.view.graph._arcs]
    assert len(arcs) == 16
    assert [index for index, arc in enumerate(arcs) if arc.dotted] == [3, 7, 13]
    assert {arc.end - arc.start for arc in arcs} == {2}


def test_a_batch_normalisation_chosen_marks_its_convolutions_box(window: MainWindow) -> None:
    window.build.state.select_layer("layer1.1.bn2")
    assert [box.box.layers[0] for box in window.build.view.graph._boxes if box._marked] == ["layer1.1.conv2"]


def test_typing_a_cell_changes_the_totals_at_each_keystroke_that_parses(qtbot: QtBot, window: MainWindow) -> None:
    editor = type_into_cell(qtbot, window, RESNET34, StageRow(0), "[3x3,64; 3x3,64] x1")
    assert window.build.state.open_net.counts.weight_layers == 30
    qtbot.keyClicks(editor, "0")  # x10
    assert window.build.state.open_net.counts.weight_layers == 48
    press_return(qtbot, editor)
    assert cell_text(window, RESNET34, StageRow(0)) == "[3×3, 64; 3×3, 64] ×10"
    assert cell_text(window, RESNET34, TotalRow.PRINTED) == "—"


def test_escape_puts_back_what_stood_in_the_cell(qtbot: QtBot, window: MainWindow) -> None:
    before = window.build.state.open_net
    editor = type_into_cell(qtbot, window, RESNET34, StageRow(0), "[3x3,64] x9")
    assert window.build.state.open_net != before
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    assert window.build.state.open_net == before
    assert not window.build.state.drafts


@pytest.mark.parametrize(
    "text",
    [
        "[3x3,64; 3x",
        "3x3,0",
        "[3x3,1000000000; 3x3,64] x3",
        "[3x3,64; 3x3,64] x99999",
        "[3x3,64; 3x3,64; 3x3,64; 3x3,64; 3x3,64; 3x3,64; 3x3,64; 3x3,64; 3x3,64; 3x3,64] x2000",
        "it was a dark and stormy night",
        "[1x1,32] x1",
    ],
)
def test_a_cell_that_is_no_net_is_marked_with_its_reason_and_the_last_net_stays(
    qtbot: QtBot, window: MainWindow, text: str
) -> None:
    before = window.build.state.open_net
    editor = type_into_cell(qtbot, window, RESNET34, StageRow(1), text)
    press_return(qtbot, editor)
    draft = window.build.state.drafts.get((RESNET34, StageRow(1)))
    assert draft is not None, "every one of these texts is no net"
    assert draft.text == text
    assert window.build.view.options.problem.isVisible()
    assert window.build.view.options.problem.text() == draft.reason
    assert cell_text(window, RESNET34, StageRow(1)) == text
    assert window.build.state.open_net.counts.weight_layers > 0
    assert window.build.view.graph._boxes
    editor = type_into_cell(qtbot, window, RESNET34, StageRow(1), "[3x3,128; 3x3,128] x4")
    press_return(qtbot, editor)
    assert not window.build.state.drafts
    assert not window.build.view.options.problem.isVisible()
    assert window.build.state.open_net == before


def test_options_change_the_net_and_say_what_they_do(qtbot: QtBot, window: MainWindow) -> None:
    options = window.build.view.options
    a = window.build.state.open_net.counts
    qtbot.mouseClick(options.chips["shortcut"].button("C"), Qt.MouseButton.LeftButton)
    assert window.build.state.open_net.counts.parameters > a.parameters
    assert options.heading.text() == "ResNet-34 (changed)"
    qtbot.mouseClick(options.chips["unit"].button("plain"), Qt.MouseButton.LeftButton)
    assert not window.build.view.graph._arcs
    assert not options.chips["shortcut"].isEnabled()
    qtbot.mouseClick(options._reset, Qt.MouseButton.LeftButton)
    assert window.build.state.open_net.counts == a
    assert not options._reset.isVisible()


def test_another_input_changes_the_flops_and_a_wrong_one_is_refused(qtbot: QtBot, window: MainWindow) -> None:
    field = window.build.view.options.input
    flops = window.build.state.open_net.counts.flops
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "3x64x64")
    assert window.build.state.open_net.spec.input == (3, 64, 64)
    assert window.build.state.open_net.counts.flops < flops / 10
    qtbot.keyClick(field, Qt.Key.Key_Return)
    field.selectAll()
    qtbot.keyClicks(field, "three by three")
    assert window.build.state.open_net.spec.input == (3, 64, 64)
    assert "channels x height x width" in window.build.view.options.problem.text()
    field.selectAll()
    qtbot.keyClicks(field, "3x224x224")
    assert window.build.state.open_net.counts.flops == flops
    assert not window.build.view.options.problem.isVisible()


def test_every_family_is_one_click_away_and_drawn(qtbot: QtBot, window: MainWindow) -> None:
    view = window.build.view
    for key, nets in (("vgg", 5), ("cifar", 4), ("plain", 4), ("resnet", 5)):
        qtbot.mouseClick(view.families.button(key), Qt.MouseButton.LeftButton)
        assert view.table.model().columnCount() == nets + FIRST_NET
        for column in range(nets):
            click_cell(qtbot, window, column, TotalRow.FLOPS)
            assert window.build.state.selected_index == column
            assert len(view.graph._boxes) >= window.build.state.open_net.counts.weight_layers
            assert view.layers.model().rowCount() == len(window.build.state.open_net.graph)


def test_vgg_too_small_an_input_is_said_where_it_was_typed(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.mouseClick(window.build.view.families.button("vgg"), Qt.MouseButton.LeftButton)
    field = window.build.view.options.input
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "3x8x8")
    assert "The smallest input for this net is 3×32×32" in window.build.view.options.problem.text()


@pytest.mark.parametrize("family", ["resnet", "cifar", "vgg"])
@pytest.mark.parametrize("size", [(1200, 680), (1280, 720), (1920, 1080)])
def test_nothing_is_cut_off_or_left_out(window: MainWindow, size: tuple[int, int], family: str) -> None:
    window.resize(*size)
    window.build.state.show_family(family)
    QApplication.processEvents()
    view = window.build.view
    assert view.table.horizontalScrollBar().maximum() == 0
    columns = range(view.layers.model().columnCount())
    assert not any(view.layers.isColumnHidden(column) for column in columns), "those without room are scrolled to"
    header = view.layers.horizontalHeader()
    assert [header.visualIndex(column) for column in (0, 3, 4)] == [0, 1, 2], "sizes come first"
    sideways = view.graph.horizontalScrollBar()
    assert sideways.maximum() == sideways.minimum()
    if size[1] >= 720:
        assert view.table.verticalScrollBar().maximum() == 0
        layers = view.layers
        model = layers.model()
        for row in range(model.rowCount()):
            for column in (0, 2, 3, 4):
                text = str(model.index(row, column).data())
                assert layers.fontMetrics().horizontalAdvance(text) < layers.columnWidth(column), text


def test_another_theme_repaints_the_views_that_paint_themselves(qtbot: QtBot, window: MainWindow) -> None:
    view = window.build.view
    painted: list[QObject] = []

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                painted.append(watched)
            return False

    watch = Watch(window)
    viewports = [view.table.viewport(), view.graph.viewport(), view.layers.viewport()]
    QApplication.processEvents()
    for viewport in viewports:
        viewport.installEventFilter(watch)
    qtbot.mouseClick(window._theme_button, Qt.MouseButton.LeftButton)
    QApplication.processEvents()
    assert all(viewport in painted for viewport in viewports)
    for viewport in viewports:
        viewport.removeEventFilter(watch)


def test_the_theme_changes_every_view_at_once(qtbot: QtBot, window: MainWindow) -> None:
    light = window.grab().toImage().pixelColor(QPoint(640, 5))
    qtbot.mouseClick(window._theme_button, Qt.MouseButton.LeftButton)
    assert theme.current() is theme.DARK
    QApplication.processEvents()
    assert window.grab().toImage().pixelColor(QPoint(640, 5)).lightness() < light.lightness()
    qtbot.mouseClick(window._theme_button, Qt.MouseButton.LeftButton)


def test_a_cell_that_is_no_net_is_painted_as_wrong(window: MainWindow) -> None:
    table = window.build.view.table

    def ground() -> str:
        area = table.visualRect(table.cell_index(RESNET34, StageRow(1)))
        return table.viewport().grab(area).toImage().pixelColor(4, 4).name()

    assert ground() == QColor(theme.LIGHT.accent_soft).name()
    window.build.state.edit_cell(RESNET34, StageRow(1), "nonsense")
    QApplication.processEvents()
    assert ground() == QColor(theme.LIGHT.bad_soft).name()


def test_a_stage_can_be_taken_away_and_put_back(qtbot: QtBot, window: MainWindow) -> None:
    build = window.build
    build.state.edit_cell(RESNET34, StageRow(3), "")
    assert len(build.state.open_net.spec.stages) == 3
    build.state.edit_cell(RESNET34, StageRow(2), "")
    assert len(build.state.open_net.spec.stages) == 2
    build.state.edit_cell(RESNET34, StageRow(3), "3x3,512")
    assert "Fill in conv4_x first" in build.state.drafts[RESNET34, StageRow(3)].reason
    assert len(build.state.open_net.spec.stages) == 2
    for text in ("3x3,2", "3x3,25", "3x3,256"):  # a keystroke each
        build.state.edit_cell(RESNET34, StageRow(2), text)
    assert len(build.state.open_net.spec.stages) == 4, "what waited for it came in behind it"
    assert not build.state.drafts


def test_another_columns_stem_moves_no_row(window: MainWindow) -> None:
    window.build.state.edit_cell(RESNET34, CellRow.STEM, "")
    assert cell_text(window, RESNET34, StageRow(0)) == "[3×3, 64; 3×3, 64] ×3"
    assert cell_text(window, RESNET50, StageRow(0)).startswith("[1×1, 64")


def test_two_changes_that_are_right_only_together_can_be_typed_one_after_the_other(window: MainWindow) -> None:
    window.build.state.edit_cell(RESNET34, StageRow(3), "[3x3,64; 3x3,64] x3")
    assert "option B" in window.build.view.options.problem.text()
    window.build.state.edit("shortcut", "B")
    assert not window.build.state.drafts
    assert window.build.state.open_net.graph["layer4.0.conv1"].shape == (64, 7, 7)


def test_a_wrong_input_stays_as_it_was_typed(qtbot: QtBot, window: MainWindow) -> None:
    options = window.build.view.options
    window.build.state.edit("input", "3x7x")
    window.build.state.select_layer("conv1")
    assert options.input.text() == "3x7x"
    assert options.problem.isVisible()
    assert options._reset.isVisible()
    qtbot.mouseClick(options._reset, Qt.MouseButton.LeftButton)
    assert options.input.text() == "3×224×224"
    assert not options.problem.isVisible()
