"""TRAIN changes the learning rate while it trains, and takes on the recipe of a paper."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from resviz.gui.main_window import MainWindow
from resviz.runs.folder import RunFolder
from tests.helpers.played_worker import Played, controller_of


def type_rate(view: object, text: str) -> None:
    rate = view.rate  # type: ignore[attr-defined]
    rate.setFocus()
    rate.selectAll()
    QTest.keyClicks(rate, text)
    QTest.keyClick(rate, Qt.Key.Key_Return)


def test_before_a_training_it_is_a_setting_of_the_recipe(played: Played) -> None:
    view, runner = played
    assert view.rate.text() == "0.02", "the first lesson's"
    type_rate(view, "0.5")
    assert controller_of(view).setup.config.learning_rate == 0.5
    assert runner.asked == []
    type_rate(view, "fast")
    assert "learning rate must be a number, not 'fast'" in view.problem.text()
    assert view.rate.text() == "0.5"
    assert controller_of(view).setup.config.learning_rate == 0.5


def test_while_it_trains_the_next_steps_use_it(qtbot: QtBot, played: Played) -> None:
    view, runner = played
    view.main.click()
    runner.begin()
    runner.measure(1, [np.full(20, 0.1), np.full(20, 0.1)])
    qtbot.waitUntil(lambda: view.rate.text() == "0.1", timeout=5000)
    type_rate(view, "0.01")
    assert runner.asked[-1] == "rate 0.01"
    assert controller_of(view).setup.config.learning_rate == 0.02, "the recipe stays"
    type_rate(view, "-1")
    assert "learning rate must be greater than 0" in view.problem.text()
    assert runner.asked[-1] == "rate 0.01"
    runner.end("finished")
    assert view.rate.text() == "0.02", "of the next run"


def test_a_real_training_records_the_change(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    window.open("train")
    window.show()
    train = window.open_train()
    train.editor.change("steps", "40")
    train.run_to(4)
    qtbot.waitUntil(lambda: train.state == "paused", timeout=60_000)
    type_rate(train.view, "0.003")
    train.start_or_pause()
    qtbot.waitUntil(lambda: train.state == "idle" and not train.runner.is_alive(), timeout=60_000)
    for folder in train.training_state.folders:
        rates = RunFolder(folder).rows()["learning_rate"]
        assert len(rates) == 40
        assert rates[:4] == pytest.approx(0.02)
        assert rates[-30:] == pytest.approx(0.003)
        assert '"rate": 0.003' in (folder / "events.jsonl").read_text()
    shown = train.histories[0].column("step")
    assert shown.tolist() == list(range(40)), "no row is lost or shown twice"


def test_the_recipe_of_a_paper_sets_what_it_prints(played: Played) -> None:
    view, _runner = played
    page, controller = view.recipe_page, controller_of(view)
    steps, data = controller.setup.config.steps, controller.setup.config.data
    at = page.preset.findData("alexnet")
    page.preset.setCurrentIndex(at)
    page.preset.activated.emit(at)
    config = controller.setup.config
    assert (config.batch, config.learning_rate, config.weight_decay, config.schedule) == (128, 0.01, 5e-4, "plateau")
    assert (config.steps, config.data) == (steps, data)
    assert page.preset.currentData() == "alexnet"
    controller.editor.change("batch", "64")
    assert page.preset.currentIndex() == -1, "it is no longer the paper's"
    controller.editor.undo()
    assert page.preset.currentData() == "alexnet"
