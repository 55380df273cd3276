"""TRAIN begins with weights from a file, and says what is wrong with one that it can't take."""

from pathlib import Path

import pytest
import torch
from pytestqt.qtbot import QtBot

from resviz.gui.files import dialogs
from resviz.gui.main_window import MainWindow
from resviz.gui.train.train_controller import TrainController
from resviz.nets import catalogue
from resviz.nets.build import build
from resviz.runs.folder import RunFolder
from resviz.training.modules import to_module
from resviz.training.recipe import TrainConfig
from tests.helpers.played_worker import Played, controller_of

MLP = catalogue.find("mlp5")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESVIZ_DATA", str(tmp_path / "data"))


def weights_file(folder: Path) -> Path:
    torch.manual_seed(5)
    torch.save(to_module(build(TrainConfig(data="digits").fitted(MLP))).state_dict(), folder / "mine.pth")
    return folder / "mine.pth"


def load(controller: TrainController, qtbot: QtBot, path: Path) -> None:
    controller.weights.load(path)
    qtbot.waitUntil(
        lambda: bool(controller.setup.config.weights or controller.view.problem.text()),
        timeout=60_000,
    )


def test_a_file_is_chosen_imported_shown_and_undone(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.open("train")
    train = window.open_train()
    monkeypatch.setattr(dialogs, "ask_files", lambda *_: [weights_file(tmp_path)])
    window.actions_["load_weights"].trigger()
    qtbot.waitUntil(lambda: bool(train.setup.config.weights), timeout=60_000)
    name = train.setup.config.weights
    assert name.startswith("mine-")
    assert name in window._status["train"].text()
    assert train.view.recipe_page.editors["weights"].text() == name  # type: ignore[union-attr]
    window.actions_["undo"].trigger()
    assert train.setup.config.weights == ""
    assert name not in window._status["train"].text()


def test_a_file_that_is_no_weights_is_said_and_changes_nothing(qtbot: QtBot, played: Played, tmp_path: Path) -> None:
    view, runner = played
    controller = controller_of(view)
    (tmp_path / "notes.pth").write_text("hello")
    load(controller, qtbot, tmp_path / "notes.pth")
    assert "no weights could be read" in view.problem.text()
    assert controller.setup.config.weights == ""
    assert runner.asked == []
    controller.shut_down()


@pytest.mark.slow
def test_a_training_from_the_window_begins_with_the_weights(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    window.open("train")
    train = window.open_train()
    load(train, qtbot, weights_file(tmp_path))
    window.preferences.update(keep_short_runs=True)
    train.editor.change("data", "digits")
    train.editor._type_net(0, "mlp5")
    while len(train.setup.specs) > 1:
        train.editor._remove_net(1)
    train.editor.change("steps", "1")
    train.editor.change("learning_rate", "1e-30")
    train.start()
    qtbot.waitUntil(lambda: train.state == "idle" and not train.runner.is_alive(), timeout=60_000)
    assert train.view.problem.text() == ""
    (folder,) = train.training_state.folders
    checkpoint = RunFolder(folder).checkpoint()
    net = torch.load(tmp_path / "mine.pth", weights_only=True)
    assert all((checkpoint[f"net.{key}"] == value.numpy()).all() for key, value in net.items())
