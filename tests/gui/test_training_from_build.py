"""BUILD's nets are what TRAIN trains, TRAIN's and COMPARE's runs lead back to BUILD, and nothing starts by itself."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QDialog, QWidget
from pytestqt.qtbot import QtBot

from resviz.gui.builder.training_sheet import TrainingSheet
from resviz.gui.main_window import MainWindow
from resviz.gui.train.training_request import TrainingRequest, data_fits, default_data
from resviz.nets import catalogue
from resviz.runs.library import find
from tests.helpers.played_worker import FALLING, LEVEL, Played, click, controller_of


@pytest.fixture
def accepted(monkeypatch: pytest.MonkeyPatch) -> list[TrainingSheet]:
    """Accepts each sheet that is shown, and keeps it."""
    sheets: list[TrainingSheet] = []

    def accept(sheet: TrainingSheet) -> QDialog.DialogCode:
        sheets.append(sheet)
        sheet.steps.setValue(6)
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(TrainingSheet, "exec", accept)
    return sheets


def test_the_main_button_says_what_it_trains(window: MainWindow) -> None:
    button = window.build.view.train_button
    assert button.text() == "▶ Train ResNet-34"
    window.build.state.set_side_by_side(2, True)
    assert button.text() == "▶ Train these 2 nets"
    window.build.state.rename(1, "mine")
    assert button.text() == "▶ Train these 2 nets"


@pytest.mark.slow
def test_an_own_net_is_trained_compared_and_opened_again(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, accepted: list[TrainingSheet]
) -> None:
    window.build.state.show_family("blank")
    state = window.build.state
    state.edit("stem", "3x3,8")
    state.rename(0, "my twelve")
    spec = state.open_net.spec
    click(window.build.view.train_button)
    assert window.page == "train"
    train = window.open_train()
    assert train.setup.specs == (spec,)
    qtbot.waitUntil(lambda: train.state == "idle" and bool(train.training_state.folders), timeout=60_000)
    assert train.training_state.ended == "finished"
    (run,), _problems = find([tmp_path / "runs"])
    assert run.info.net.name == "my twelve"
    window.open("build")
    click(window.build.view.train_button)
    assert len(accepted) == 1, "it was asked once"
    qtbot.waitUntil(lambda: train.state == "idle" and train.training_state.ended == "finished", timeout=60_000)
    assert train.view.compare.isVisible()
    click(train.view.compare)
    assert window.page == "compare"
    compare = window.open_compare()
    qtbot.waitUntil(lambda: len(compare.shown) == 1 and not compare.busy, timeout=20_000)
    assert compare.display.views["second"] == "table"
    window.build.state.show_family("resnet")
    window.actions_["open_in_build"].trigger()
    assert window.page == "build"
    assert window.build.state.open_net.spec.name == "my twelve"


def test_a_sheet_offers_only_data_that_the_nets_fit(window: MainWindow, qtbot: QtBot) -> None:
    fits = {fit.data: fit for fit in data_fits([catalogue.find("alexnet")])}
    assert fits["digits16"].problem
    assert not fits["digits72"].problem
    assert default_data(list(fits.values())) == "digits72"
    assert default_data(data_fits([catalogue.find("cifar-resnet20")])) == "digits16"
    assert default_data(data_fits([catalogue.find("lenet5")])) == "digits72"
    assert default_data(data_fits([catalogue.find("resnet152")])) == "digits16"
    sheet = TrainingSheet([catalogue.find("alexnet"), catalogue.find("vgg16")], [0], None, window)
    qtbot.addWidget(sheet)
    assert sheet.data.currentData() == "digits72"
    sheet.data.setCurrentIndex(sheet.data.findData("digits16"))
    sheet.data.activated.emit(0)
    assert not sheet.train.isEnabled()
    assert sheet.problem.text()
    for box in sheet._boxes:
        box.setChecked(False)
    assert sheet.problem.text() == "No net is ticked. Tick one to 4 nets."


def test_train_offers_the_nets_that_are_open_in_build_and_spec_files(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window.build.state.edit("shortcut", "C")
    window.build.state.rename(1, "mine")
    window.open("train")
    train = window.open_train()
    row = train.view.recipe_page.nets[0]
    row.chosen.emit(0, "mine")
    assert train.setup.specs[0].name == "mine"
    assert train.setup.specs[0].shortcut == "C"
    window.open("build")
    window.build.state.rename(1, "renamed")
    window.open("train")
    row.chosen.emit(0, "renamed")
    assert train.setup.specs[0].name == "renamed", "what is open now is offered, not what was"
    file = tmp_path / "other.toml"
    file.write_text('stages = ["3x3,64"]\nstem = "3x3,16"\n', encoding="utf-8")
    row.chosen.emit(0, str(file))
    assert train.setup.specs[0].name == "other"
    row.chosen.emit(0, str(tmp_path / "missing.toml"))
    assert "missing.toml" in train.view.problem.text()
    assert train.setup.specs[0].name == "other"


def _wheel(widget: QWidget) -> None:
    place = QPointF(widget.rect().center())
    event = QWheelEvent(
        place,
        QPointF(widget.mapToGlobal(place.toPoint())),
        QPoint(0, -120),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def test_wheel_arrows_typing_and_choosing_a_lesson_start_and_stop_nothing(qtbot: QtBot, played: Played) -> None:
    view, runner = played
    click(view.main)
    runner.begin()
    runner.measure(1, [FALLING, LEVEL])
    assert runner.asked == ["start"]
    before = controller_of(view).setup
    for widget in (view.lesson_chooser, view.steps, view.target):
        _wheel(widget)
    for chips in view.settings.values():
        button = next(iter(chips._buttons.values()))
        button.setFocus()
        qtbot.keyClick(button, Qt.Key.Key_Right)
    assert controller_of(view).setup == before
    view.steps.setFocus()
    view.steps.lineEdit().setText("300")
    qtbot.keyClick(view.steps, Qt.Key.Key_Return)
    view.lesson_chosen.emit("exploding")
    assert runner.asked == ["start"]
    runner.end("stopped")
    assert runner.asked == ["start"]


def test_more_steps_than_there_can_be_are_refused_and_not_cut(qtbot: QtBot, played: Played) -> None:
    view, runner = played
    view.steps.setFocus()
    view.steps.lineEdit().selectAll()
    qtbot.keyClicks(view.steps, "99999999999")
    qtbot.keyClick(view.steps, Qt.Key.Key_Return)
    assert view.steps.value() == 120
    assert "99999999999 steps are not possible" in view.problem.text()
    assert runner.asked == []


def test_several_depths_make_several_nets(qtbot: QtBot, played: Played) -> None:
    view, runner = played
    depth = view.settings["depth"]
    qtbot.mouseClick(depth.button("56"), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier)
    controller = controller_of(view)
    assert [spec.label for spec in controller.setup.specs] == ["plain-20", "ResNet-20", "plain-56", "ResNet-56"]
    assert depth.button("20").isChecked()
    assert depth.button("56").isChecked()
    qtbot.mouseClick(depth.button("32"), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier)
    assert "6 nets are too many" in view.problem.text()
    assert len(controller.setup.specs) == 4
    view.recipe_page.net_removed.emit(2)
    qtbot.mouseClick(depth.button("44"), Qt.MouseButton.LeftButton)
    assert [spec.label for spec in controller.setup.specs] == ["plain-44", "ResNet-44"]
    assert runner.asked == []


def test_a_lesson_shows_its_recorded_run_and_waits(qtbot: QtBot, window: MainWindow) -> None:
    window.open("train")
    train = window.open_train()
    train.choose_lesson("plain20-resnet20")
    qtbot.waitUntil(lambda: bool(train.histories), timeout=20_000)
    assert train.state == "idle"
    assert "it vanishes" in train.view.readout.text()
    assert "a saved run" in train.view.step_cursor.label.text()


def test_the_lessons_text_goes_with_the_lesson(qtbot: QtBot, played: Played) -> None:
    view, _runner = played
    assert "Follow the gradient" in view.lesson.text()
    click(view.settings["depth"].button("56"))
    assert "Follow the gradient" not in view.lesson.text()
    assert "Changed from the lesson" in view.lesson.text()
    view.number_clicked.emit("lesson@0")
    assert "Follow the gradient" in view.lesson.text()


def test_the_previous_run_is_a_click_away(qtbot: QtBot, played: Played) -> None:
    view, runner = played
    controller = controller_of(view)
    click(view.main)
    runner.begin()
    runner.measure(1, [FALLING, LEVEL])
    qtbot.waitUntil(lambda: controller.training_state.measured == 1)
    runner.end("finished")
    click(view.settings["norm"].button("batch"))
    runner.begin()
    runner.measure(1, [LEVEL, LEVEL])
    qtbot.waitUntil(lambda: controller.training_state.measured == 1)
    runner.end("finished")
    assert "vanishes" not in view.readout.text()
    controller.show_previous()
    assert "vanishes" in view.readout.text()
    assert controller.setup.specs[0].norm == "none"
    controller.show_previous()
    assert "vanishes" not in view.readout.text()


@pytest.mark.slow
@pytest.mark.parametrize("keep", [False, True])
def test_a_run_stopped_at_once_is_not_kept_unless_that_is_wanted(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, keep: bool
) -> None:
    train = window.open_train()
    window.preferences.update(keep_short_runs=keep)
    train.run_to(2)
    qtbot.waitUntil(lambda: train.state == "paused", timeout=60_000)
    train.stop()
    qtbot.waitUntil(lambda: train.state == "idle" and not train.runner.is_alive(), timeout=20_000)
    qtbot.waitUntil(lambda: not train.short_runs.waiting)
    runs, _problems = find([tmp_path / "runs"])
    assert len(runs) == (2 if keep else 0)


def test_undo_takes_back_a_setting(qtbot: QtBot, window: MainWindow) -> None:
    window.open("train")
    train = window.open_train()
    assert not window.actions_["undo"].isEnabled()
    train.editor.change("batch", "16")
    window.actions_["undo"].trigger()
    assert train.setup.config.batch == 64
    window.actions_["redo"].trigger()
    assert train.setup.config.batch == 16


def test_a_request_trains_with_the_rate_that_its_nets_can_bear() -> None:
    assert TrainingRequest((catalogue.find("resnet34"),), "digits").lesson().config.learning_rate == 0.1
    assert TrainingRequest((catalogue.find("vgg16"),), "digits").lesson().config.learning_rate == 0.01


def test_nets_of_one_name_are_told_apart_by_their_columns(window: MainWindow) -> None:
    one, other = catalogue.find("resnet34"), catalogue.find("resnet34").with_options(shortcut="C")
    sheet = TrainingSheet([one, catalogue.find("vgg16"), other], [0], None, window)
    texts = [box.text() for box in sheet.findChildren(QCheckBox)]
    assert texts == ["ResNet-34 (column 1)", "VGG-16 (D)", "ResNet-34 (column 3)"]
    sheet.deleteLater()
