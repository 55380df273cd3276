"""Details of the window, each of which a change could spoil without a trace in any other test."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QComboBox, QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from resviz.gui.builder.document import Document
from resviz.gui.builder.document_file import StoredDocument, restore_document, store_document
from resviz.gui.builder.training_sheet import TrainingSheet
from resviz.gui.compare.compare_controller import CompareController
from resviz.gui.files import dialogs
from resviz.gui.graph.zoom_view import ZOOM
from resviz.gui.lessons.ablation_picture import PathShares
from resviz.gui.lessons.block_page import BlockPage
from resviz.gui.main_window import MainWindow
from resviz.gui.plots import colour_scale
from resviz.gui.plots.curve import Curve
from resviz.gui.plots.curve_plot import STEP_AXIS, CurvePlot
from resviz.gui.plots.timeline import StepCursor
from resviz.gui.plots.views import VIEWS
from resviz.gui.presentation.decks import CompareDeck
from resviz.gui.style import theme
from resviz.nets import catalogue
from resviz.training.recipe import TrainConfig
from tests.gui.test_readout import point_at
from tests.helpers.compare_page import compare as compare
from tests.helpers.compare_page import show_only
from tests.helpers.played_worker import FALLING, LEVEL, Played, click, controller_of


def layer_rows(window: MainWindow) -> Any:
    window.build.view.show_tab("layers")
    return window.build.view.layer_panel.table.model()


def role(model: Any, row: int, column: int, what: Qt.ItemDataRole) -> Any:
    return model.data(model.index(row, column), what)


def test_in_the_layer_table_groups_are_bold_and_stages_have_their_colours(window: MainWindow) -> None:
    window.build.state.show_net(catalogue.find("resnet18"))
    model = layer_rows(window)
    colour = Qt.ItemDataRole.ForegroundRole
    names = [row.name for row in model.rows]
    conv, relu = names.index("layer1.0.conv1"), names.index("layer1.0.relu1")
    assert role(model, conv, 0, colour).name().upper() == theme.current().stage_colours(0)[1]
    assert role(model, conv, 1, colour) is None
    assert role(model, relu, 0, colour).name() == theme.current().dim.lower()
    assert role(model, conv, 0, Qt.ItemDataRole.FontRole) is None
    window.build.view.layer_panel._group("block")
    assert role(model, 0, 0, Qt.ItemDataRole.FontRole).bold()


def test_the_layer_table_counts_the_layers_that_it_finds(window: MainWindow) -> None:
    window.build.state.show_net(catalogue.find("resnet18"))
    layer_rows(window)
    panel = window.build.view.layer_panel
    panel.words.setText("layer4.1.conv")
    assert panel._found.text().startswith("2 of ")
    panel.words.setText("nowhere")
    assert "No layer contains" in panel._found.text()


def test_the_depth_is_said_only_where_it_is_not_the_number_of_layers(window: MainWindow) -> None:
    state, model = window.build.state, window.build.view.table.model()
    state.show_net(catalogue.find("resnet18"))
    texts = {str(model.data(model.index(row, state.selected_index + 2))) for row in range(model.rowCount())}
    assert "18" in texts
    assert not any("deep" in text for text in texts)
    state.show_net(catalogue.find("googlenet"))
    texts = {str(model.data(model.index(row, state.selected_index + 2))) for row in range(model.rowCount())}
    assert "58, 22 deep" in texts


@pytest.mark.parametrize("part", ["stage x", "stage", "7", "row nothing", "option depth"])
def test_a_kept_draft_of_an_unknown_part_harms_nothing(window: MainWindow, part: str) -> None:
    stored = store_document(window.build.state.document).model_dump()
    stored["nets"][0]["drafts"] = {part: "[3x3"}
    found = restore_document(StoredDocument.model_validate(stored))
    assert isinstance(found, Document)
    assert len(found.nets) == len(stored["nets"])


def test_a_picture_that_is_not_saved_after_all_says_nothing(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said: list[str] = []
    window.build.state.message.connect(said.append)
    monkeypatch.setattr(dialogs, "ask_where", lambda *given: None)
    window.build.graph.save_picture()
    assert not said
    monkeypatch.setattr(dialogs, "ask_where", lambda *given: tmp_path / "net.svg")
    window.build.graph.save_picture()
    assert (tmp_path / "net.svg").exists()
    assert len(said) == 1


@pytest.mark.parametrize(("net", "dotted"), [("resnet18", True), ("plain18", False)])
def test_shortcuts_that_change_dimensions_are_dotted_in_a_saved_picture(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, net: str, dotted: bool
) -> None:
    window.build.state.show_net(catalogue.find(net))
    for place in list(window.build.state.document.side_by_side):
        window.build.graph.toggle_side_by_side(place, False)
    monkeypatch.setattr(dialogs, "ask_where", lambda *given: tmp_path / "net.svg")
    window.build.graph.save_picture()
    assert ("stroke-dasharray" in (tmp_path / "net.svg").read_text()) is dotted


def test_a_chosen_data_set_stays_chosen_when_another_net_is_ticked(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    nets = [catalogue.find("cifar-resnet20"), catalogue.find("cifar-plain20")]
    sheet = TrainingSheet(nets, [0], None, parent)
    every = [sheet.data.itemData(index) for index in range(sheet.data.count())]
    chosen = next(name for name in every if not sheet._problems[name] and name != sheet.data.currentData())
    sheet.data.setCurrentIndex(sheet.data.findData(chosen))
    sheet._boxes[1].click()
    assert sheet.request().data == chosen


def turn_wheel(view: Any, turned: QPoint) -> None:
    place = QPointF(40, 40)
    none, control = Qt.MouseButton.NoButton, Qt.KeyboardModifier.ControlModifier
    phase = Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(
        place, QPointF(view.mapToGlobal(place.toPoint())), QPoint(), turned, none, control, phase, False
    )
    QApplication.sendEvent(view.viewport(), event)


def test_the_wheel_zooms_up_and_down_and_not_to_the_side(window: MainWindow) -> None:
    view = window.build.view.graph
    before = view.transform().m11()
    turn_wheel(view, QPoint(120, 0))
    assert view.transform().m11() == before
    turn_wheel(view, QPoint(0, 120))
    assert view.transform().m11() == pytest.approx(before * ZOOM)
    turn_wheel(view, QPoint(0, -120))
    assert view.transform().m11() == pytest.approx(before)


def test_the_axis_of_the_paths_ends_just_above_the_largest_share(qtbot: QtBot) -> None:
    picture = PathShares()
    qtbot.addWidget(picture)
    long, short = [SimpleNamespace(share=1.0)] * 12, [SimpleNamespace(share=1.0)] * 6
    picture.set_runs([SimpleNamespace(paths=long, name="a")] * 1)  # type: ignore[list-item]
    assert picture.most() == 0.1
    picture.set_runs([SimpleNamespace(paths=long, name="a"), SimpleNamespace(paths=short, name="b")])  # type: ignore[list-item]
    assert picture.most() == 0.2, "where the shorter net has no paths nothing is drawn"


@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf])
def test_a_gradient_that_is_no_positive_number_is_a_thin_arrow(window: MainWindow, value: float) -> None:
    window.open("lessons")
    lessons = window.open_lessons()
    lessons.chips.button("block").click()
    page = lessons.pages["block"]
    assert isinstance(page, BlockPage)
    picture = page.picture
    picture.grab()
    block = picture.blocks[0]
    gradients = [arrow.gradient for arrow in block.layout.arrows if arrow.gradient]
    picture.blocks[0] = replace(block, values=dict.fromkeys(gradients, value))
    assert not picture.grab().isNull()


def test_a_difference_is_blue_below_zero_white_at_zero_and_orange_above() -> None:
    colours = colour_scale.table(difference=True)
    assert tuple(colours[0]) == colour_scale._BLUE
    assert tuple(colours[255]) == colour_scale._ORANGE
    assert np.abs(colours[128].astype(int) - colour_scale._MIDDLE).max() <= 2
    assert tuple(colours[64]) not in (colour_scale._BLUE, colour_scale._MIDDLE)


def test_a_colour_scale_with_a_name_is_wider_by_a_line(qtbot: QtBot) -> None:
    scale = colour_scale.ColourScale()
    qtbot.addWidget(scale)
    scale.set_scale(0, 1, False)
    alone = scale.sizeHint().width()
    scale.set_scale(0, 1, False, "gradient")
    assert scale.sizeHint().width() == alone + scale.fontMetrics().height()


def long_curves(count: int, points: int = 131) -> list[Curve]:
    x = np.arange(points, dtype=float)
    return [Curve(f"net {number}", x, np.sin(x + number), "plain", number) for number in range(count)]


@pytest.fixture
def plot(qtbot: QtBot) -> CurvePlot:
    plot = CurvePlot()
    qtbot.addWidget(plot)
    plot.resize(500, 300)
    plot.show()
    return plot


def test_only_an_axis_of_steps_grows_in_large_strides(plot: CurvePlot) -> None:
    plot.set_labels("weight layer", "value")
    plot.set_curves(long_curves(1))
    depth = plot.plot.viewRange()[0][1]
    plot.set_labels(STEP_AXIS, "value")
    plot.set_curves(long_curves(1))
    assert depth < 135 < plot.plot.viewRange()[0][1], "the axis of a live curve would move at each step"
    plot.set_window((0.0, 120.0))
    plot.set_curves(long_curves(1))
    assert plot.plot.viewRange()[0][1] < 125


def test_of_many_curves_the_readout_lists_some_and_counts_the_rest(plot: CurvePlot) -> None:
    from resviz.gui.plots.curve_readout import _MAX_LINES

    plot.set_labels(STEP_AXIS, "value")
    plot.set_curves(long_curves(_MAX_LINES + 3))
    point_at(plot, 20.0)
    assert plot.readout.text.splitlines()[-1] == "and 3 more"


def test_the_step_cursor_explains_itself_once_there_are_steps(qtbot: QtBot) -> None:
    cursor = StepCursor()
    qtbot.addWidget(cursor)
    cursor.set_state(0, 100, 0, True, "")
    assert not cursor.timeline.toolTip()
    cursor.set_state(5, 100, 4, True, "")
    assert "Step 4 of 100" in cursor.timeline.toolTip()


def test_a_view_with_many_options_offers_all_of_them(played: Played) -> None:
    view, _runner = played
    display = controller_of(view).display
    many = next(one for one in VIEWS.values() if one.in_train and len(one.options) > 4)
    display.choose_view("main", many.name)
    boxes = [box for box in view.panels["main"].findChildren(QComboBox) if box.accessibleName() == "main option"]
    assert [boxes[-1].itemData(index) for index in range(boxes[-1].count())] == [key for key, _text in many.options]


def test_the_last_slide_of_compare_is_its_last_view(qtbot: QtBot, compare: CompareController) -> None:
    deck = CompareDeck(compare)
    show_only(qtbot, compare, next(iter(compare.runs)))
    views = len(compare.display.views)
    for _press in range(views + 2):
        deck.go(1)
    assert deck.slide().footer == f"view {views} of {views}"
    for _press in range(views + 2):
        deck.go(-1)
    assert deck.slide().footer == f"view 1 of {views}"


def test_text_can_be_made_smaller_than_normal(window: MainWindow) -> None:
    window.window_actions.zoom_out()
    assert window.preferences.current.zoom < 1
    window.window_actions.reset_zoom()


def test_the_recipe_page_has_an_editor_and_an_explanation_for_every_setting(played: Played) -> None:
    page = played[0].recipe_page
    assert set(TrainConfig.model_fields) - {"histogram_every", "weights"} <= set(page.editors)
    for name, editor in page.editors.items():
        assert editor.accessibleName() == name
        if isinstance(editor, QComboBox) and name == "optimizer":
            assert [editor.itemText(index) for index in range(editor.count())] == ["sgd", "nesterov", "adam"]
        if isinstance(editor, QComboBox) and name == "free":
            assert "True" not in [editor.itemText(index) for index in range(editor.count())]


def test_the_previous_run_is_out_of_reach_while_one_is_under_way(played: Played) -> None:
    view, runner = played
    train = controller_of(view)
    for _run in range(2):
        click(view.main)
        runner.begin()
        runner.measure(1, [FALLING, LEVEL])
        train._drain()
        assert not train.has_previous
        runner.end("finished")
    assert train.has_previous


def test_a_run_that_was_stopped_at_once_is_not_kept(played: Played, monkeypatch: pytest.MonkeyPatch) -> None:
    view, runner = played
    thrown: list[Path] = []
    monkeypatch.setattr("resviz.gui.train.short_runs.discard", thrown.append)
    click(view.main)
    runner.begin()
    runner.measure(1, [FALLING, LEVEL])
    runner.end("stopped")
    assert thrown == [Path("0"), Path("1")]


def test_the_measured_answer_alone_has_a_tick(qtbot: QtBot) -> None:
    from resviz.gui.lessons.story_text import AnswerButton

    button = AnswerButton("it vanishes")
    qtbot.addWidget(button)
    assert isinstance(button, QPushButton)
    button.mark(is_measured=True)
    assert button._label.text() == "✓ it vanishes"
    button.mark(is_measured=False)
    assert button._label.text() == "it vanishes"


def test_a_repeated_module_offers_to_show_each_of_its_repetitions(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    from tests.gui.test_models import Stacked, captured, opened

    window = opened(qtbot, captured(Stacked(), torch.zeros(1, 3, 8, 8)))
    view = window.picture.view
    shown: list[list[str]] = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, _at: shown.append([one.text() for one in menu.actions()]))
    view.open_module("body")
    for index in range(len(view.drawn_boxes())):
        place = view.mapFromScene(view.drawn_boxes()[index].area.center())
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, view.mapToGlobal(place))
        QApplication.sendEvent(view.viewport(), event)
    frames = view.picture.frames
    repeated = [bool(node.run or (frames[node.frame].run if node.frame >= 0 else "")) for node in view.picture.nodes]
    assert ["Show each of them" in texts for texts in shown] == repeated
    assert any(repeated)
    assert not all(repeated)


def test_an_answer_to_another_question_changes_nothing_on_the_page_of_the_chain(window: MainWindow) -> None:
    from resviz.gui.lessons.deep_chain_page import DeepChainPage

    window.open("lessons")
    lessons = window.open_lessons()
    lessons.chips.button("depth").click()
    page = lessons.pages["depth"]
    assert isinstance(page, DeepChainPage)
    before = dict(page._measured)
    page._answered("another", [1, 2], [3.0])
    page._answered("another", None, None)
    assert page._measured == before
