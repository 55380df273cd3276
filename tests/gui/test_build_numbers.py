"""The layers as a table, the sum behind each number, and two nets side by side."""

import csv
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resviz.analysis.layer_table import HEADINGS
from resviz.analysis.text_tables import FORMATS
from resviz.gui.builder.difference_panel import BarRow
from resviz.gui.builder.table_rows import StageRow, TotalRow
from resviz.gui.files import dialogs
from resviz.gui.main_window import MainWindow
from resviz.nets import catalogue
from tests.helpers.builder_clicks import (
    RESNET34,
    RESNET50,
    cell_text,
    click_cell,
    click_head,
    layers_shown,
    names,
    type_into_cell,
)

KEYS = [heading.key for heading in HEADINGS]


def click_figure(qtbot: QtBot, window: MainWindow, name: str, key: str) -> None:
    """A cell of the layer table."""
    layers = window.build.view.layers
    row = next(at for at, shown in enumerate(layers_shown(window)) if shown.split()[-1] == name)
    index = layers.model().index(row, KEYS.index(key))
    layers.scrollTo(index)
    qtbot.mouseClick(layers.viewport(), Qt.MouseButton.LeftButton, pos=layers.visualRect(index).center())


def click_heading(qtbot: QtBot, window: MainWindow, key: str) -> None:
    header = window.build.view.layers.horizontalHeader()
    section = KEYS.index(key)
    place = QPoint(header.sectionViewportPosition(section) + 12, header.height() // 2)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)


def explained(window: MainWindow) -> str:
    explanation = window.build.view.explain.explanation
    return explanation.text if explanation else ""


def tab(qtbot: QtBot, window: MainWindow, key: str) -> None:
    qtbot.mouseClick(window.build.view.tabs.button(key), Qt.MouseButton.LeftButton)


def bars(window: MainWindow) -> dict[str, BarRow]:
    return {row.part: row for row in window.build.view.differences.bars.rows}


def compare_with(window: MainWindow, title: str) -> None:
    others = window.build.view.differences.others
    index = others.findText(title)
    assert index >= 0, [others.itemText(at) for at in range(others.count())]
    others.setCurrentIndex(index)
    others.activated.emit(index)


def test_a_click_on_a_heading_sorts_largest_first_then_smallest_then_as_the_net_is(
    qtbot: QtBot, window: MainWindow
) -> None:
    order = layers_shown(window)
    rows = {row.name: row for row in window.build.state.open_net.layers.rows}
    click_heading(qtbot, window, "parameters")
    sizes = [rows[name].parameters for name in layers_shown(window)]
    assert sizes == sorted(sizes, reverse=True)
    click_heading(qtbot, window, "parameters")
    sizes = [rows[name].parameters for name in layers_shown(window)]
    assert sizes == sorted(sizes)
    click_heading(qtbot, window, "parameters")
    assert layers_shown(window) == order


def test_what_comes_first_in_a_new_order_is_in_sight(qtbot: QtBot, window: MainWindow) -> None:
    window.build.state.show_family("resnet")
    window.build.state.select_layer("conv1", 4)
    table = window.build.view.layers
    click_heading(qtbot, window, "parameters")
    assert table.verticalScrollBar().value() == 0
    assert table.currentIndex().row() > 0, "the selected layer is elsewhere"


def test_layers_are_filtered_by_typing_and_grouped_by_a_click(qtbot: QtBot, window: MainWindow) -> None:
    panel = window.build.view.layer_panel
    qtbot.keyClicks(panel.words, "conv3_x 3x3")
    assert layers_shown(window) == [f"layer2.{block}.conv{n}" for block in range(4) for n in (1, 2)]
    panel.words.clear()
    qtbot.keyClicks(panel.words, "nonsense")
    assert layers_shown(window) == []
    assert "No layer contains" in panel._found.text()
    panel.words.clear()
    qtbot.mouseClick(panel.groups.button("stage"), Qt.MouseButton.LeftButton)
    groups = ["▸ input", "▸ conv1", *(f"▸ conv{n}_x" for n in range(2, 6)), "▸ fc"]
    assert layers_shown(window) == groups
    model = window.build.view.layers.model()
    assert model.index(2, KEYS.index("parameters")).data() == "221 952"
    assert model.index(2, KEYS.index("kind")).data() == "22 layers"
    click_figure(qtbot, window, "conv3_x", "name")
    assert "layer2.0.conv1" in layers_shown(window)
    click_figure(qtbot, window, "conv3_x", "name")
    assert layers_shown(window) == groups
    qtbot.mouseClick(panel.groups.button("block"), Qt.MouseButton.LeftButton)
    assert "▸ layer3.5" in layers_shown(window)


def test_the_table_has_all_its_columns_where_there_is_room(window: MainWindow) -> None:
    window.resize(1920, 1080)
    QApplication.processEvents()
    layers = window.build.view.layers
    narrow = [key for at, key in enumerate(KEYS) if not layers.isColumnHidden(at)]
    assert {"name", "output", "parameters", "flops", "field", "share"} <= set(narrow)
    window.build.view._split.setSizes([200, 100, 1500])
    QApplication.processEvents()
    assert not any(layers.isColumnHidden(at) for at in range(len(KEYS)))
    row = layers_shown(window).index("layer4.2.conv2")
    shown = {key: layers.model().index(row, at).data() for at, key in enumerate(KEYS)}
    assert shown == {
        "name": "layer4.2.conv2",
        "kind": "3×3 conv, 512",
        "output": "512×7×7",
        "parameters": "2 359 296",
        "flops": "115 605 504",
        "share": "3.2%",
        "field": "899",
        "stride": "32",
        "activations": "25 088",
        "bytes": "100.4 kB",
    }


def test_the_rows_shown_are_copied_tab_separated(qtbot: QtBot, window: MainWindow) -> None:
    panel = window.build.view.layer_panel
    qtbot.keyClicks(panel.words, "conv2_x 3x3 conv")
    qtbot.mouseClick(panel.copy, Qt.MouseButton.LeftButton)
    lines = QApplication.clipboard().text().splitlines()
    assert lines[0].split("\t")[0] == "layer"
    assert [line.split("\t")[0] for line in lines[1:]] == [f"layer1.{b}.conv{n}" for b in range(3) for n in (1, 2)]
    assert lines[1].split("\t")[KEYS.index("flops")] == "115605504"
    assert "6 rows were copied" in window.statusBar().currentMessage()


@pytest.mark.parametrize("ending", FORMATS)
def test_the_table_is_written_in_each_format(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    target = tmp_path / f"layers.{ending}"
    monkeypatch.setattr(dialogs, "ask_where", lambda *given: target)
    action = next(action for action in window.build.view.layer_panel.export.menu().actions() if action.data() == ending)
    action.trigger()
    text = target.read_text(encoding="utf-8")
    assert "layer4.2.conv2" in text
    if ending == "csv":
        with target.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        assert sum(int(row["params"] or 0) for row in rows) == window.build.state.open_net.counts.parameters


def test_one_selection_in_editor_picture_and_table(qtbot: QtBot, window: MainWindow) -> None:
    click_figure(qtbot, window, "layer3.2.conv1", "name")
    view = window.build.view
    assert view.table.currentIndex() == view.table.cell_index(RESNET34, StageRow(2))
    assert [item.box.layers[0] for item in view.graph.boxes if item._marked] == ["layer3.2.conv1"]
    qtbot.mouseClick(view.layer_panel.groups.button("stage"), Qt.MouseButton.LeftButton)
    assert view.layers.currentIndex().data() == "▸ conv4_x", "its group, where it is closed"


@pytest.mark.parametrize(
    ("layer", "key", "expected"),
    [
        ("conv1", "flops", "7·7·3·64·112·112 = 118 013 952"),
        ("layer1.0.bn1", "parameters", "2·64 = 128"),
        ("conv1", "output", "⌊(224 + 2·3 − 7) / 2⌋ + 1 = 112"),
    ],
)
def test_a_number_of_a_layer_is_explained_by_a_click(
    qtbot: QtBot, window: MainWindow, layer: str, key: str, expected: str
) -> None:
    click_figure(qtbot, window, layer, key)
    assert expected in explained(window)
    assert expected.split(" = ")[0] in window.build.view.explain.text.toPlainText()


def test_a_sum_is_copied_with_its_convention(qtbot: QtBot, window: MainWindow) -> None:
    explain = window.build.view.explain
    assert not explain.copy.isVisible()
    click_figure(qtbot, window, "conv1", "flops")
    qtbot.mouseClick(explain.copy, Qt.MouseButton.LeftButton)
    copied = QApplication.clipboard().text()
    assert "7·7·3·64·112·112 = 118 013 952" in copied
    assert "multiply-adds of convolutions" in copied


def test_a_long_explanation_moves_nothing(qtbot: QtBot, window: MainWindow) -> None:
    room = window.build.view.table.width()
    tab(qtbot, window, "differences")
    compare_with(window, "bottleneck blocks")
    window.build.view.differences.bars.chosen.emit("conv3_x")
    QApplication.processEvents()
    assert "ResNet-34, bottleneck blocks − ResNet-34" in explained(window)
    assert window.build.view.table.width() == room


def test_a_projections_sum_is_the_one_of_the_blackboard(qtbot: QtBot, window: MainWindow) -> None:
    click_head(qtbot, window, RESNET50)
    click_figure(qtbot, window, "layer1.0.downsample.0", "flops")
    assert "1·1·64·256·56·56 = 51 380 224" in explained(window)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (TotalRow.FLOPS, "= 3 857 973 248"),
        (TotalRow.PARAMETERS, "= 25 557 032"),
        (TotalRow.WEIGHT_LAYERS, "= 50"),
        (TotalRow.MEMORY, "4·27 047 912 = 108 191 648"),
        (TotalRow.PRINTED, "none of the ways of counting that we tried gives it"),
    ],
)
def test_a_total_of_the_depth_table_is_explained_by_a_click(
    qtbot: QtBot, window: MainWindow, row: TotalRow, expected: str
) -> None:
    click_cell(qtbot, window, RESNET50, row)
    assert expected in explained(window)
    assert window.build.state.open_net.spec.name == "resnet50"


@pytest.mark.parametrize("by", ["block", "stage"])
@pytest.mark.parametrize("words", ["", "bn", "conv"])
def test_the_sum_of_a_group_is_the_groups_number(qtbot: QtBot, window: MainWindow, by: str, words: str) -> None:
    panel = window.build.view.layer_panel
    panel.groups.button(by).click()
    panel.words.setText(words)
    for row in panel._rows():
        for heading in HEADINGS:
            if heading.quantity in ("parameters", "flops", "activations") and heading.key != "share":
                window.build.view.layers.number_chosen.emit(row, heading.quantity)
                explanation = window.build.view.explain.explanation
                assert explanation is not None
                assert explanation.value == str(f"{getattr(row, heading.quantity):,}").replace(",", " ")


def test_of_two_nets_of_one_name_each_can_be_compared_with(qtbot: QtBot, window: MainWindow) -> None:
    window.build.state.duplicate()
    window.build.state.edit("shortcut", "C")
    click_head(qtbot, window, 0)
    tab(qtbot, window, "differences")
    others = window.build.view.differences.others
    assert [others.itemText(at) for at in range(2)] == ["ResNet-34", "ResNet-34"]
    shown = []
    for index in (0, 1):
        others.setCurrentIndex(index)
        others.activated.emit(index)
        shown.append(bars(window)["in all"].b_text)
        assert others.currentIndex() == index
    assert shown == ["21.62 M", "22.72 M"]


def test_a_variant_that_can_not_be_is_not_offered(window: MainWindow) -> None:
    window.build.state.edit_cell(RESNET34, StageRow(3), "[3x3,20000; 3x3,20000] x1")
    window.build.view.show_tab("differences")
    others = window.build.view.differences.others
    assert "bottleneck blocks" not in [others.itemText(at) for at in range(others.count())]


def test_stages_are_compared_as_the_table_sets_them_side_by_side(qtbot: QtBot, window: MainWindow) -> None:
    window.build.state.show_family("figure3")
    window.build.view.set_wide(False)
    tab(qtbot, window, "differences")
    compare_with(window, "VGG-19 (E)")
    assert bars(window)["conv3_x, 2_x"].a == 221_952
    assert bars(window)["conv3_x, 2_x"].b == 3 * (9 * 256 * 256 + 256) + 9 * 128 * 256 + 256


def test_an_explanation_follows_the_net_as_it_is_edited(qtbot: QtBot, window: MainWindow) -> None:
    click_figure(qtbot, window, "conv1", "flops")
    window.build.state.edit("input", "3x64x64")
    assert "7·7·3·64·32·32" in explained(window)
    click_head(qtbot, window, RESNET50)
    assert "7·7·3·64·112·112" in explained(window)


def test_multiply_and_add_are_counted_apart_everywhere_at_once(qtbot: QtBot, window: MainWindow) -> None:
    click_figure(qtbot, window, "conv1", "flops")
    window.build.graph.choose_fold("stage")
    tab(qtbot, window, "differences")
    window.build.state.compare(by="stage")
    window.build.view.differences.quantity.button("flops").click()
    once = bars(window)["in all"].a_text
    qtbot.mouseClick(window.build.view.counting_both, Qt.MouseButton.LeftButton)
    assert cell_text(window, RESNET34, TotalRow.FLOPS) == "7.29 G"
    assert cell_text(window, RESNET34, TotalRow.PRINTED) == "✓ 3.6 G", "the paper's own, in its own convention"
    assert "7.29 G FLOPs (×2)" in window._status["build"].text()
    assert "2·7·7·3·64·112·112 = 236 027 904" in explained(window)
    assert once == "3.64 G"
    assert bars(window)["in all"].a_text == "7.29 G"
    assert "1.39 G FLOPs" in window.build.view.graph.boxes[2].box.note
    tab(qtbot, window, "layers")
    model = window.build.view.layers.model()
    assert model.headerData(KEYS.index("flops"), Qt.Orientation.Horizontal) == "FLOPs ×2"
    assert model.index(layers_shown(window).index("conv1"), KEYS.index("flops")).data() == "236 027 904"
    qtbot.mouseClick(window.build.view.counting_both, Qt.MouseButton.LeftButton)
    assert cell_text(window, RESNET34, TotalRow.FLOPS) == "3.64 G"


def test_what_option_b_costs_is_shown_as_bars_and_explained(qtbot: QtBot, window: MainWindow) -> None:
    tab(qtbot, window, "differences")
    compare_with(window, "option B")
    found = bars(window)
    assert found["in all"].delta_text == "+173 824"
    assert found["conv2_x"].delta_text == "equal"
    assert found["conv3_x"].delta_text == "+8 448"
    window.build.view.differences.by.button("kind").click()
    assert bars(window)["projection"].delta_text == "+172 032"
    widget = window.build.view.differences.bars
    row = list(bars(window)).index("projection")
    qtbot.mouseClick(
        widget, Qt.MouseButton.LeftButton, pos=QPoint(30, int((row + 0.3) * widget.minimumHeight() / len(widget.rows)))
    )
    assert "172 032 − 0 = 172 032" in explained(window)
    window.build.view.differences.by.button("layer").click()
    assert "only in the second" in bars(window)["layer2.0.downsample.0"].what
    assert "conv1" not in bars(window), "only what differs"


@pytest.mark.parametrize(
    ("net", "other", "quantity", "expected"),
    [
        (RESNET50, "stride in the 3×3", "flops", "+231.21 M"),
        (RESNET34, "bottleneck blocks", "parameters", "+1.16 M"),
        (RESNET34, "plain", "parameters", "equal"),
        (RESNET34, "ResNet-50", "parameters", "+3.93 M"),
    ],
)
def test_a_net_is_compared_with_others_of_the_table_and_with_itself_changed(
    qtbot: QtBot, window: MainWindow, net: int, other: str, quantity: str, expected: str
) -> None:
    click_head(qtbot, window, net)
    tab(qtbot, window, "differences")
    compare_with(window, other)
    window.build.view.differences.quantity.button(quantity).click()
    assert bars(window)["in all"].delta_text == expected


def test_fully_connected_layers_against_a_pooled_head(qtbot: QtBot, window: MainWindow) -> None:
    window.build.state.add(catalogue.find("vgg16"))
    tab(qtbot, window, "differences")
    compare_with(window, "average pool instead of fc layers")
    window.build.view.differences.by.button("kind").click()
    assert bars(window)["fc"].a_text == "123.64 M"
    assert bars(window)["fc"].b_text == "513 000"
    qtbot.mouseClick(window.build.view.differences.add, Qt.MouseButton.LeftButton)
    assert names(window)[3] == "VGG-16 (D), average pool instead of fc layers"


def test_differences_follow_typing_and_survive_a_net_alone(qtbot: QtBot, window: MainWindow) -> None:
    tab(qtbot, window, "differences")
    compare_with(window, "ResNet-18")
    type_into_cell(qtbot, window, RESNET34, StageRow(0), "[3x3,64; 3x3,64] x2")
    assert bars(window)["conv2_x"].delta_text == "equal"
    window.build.state.show_family("blank")
    assert window.build.view.differences.bars.rows or window.build.view.differences.note.text()


def test_columns_of_the_layer_table_grow_with_the_text(window: MainWindow) -> None:
    table = window.build.view.layers
    before = table.columnWidth(KEYS.index("flops"))
    window.preferences.update(zoom=1.5)
    QApplication.processEvents()
    assert table.columnWidth(KEYS.index("flops")) > 1.2 * before
    window.preferences.update(zoom=1.0)
    QApplication.processEvents()
    assert table.columnWidth(KEYS.index("flops")) == before
