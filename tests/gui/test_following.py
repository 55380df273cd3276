"""Train shows live what another program measures, and starts nothing by it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot
from torch import nn
from torch.nn import functional

import resviz
from resviz.experiments.watch import Watch
from resviz.gui.main_window import MainWindow
from resviz.gui.plots.curve_plot import CurvePlot
from resviz.gui.train.train_controller import TrainController
from resviz.runs.folder import RunFolder
from resviz.runs.library import runs_beside
from tests.helpers.compare_page import refresh


class Loop:
    """A training loop of somebody else, a step at a time."""

    def __init__(self, folder: Path, title: str = "sigmoids", group: str = "") -> None:
        torch.manual_seed(0)
        layers = [part for _layer in range(6) for part in (nn.Linear(8, 8), nn.Sigmoid())]
        self.model = nn.Sequential(*layers, nn.Linear(8, 3))
        self.optimizer = torch.optim.SGD(self.model.parameters(), 0.1)
        self.watch: Watch = resviz.watch(self.model, folder, optimizer=self.optimizer, title=title, group=group)

    def train(self, steps: int) -> None:
        for _step in range(steps):
            loss = functional.cross_entropy(self.model(torch.rand(8, 8)), torch.randint(3, (8,)))
            loss.backward()
            self.watch.step(loss)
            self.optimizer.step()
            self.optimizer.zero_grad()
        self.watch._rows.flush()

    @property
    def folder(self) -> Path:
        assert self.watch.folder is not None
        return self.watch.folder


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    loop = Loop(tmp_path / "mine")
    loop.train(4)
    yield loop
    loop.watch.close()


@pytest.fixture
def train(window: MainWindow, qtbot: QtBot, loop: Loop) -> TrainController:
    """TRAIN, which follows the loop."""
    window.follow([loop.folder])
    train = window.open_train()
    qtbot.waitUntil(lambda: train.training_state.measured == 4)
    return train


def test_steps_are_drawn_as_they_are_written_until_the_loop_ends(
    train: TrainController, qtbot: QtBot, loop: Loop
) -> None:
    assert train.state == "following"
    assert "4 steps" in train.training_state.progress(None)
    loop.train(3)
    qtbot.waitUntil(lambda: train.training_state.measured == 7)
    (net,) = train.training_state.nets(None)
    assert (net.name, net.step) == ("sigmoids", 6)
    qtbot.waitUntil(lambda: not train.display.waiting)
    (curve,) = train.view.panels["main"].surface(CurvePlot).curves
    assert len(curve.x) == 7
    loop.watch.close()
    qtbot.waitUntil(lambda: train.state == "idle")
    assert train.training_state.progress(None).endswith("finished")
    assert train.training_state.measured == 7


def test_a_failed_loop_says_why(train: TrainController, qtbot: QtBot, loop: Loop) -> None:
    loop.watch.close("out of memory", "failed")
    qtbot.waitUntil(lambda: train.state == "idle")
    qtbot.waitUntil(lambda: "out of memory" in train.view.lesson.text())


def test_the_cursor_shows_earlier_steps(train: TrainController) -> None:
    train.display.move_cursor(1)
    assert train.training_state.nets(train.display.cursor)[0].step == 1


def test_no_setting_starts_a_training_while_a_run_is_followed(train: TrainController, qtbot: QtBot) -> None:
    chips = train.view.settings["norm"]
    assert not chips.isEnabled() or not chips.button("batch").isEnabled()
    train.start_or_pause()
    train.editor.click_chip("norm", "batch")
    qtbot.wait(50)
    assert train.state == "following"
    assert not train.runner.is_alive()


def test_stop_ends_the_following_and_not_the_loop(train: TrainController, qtbot: QtBot, loop: Loop) -> None:
    assert train.view.stop.isEnabled()
    train.view.stop.click()
    assert train.state == "idle"
    assert train.view.settings["norm"].button("batch").isEnabled()
    loop.train(2)
    qtbot.wait(700)
    assert train.training_state.measured == 4
    assert RunFolder(loop.folder).info.state == "running"
    assert train.training_state.progress(None).endswith("not followed any more")


def test_a_lesson_takes_its_place_and_the_way_back_is_open(train: TrainController, qtbot: QtBot) -> None:
    train.choose_lesson("highway")
    assert train.state == "idle"
    assert train.training_state.followed is None
    train.show_previous()
    assert train.training_state.followed is not None
    assert train.training_state.measured == 4


def test_a_run_that_can_not_be_read_is_said_and_what_was_read_stays(
    train: TrainController, qtbot: QtBot, loop: Loop
) -> None:
    file = loop.folder / "run.json"
    whole = file.read_bytes()
    file.write_text("{")
    qtbot.waitUntil(lambda: "run.json" in train.view.problem.text())
    assert train.training_state.measured == 4
    file.write_bytes(whole)
    qtbot.waitUntil(lambda: not train.view.problem.text())


def test_following_waits_for_a_training_of_its_own(window: MainWindow, qtbot: QtBot, loop: Loop) -> None:
    train = window.open_train()
    train.training_state.state = "running"
    window.follow([loop.folder])
    assert "Stop it" in train.view.problem.text()
    assert train.follower.folders == ()
    train.training_state.state = "idle"


def test_a_folder_of_runs_stands_for_its_newest_run(
    window: MainWindow, loop: Loop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = [str(loop.folder.parent)]
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_given: chosen[0])
    window.window_actions.ask_followed()
    assert window.open_train().follower.folders == (loop.folder,)
    window.open_train().stop()

    empty = tmp_path / "empty"
    empty.mkdir()
    chosen[0] = str(empty)
    window.window_actions.ask_followed()
    assert window.statusBar().currentMessage() == f"There is no run in {empty}."
    assert window.open_train().state == "idle"


def test_compare_hands_its_runs_over(window: MainWindow, qtbot: QtBot, loop: Loop) -> None:
    window.open("compare")
    compare = window.open_compare()
    compare.open_runs([loop.folder])
    refresh(qtbot, compare)
    key = str(loop.folder)
    compare.view.browser.table.select([key])
    compare.run_actions.act("follow")
    assert window.page == "train"
    assert window.open_train().follower.folders == (loop.folder,)


def test_the_models_of_one_loop_are_found_by_their_group(tmp_path: Path) -> None:
    loops = [Loop(tmp_path, name, "gan") for name in ("generator", "discriminator")]
    other, ended = Loop(tmp_path, "other", "else"), Loop(tmp_path, "ended", "gan")
    for loop in (*loops, other, ended):
        loop.train(1)
    ended.watch.close()
    first, second = (loop.folder for loop in loops)
    assert runs_beside(first) == [first, second]
    for loop in (*loops, other):
        loop.watch.close()


def test_an_error_that_nobody_expects_is_said_and_the_run_is_read_again(
    train: TrainController, qtbot: QtBot, loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(folder: Path) -> None:
        raise ValueError("no such\ncolumn")

    with monkeypatch.context() as while_broken:
        while_broken.setattr("resviz.gui.train.run_follower.read_history", broken)
        loop.train(1)
        qtbot.waitUntil(lambda: "ValueError: no such column" in train.view.problem.text())
    qtbot.waitUntil(lambda: train.training_state.measured == 5)
    assert not train.view.problem.text()
