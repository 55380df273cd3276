"""TRAIN's views: any of them in any panel, all at one step, whatever lesson is on."""

import re

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from resviz.base.errors import NetError, RecipeError
from resviz.experiments.lessons import find_lesson, lessons
from resviz.gui.main_window import MainWindow
from resviz.gui.plots.block_picture import BlockPane
from resviz.gui.plots.graph_pane import GraphPane
from resviz.gui.plots.heat_plot import HeatPlot
from resviz.gui.plots.table_pane import TablePane
from resviz.gui.plots.views import train_views
from resviz.gui.train.train_views import DEFAULT_VIEWS
from resviz.gui.train.training_setup import TrainingSetup, distinct_names
from resviz.nets.spec import NetSpec
from resviz.training.recipe import TrainConfig
from tests.helpers.played_worker import FALLING, LEFT, LEVEL, Played, PlayedRunner, click, controller_of


def measured(qtbot: QtBot, played: Played, steps: int = 30) -> None:
    """A duel whose plain net's response gradient is 10^-step at layer 1."""
    view, runner = played
    click(view.main)
    runner.begin()
    for step in range(steps):
        gradient = FALLING.copy()
        gradient[0] = 10.0**-step
        runner.measure(step + 1, [gradient, LEVEL], loss=float(step))
    controller = controller_of(view)
    qtbot.waitUntil(lambda: bool(controller.histories) and controller.histories[0].count == steps)
    qtbot.waitUntil(lambda: not controller.display.waiting)


def first_layers(played: Played) -> float:
    """What the hero shows of layer 1 of the plain net."""
    return float(played[0].panels["main"].curves.curves[0].y[0])


def test_the_cursor_goes_back_in_every_view_while_training_goes_on(qtbot: QtBot, played: Played) -> None:
    view, runner = played
    controller = controller_of(view)
    measured(qtbot, played)
    controller.display.choose_view("third", "heat")
    controller.display.choose_view("second", "graph")
    assert first_layers(played) == pytest.approx(-29)
    controller.display.move_cursor(7)
    qtbot.waitUntil(lambda: not controller.display.waiting)
    assert first_layers(played) == pytest.approx(-7)
    assert view.panels["training"].curves._cursor.value() == 7
    assert view.panels["third"].heat._places[0].cursor.value() == 7
    assert "step 7" in view.panels["second"].graph.note.text()
    qtbot.waitUntil(lambda: "response_gradient@7" in view.readout.text())  # the words follow the views
    assert "showing step 7" in view.step_cursor.label.text()

    runner.measure(31, [FALLING, LEVEL])
    qtbot.waitUntil(lambda: controller.histories[0].count == 31)
    qtbot.waitUntil(lambda: not controller.display.waiting)
    assert first_layers(played) == pytest.approx(-7), "what is looked at stands still"
    click(view.step_cursor.live)
    qtbot.waitUntil(lambda: not controller.display.waiting)
    assert first_layers(played) == pytest.approx(np.log10(FALLING[0]))
    runner.end("finished")


def test_the_cursor_is_moved_by_mouse_and_keyboard(qtbot: QtBot, played: Played) -> None:
    view, runner = played
    controller = controller_of(view)
    measured(qtbot, played)
    timeline = view.step_cursor.timeline
    at = QPoint(round(timeline.position(11)), timeline.height() // 2)
    QTest.mouseClick(timeline, LEFT, pos=at)
    assert controller.display.cursor == 11
    for key, expected in (
        (Qt.Key.Key_Right, 12),
        (Qt.Key.Key_Left, 11),
        (Qt.Key.Key_PageDown, 21),
        (Qt.Key.Key_End, 29),
        (Qt.Key.Key_Home, 0),
        (Qt.Key.Key_Left, 0),
    ):
        QTest.keyClick(timeline, key)
        assert controller.display.cursor == expected
    QTest.mouseClick(timeline, LEFT, pos=QPoint(timeline.width() - 1, 5))
    assert controller.display.cursor == 29, "no further than what was measured"
    runner.end("finished")


def test_a_click_in_the_loss_or_the_heat_map_moves_the_cursor(qtbot: QtBot, played: Played) -> None:
    view, runner = played
    controller = controller_of(view)
    measured(qtbot, played)
    controller.display.choose_view("second", "heat")
    qtbot.wait(50)
    for plot in (view.panels["training"].curves.plot, view.panels["second"].heat._places[1].plot):
        box = plot.getPlotItem().getViewBox()
        scene = box.mapViewToScene(box.viewRect().center())
        QTest.mouseClick(plot.viewport(), LEFT, pos=plot.mapFromScene(scene))
        assert controller.display.cursor is not None
        assert abs(controller.display.cursor - 14) <= 2
        controller.display.move_cursor(-1)
        assert controller.display.cursor is None
    runner.end("finished")


def test_playing_back_passes_through_the_steps_to_the_end(qtbot: QtBot, played: Played) -> None:
    view, runner = played
    controller = controller_of(view)
    measured(qtbot, played)
    seen: list[int] = []
    view.step_chosen.connect(seen.append)
    view.step_cursor.speed.setValue(100)
    click(view.step_cursor.play)
    assert controller.display.cursor == 0
    qtbot.waitUntil(lambda: controller.display.cursor == 29, timeout=10_000)
    assert seen == sorted(seen)
    assert len(seen) > 5
    qtbot.waitUntil(lambda: not view.step_cursor.play.isChecked())
    click(view.step_cursor.play)
    click(view.step_cursor.live)
    assert not view.step_cursor.play.isChecked()
    assert controller.display.cursor is None
    runner.end("finished")


@pytest.mark.parametrize("name", [view.name for view in train_views()])
def test_every_view_stands_in_every_panel_before_mid_run_and_rewound(qtbot: QtBot, played: Played, name: str) -> None:
    view, runner = played
    controller = controller_of(view)
    for place in DEFAULT_VIEWS:
        controller.display.choose_view(place, name)
    measured(qtbot, played, 5)
    for place in DEFAULT_VIEWS:
        panel = view.panels[place]
        assert panel.view.name == name
        if panel.view.surface is HeatPlot:
            assert len(panel.heat.pictures) == 2
            assert all(np.isfinite(picture.values).any() for picture in panel.heat.pictures)
        elif panel.view.surface is GraphPane:
            assert all(any(box._fill is not None for box in graph._boxes) for graph in panel.graph.graphs)
        elif panel.view.surface is BlockPane:
            assert all(block.values for block in panel.surface(BlockPane).picture.blocks)
        elif panel.view.surface is TablePane:
            content = panel.surface(TablePane).content
            assert content is not None
            assert len(content.rows) == 2
        else:
            lines = {"terms": 2, "gradient_cosine": 1, "residual_share": 1, "gates": 0}.get(name, 2)
            assert len(panel.curves.curves) == lines, (
                "a plain net has no blocks, two terms are two lines, and no gates none"
            )
    for option, _ in view.panels["main"].view.options:
        controller.display.choose_option("main", option)
    controller.display.move_cursor(1)
    qtbot.waitUntil(lambda: not controller.display.waiting)
    runner.end("finished")


def test_a_view_is_chosen_by_hand_and_enlarged(qtbot: QtBot, played: Played) -> None:
    view, _ = played
    panel = view.panels["second"]
    panel.chooser.setFocus()
    QTest.keyClick(panel.chooser, Qt.Key.Key_Down)
    assert controller_of(view).display.views["second"] == "update_ratio"
    click(panel.larger)
    assert [place for place in DEFAULT_VIEWS if view.panels[place].isVisible()] == ["second"]
    qtbot.waitUntil(lambda: panel.width() > 0.95 * view.width() and panel.height() > 0.6 * view.height())
    click(panel.larger)
    assert all(view.panels[place].isVisible() for place in DEFAULT_VIEWS)


def test_a_figure_of_the_diagnosis_is_looked_up_where_it_was_measured(qtbot: QtBot, played: Played) -> None:
    view, runner = played
    controller = controller_of(view)
    measured(qtbot, played)
    links = re.findall(r"href='([a-z_]+@\d+)'", view.readout.text())
    assert "update_ratio@29" in links
    view.readout.linkActivated.emit("update_ratio@29")
    assert controller.display.views["second"] == "update_ratio"
    view.readout.linkActivated.emit("response_gradient@0")
    assert controller.display.cursor == 0
    view.lesson.linkActivated.emit("paper@0")
    assert find_lesson("plain20-resnet20").source.split(",")[0] in view.lesson.text()
    runner.end("finished")


def test_run_to_starts_and_goes_on_and_looks_back(qtbot: QtBot, played: Played) -> None:
    view, runner = played
    view.target.setValue(40)
    click(view.run_to)
    assert runner.asked == ["start"]
    assert runner.job is not None
    assert runner.job.pause_at == 40
    runner.begin()
    runner.measure(1, [FALLING, LEVEL])
    controller = controller_of(view)
    qtbot.waitUntil(lambda: bool(controller.histories) and controller.histories[0].count == 1)
    view.target.setValue(60)
    click(view.run_to)
    assert runner.asked[-1] == "run to 60"
    for step in range(2, 9):
        runner.measure(step, [FALLING, LEVEL])
    qtbot.waitUntil(lambda: controller.histories[0].count == 8)
    view.target.setValue(3)
    click(view.run_to)
    assert runner.asked[-1] == "run to 60"
    assert controller.display.cursor == 3
    runner.end("stopped")


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.name)
def test_every_lesson_is_one_click(qtbot: QtBot, played: Played, lesson) -> None:  # type: ignore[no-untyped-def]
    view, runner = played
    view.lesson_chooser.setCurrentIndex(view.lesson_chooser.findData(lesson.name))
    view.lesson_chooser.activated.emit(view.lesson_chooser.currentIndex())
    assert lesson.look[:40] in view.lesson.text().replace("&#x27;", "'")
    click(view.main)
    assert runner.job is not None
    assert runner.job.specs == lesson.specs
    assert runner.job.config == lesson.config
    runner.begin()
    gradients = [np.full(len(layers.layers), 0.1) for layers in runner.layers]
    runner.measure(1, gradients)
    qtbot.waitUntil(lambda: bool(controller_of(view).histories) and controller_of(view).histories[0].count == 1)
    qtbot.waitUntil(lambda: not controller_of(view).display.waiting)
    assert view.readout.text().count("it flows") == len(lesson.specs)
    runner.end("finished")


def test_every_setting_of_the_recipe_can_be_reached_and_put_back(qtbot: QtBot, played: Played) -> None:
    view, runner = played
    click(view.recipe)
    page = view.recipe_page
    assert set(TrainConfig.model_fields) <= set(page.editors)
    assert {"norm", "norm_place", "activation", "device", "free"} <= set(page.editors)
    rate = page.editors["learning_rate"]
    rate.setFocus()
    rate.selectAll()  # type: ignore[union-attr]
    QTest.keyClicks(rate, "0.03")
    QTest.keyClick(rate, Qt.Key.Key_Return)
    assert controller_of(view).setup.config.learning_rate == 0.03
    assert controller_of(view).setup.changed
    click(page._resets["learning_rate"])
    assert controller_of(view).setup.config.learning_rate == 0.1
    rate.selectAll()  # type: ignore[union-attr]
    QTest.keyClicks(rate, "fast")
    QTest.keyClick(rate, Qt.Key.Key_Return)
    assert "learning rate must be a number, not 'fast'" in page.problems["learning_rate"], "at the field"
    assert rate.property("wrong")
    assert rate.text() == "fast", "what was typed stays"  # type: ignore[union-attr]
    assert not view.problem.isVisible(), "and the page does not move"
    assert controller_of(view).setup.config.learning_rate == 0.1
    optimizer = page.editors["optimizer"]
    optimizer.setFocus()
    QTest.keyClick(optimizer, Qt.Key.Key_Down)
    assert controller_of(view).setup.config.optimizer == "nesterov"
    assert runner.asked == [], "on this page one setting follows another"
    click(view.main)
    assert not view.recipe.isChecked()
    assert runner.job is not None
    assert runner.job.config.optimizer == "nesterov"
    runner.end("stopped")


def test_up_to_four_nets_are_chosen_by_name(played: Played) -> None:
    view, _ = played
    click(view.recipe)
    controller = controller_of(view)
    for row, name in ((2, "cifar-highway20"), (3, "cifar-preresnet20")):
        editor = view.recipe_page.nets[row].name
        editor.setFocus()
        QTest.keyClicks(editor, name)
        QTest.keyClick(editor, Qt.Key.Key_Return)
    assert [spec.name for spec in controller.setup.specs][2:] == ["cifar-highway20", "cifar-preresnet20"]
    assert {spec.norm for spec in controller.setup.specs} == {"none"}, "they take on what all nets are set to"
    editor = view.recipe_page.nets[0].name
    editor.setFocus()
    editor.selectAll()
    QTest.keyClicks(editor, "resnet5")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert "The net 'resnet5' is not known" in view.problem.text()
    assert controller.setup.specs[0].name == "cifar-plain20"
    click(view.recipe_page.nets[0].remove)
    assert len(controller.setup.specs) == 3
    view.recipe_page.nets[0].shortcut.textActivated.emit("C")
    assert controller.setup.specs[0].shortcut == "C"


def test_nets_of_one_name_are_told_apart_by_what_differs() -> None:
    options = find_lesson("options").specs
    assert distinct_names(options) == ("option A", "option B", "option C")
    assert distinct_names(options[:1]) == ("ResNet-20",)
    mixed: tuple[NetSpec, ...] = (*options[:2], find_lesson("highway").specs[1])
    assert distinct_names(mixed) == ("ResNet-20, option A", "ResNet-20, option B", "highway-20")


@pytest.mark.parametrize(
    ("field", "text"),
    [("learning_rate", "-1"), ("milestones", "5, 3"), ("steps", "many"), ("batch", "0"), ("norm", "layer")],
)
def test_a_setting_out_of_range_is_refused_in_one_line(field: str, text: str) -> None:
    with pytest.raises((NetError, RecipeError)) as error:
        TrainingSetup.from_lesson(find_lesson("options")).with_setting(field, text)
    assert "\n" not in str(error.value)


def test_a_loss_that_is_no_number_is_said_and_the_rest_is_kept(qtbot: QtBot, played: Played) -> None:
    view, runner = played
    measured(qtbot, played, 3)
    runner.measure(4, [np.full(20, np.nan), LEVEL], loss=float("nan"))
    qtbot.waitUntil(lambda: "not a finite number" in view.readout.text())
    qtbot.waitUntil(lambda: not controller_of(view).display.waiting)
    assert "the loss is no longer finite" in view.panels["training"].curves._note
    controller_of(view).display.move_cursor(2)
    qtbot.waitUntil(lambda: not controller_of(view).display.waiting)
    assert first_layers(played) == pytest.approx(-2)
    runner.end("finished")


def test_nets_at_a_free_pace_are_each_shown_as_far_as_they_are(qtbot: QtBot, played: Played) -> None:
    view, runner = played
    measured(qtbot, played, 4)
    _ahead(runner)
    controller = controller_of(view)
    qtbot.waitUntil(lambda: controller.histories[0].count == 5)
    qtbot.waitUntil(lambda: not controller.display.waiting)
    assert controller.histories[1].count == 4
    assert "4 / 5 of 120 steps" in view.step_cursor.label.text()
    controller.display.choose_view("third", "heat")
    assert {picture.values.shape[1] for picture in view.panels["third"].heat.pictures} == {5}
    runner.end("finished")


def _ahead(runner: PlayedRunner) -> None:
    """One more step of the first net alone."""
    runner.measure(5, [FALLING, LEVEL])
    message = runner.messages.pop()
    empty = {name: values[:0] for name, values in message.rows[1].items()}
    runner.messages.append(type(message)((5, 4), 12.5, (message.rows[0], empty)))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["graph", "convergence", "mean_responses", "block"])
def test_a_view_with_a_note_that_wraps_does_not_take_the_room_of_the_others(
    qtbot: QtBot, window: MainWindow, name: str
) -> None:
    window.open_train().choose_lesson("plain20-resnet20")  # before TRAIN was ever in sight
    train = window.open_train()
    train.display.choose_view("second", name)
    qtbot.waitUntil(lambda: bool(train.histories), timeout=20_000)
    window.resize(1280, 720)
    window.open("train")
    window.show()
    panels = train.view.panels
    qtbot.waitUntil(lambda: panels["main"].height() > panels["second"].height() > 150, timeout=5000)
