"""The picture as figure 3: folded and unfolded, side by side, searched, walked through by keyboard, coloured."""

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resviz.gui.graph.graph_items import BoxItem
from resviz.gui.main_window import MainWindow
from resviz.nets import catalogue
from tests.helpers.builder_clicks import RESNET34, click_head


def box(window: MainWindow, layer: str, net: int = 0) -> BoxItem:
    return next(item for item in window.build.view.graph.boxes if item.net == net and layer in item.box.layers)


def double_click(qtbot: QtBot, window: MainWindow, layer: str, net: int = 0) -> None:
    graph = window.build.view.graph
    graph.ensureVisible(box(window, layer, net).sceneBoundingRect())
    place = graph.box_centre(layer, net).toPoint()
    qtbot.mouseClick(graph.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseDClick(graph.viewport(), Qt.MouseButton.LeftButton, pos=place)


def choose(window: MainWindow, name: str, key: str) -> None:
    """An entry of one of the picture's two lists."""
    box = getattr(window.build.view.graph_panel, name)
    index = box.findData(key)
    box.setCurrentIndex(index)
    box.activated.emit(index)


def labels(window: MainWindow) -> list[str]:
    return [item.box.label for item in window.build.view.graph.boxes]


def test_figure_3_is_one_click(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.mouseClick(window.build.view.families.button("figure3"), Qt.MouseButton.LeftButton)
    graph = window.build.view.graph
    assert [column.spec.label for column in window.build.state.open_nets] == ["VGG-19 (E)", "plain-34", "ResNet-34"]
    assert {item.net for item in graph.boxes} == {0, 1, 2}
    assert len([item for item in graph._arcs if item.net == 2]) == 16
    assert not [item for item in graph._arcs if item.net < 2]
    QApplication.processEvents()
    seen = graph.mapToScene(graph.viewport().rect()).boundingRect()
    assert all(seen.contains(item.sceneBoundingRect().center()) for item in graph.boxes), "all of it is in sight"


def test_nets_side_by_side_have_maps_of_one_size_at_one_height(window: MainWindow) -> None:
    window.build.state.show_family("figure3")
    tops: dict[int, set[float]] = {}
    for net in range(3):
        for level in (112, 56, 28, 14, 7):
            own = [item.y() for item in window.build.view.graph.boxes if item.net == net and item.box.level == level]
            tops.setdefault(level, set()).add(min(own))
    assert all(len(found) == 1 for found in tops.values()), tops


def test_up_to_three_nets_of_a_table_stand_beside_each_other(window: MainWindow) -> None:
    menu = window.build.view.graph_panel._menu
    for name in ("ResNet-18", "ResNet-50", "ResNet-101"):
        next(action for action in menu.actions() if action.text() == name).trigger()
    drawn = [window.build.state.open_nets[index].spec.label for index in window.build.state.document.drawn_indices]
    assert drawn == ["ResNet-34", "ResNet-50", "ResNet-101"], "the first one made room"
    assert not window.build.view.layers.isVisible()
    for name in ("ResNet-50", "ResNet-101"):
        next(action for action in menu.actions() if action.text() == name).trigger()
    assert {item.net for item in window.build.view.graph.boxes} == {0}
    assert window.build.view.layers.isVisible()


def test_a_double_click_folds_a_block_with_its_counts_and_unfolds_it(qtbot: QtBot, window: MainWindow) -> None:
    whole = labels(window)
    double_click(qtbot, window, "layer2.1.conv1")
    folded = box(window, "layer2.1.conv1")
    assert folded.box.label == "3×3, 3×3, 128"
    assert folded.box.note == "295 424 params · 231.21 M FLOPs"
    assert "layer2.1.bn2" in folded.box.layers
    assert len(labels(window)) == len(whole) - 1
    assert len(window.build.view.graph._arcs) == 16, "its shortcut is still drawn"
    double_click(qtbot, window, "layer2.1.conv1")
    assert labels(window) == whole


def test_stages_and_blocks_fold_all_at_once(window: MainWindow) -> None:
    choose(window, "fold", "stage")
    assert labels(window) == [
        "image 3×224×224",
        "7×7 conv, 64, /2",
        "conv2_x: 3 blocks, 6 layers",
        "conv3_x: 4 blocks, 8 layers",
        "conv4_x: 6 blocks, 12 layers",
        "conv5_x: 3 blocks, 6 layers",
        "average pool",
        "fc, 1000",
    ]
    choose(window, "fold", "block")
    assert labels(window).count("3×3, 3×3, 256") == 6
    choose(window, "fold", "layer")
    assert len(labels(window)) == 37


def test_the_keyboard_walks_folds_and_unfolds(qtbot: QtBot, window: MainWindow) -> None:
    graph = window.build.view.graph
    graph.setFocus()
    qtbot.keyClick(graph, Qt.Key.Key_Home)
    assert window.build.state.layer == "input"
    for _ in range(3):
        qtbot.keyClick(graph, Qt.Key.Key_Down)
    assert window.build.state.layer == "layer1.0.conv1"
    qtbot.keyClick(graph, Qt.Key.Key_Left)
    assert box(window, "layer1.0.conv1").box.fold == "layer1.0"
    qtbot.keyClick(graph, Qt.Key.Key_Left)
    assert box(window, "layer1.0.conv1").box.fold == "conv2_x"
    qtbot.keyClick(graph, Qt.Key.Key_Down)
    assert window.build.state.layer == "layer2.0.conv1"
    qtbot.keyClick(graph, Qt.Key.Key_Up)
    qtbot.keyClick(graph, Qt.Key.Key_Right)
    assert not box(window, "layer1.0.conv1").box.fold
    qtbot.keyClick(graph, Qt.Key.Key_End)
    assert window.build.state.layer == "fc"


def test_the_keyboard_goes_to_the_net_beside(qtbot: QtBot, window: MainWindow) -> None:
    window.build.state.show_family("figure3")
    window.build.state.select_layer("layer2.0.conv1")
    graph = window.build.view.graph
    graph.setFocus()
    qtbot.keyClick(graph, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert window.build.state.open_net.spec.name == "plain34"
    assert window.build.state.layer == "layer2.0.conv1"
    qtbot.keyClick(graph, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert window.build.state.open_net.spec.name == "vgg19"
    qtbot.keyClick(graph, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert window.build.state.open_net.spec.name == "vgg19"


def test_zoom_and_fit_by_keyboard_and_wheel(qtbot: QtBot, window: MainWindow) -> None:
    graph = window.build.view.graph
    fitted = graph.transform().m11()
    qtbot.keyClick(graph, Qt.Key.Key_Plus)
    qtbot.keyClick(graph, Qt.Key.Key_Plus)
    assert graph.transform().m11() == pytest.approx(fitted * 1.44)
    assert graph.minimap is not None
    assert graph.minimap.isVisible(), "part of it is out of sight"
    window.resize(1290, 730)
    QApplication.processEvents()
    assert graph.transform().m11() == pytest.approx(fitted * 1.44), "a zoom that was chosen stays"
    qtbot.keyClick(graph, Qt.Key.Key_0)
    assert graph.transform().m11() < fitted * 1.2
    for _ in range(60):
        qtbot.keyClick(graph, Qt.Key.Key_Minus)
    assert graph.transform().m11() >= 0.005


def test_the_minimap_goes_where_it_is_clicked(qtbot: QtBot, window: MainWindow) -> None:
    window.build.state.add(catalogue.find("cifar-resnet110"))
    choose(window, "fold", "layer")
    graph = window.build.view.graph
    QApplication.processEvents()
    minimap = graph.minimap
    assert minimap is not None
    assert minimap.isVisible()
    before = graph.verticalScrollBar().value()
    qtbot.mouseClick(minimap, Qt.MouseButton.LeftButton, pos=QPoint(minimap.width() // 2, minimap.height() - 4))
    assert graph.verticalScrollBar().value() > before + 500
    middle = graph.viewport().rect().center()
    assert graph.items(QRect(middle - QPoint(15, 15), middle + QPoint(15, 15))), "boxes stand where it went"


def test_a_layer_is_found_by_its_name_and_the_next_one_behind_it(qtbot: QtBot, window: MainWindow) -> None:
    window.build.view.table.setFocus()
    qtbot.keyClick(window.build.view.table, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    line = window.build.view.graph_panel.find_line
    assert line.isVisible()
    qtbot.keyClicks(line, "layer3 conv2")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert window.build.state.layer == "layer3.0.conv2"
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert window.build.state.layer == "layer3.1.conv2"
    line.selectAll()
    qtbot.keyClicks(line, "inception")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert window.build.view.graph_panel.not_found.text() == "No layer contains 'inception'."
    assert window.build.state.layer == "layer3.1.conv2"
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert not line.isVisible()


@pytest.mark.parametrize("colour", ["parameters", "flops", "activations", "field"])
def test_colours_say_where_the_costs_are_and_the_legend_says_which(window: MainWindow, colour: str) -> None:
    stage = box(window, "layer1.0.conv1").ground().name()
    choose(window, "colour", colour)
    graph = window.build.view.graph
    assert all(item._fill is not None for item in graph.boxes)
    rows = {row.name: row for row in window.build.state.open_net.layers.rows}

    def cost(item: BoxItem) -> int:
        if colour == "field":
            return rows[item.box.layers[-1]].field.size[0]
        return sum(getattr(rows[layer], colour) for layer in item.box.layers)

    dearest = max(graph.boxes, key=cost)
    cheapest = min(graph.boxes, key=cost)
    assert dearest.ground().lightness() > cheapest.ground().lightness() + 60
    legend = window.build.view.graph_panel.legend.legend
    assert legend.scale is not None
    assert legend.scale[0] == "0"
    expected = {"parameters": "2.36 M", "flops": "118.01 M", "field": "1 091"}
    if colour in expected:
        assert legend.scale[1] == expected[colour]
    choose(window, "colour", "stage")
    assert box(window, "layer1.0.conv1").ground().name() == stage
    assert dict(window.build.view.graph_panel.legend.legend.swatches) == {f"conv{n + 2}_x": n for n in range(4)}


def test_stages_have_one_colour_in_table_picture_and_list(window: MainWindow) -> None:
    from resviz.gui.style import theme

    for layer, row in (("layer1.0.conv1", 0), ("layer4.2.conv2", 3)):
        assert box(window, layer).ground() == QColor(theme.LIGHT.stage_colours(row)[0])


def test_1202_layers_open_folded_and_a_stage_unfolds_to_its_blocks(qtbot: QtBot, window: MainWindow) -> None:
    window.build.state.add(catalogue.find("cifar-resnet1202"))
    assert len(labels(window)) == 7
    QApplication.processEvents()
    double_click(qtbot, window, "layer2.0.conv1")
    assert labels(window).count("3×3, 3×3, 32") == 200
    choose(window, "fold", "layer")
    assert len(labels(window)) == 1202 + 2


def test_the_picture_takes_the_room_of_the_layers_and_gives_it_back(qtbot: QtBot, window: MainWindow) -> None:
    view = window.build.view
    narrow = view.graph.width()
    qtbot.mouseClick(view.graph_panel.wide, Qt.MouseButton.LeftButton)
    QApplication.processEvents()
    assert view.graph.width() > 2 * narrow
    assert not view.layers.isVisible()
    qtbot.mouseClick(view.graph_panel.wide, Qt.MouseButton.LeftButton)
    QApplication.processEvents()
    assert view.layers.isVisible()
    assert abs(view.graph.width() - narrow) < 40


def test_a_click_on_a_net_beside_chooses_it_everywhere(qtbot: QtBot, window: MainWindow) -> None:
    window.build.state.show_family("figure3")
    QApplication.processEvents()
    graph = window.build.view.graph
    place = graph.box_centre("features.0", 0).toPoint()
    qtbot.mouseClick(graph.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert window.build.state.open_net.spec.name == "vgg19"
    assert window.build.state.layer == "features.0"
    assert window.build.state.document.drawn_indices == (0, 1, 2)
    click_head(qtbot, window, RESNET34)
    assert window.build.state.open_net.spec.name == "plain34"
    assert {item.net for item in graph.boxes} == {0, 1, 2}
