"""What goes wrong while training is said in the window; the run is kept up to there, and the program goes on."""

import errno
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from resviz.gui.main_window import MainWindow
from resviz.gui.train.train_controller import TrainController
from resviz.gui.train.train_view import TrainView
from resviz.runs import metrics
from resviz.runs.library import find
from resviz.training.data import data_sets
from resviz.training.trainer import Trainer
from tests.helpers.file_server import CONTENT, data_info
from tests.helpers.played_worker import click

pytestmark = pytest.mark.slow


@pytest.fixture
def train(qtbot: QtBot, tmp_path: Path) -> TrainController:
    view = TrainView()
    qtbot.addWidget(view)
    view.resize(1200, 680)
    view.show()
    controller = TrainController(view, tmp_path / "runs", view)
    controller.choose_lesson("exploding")
    controller.editor.change("batch", "16")
    controller.editor.change("steps", "20")
    return controller


def _ended(qtbot: QtBot, train: TrainController) -> None:
    click(train.view.main)
    qtbot.waitUntil(lambda: train.state == "idle" and not train.runner.is_alive(), timeout=60_000)


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB"), "Use a smaller batch"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), "Use a smaller batch"),
        (torch.AcceleratorError("CUDA error: unspecified launch failure"), "The GPU has failed"),
        (RuntimeError("something\nin two lines"), "RuntimeError: something in two lines"),
    ],
)
def test_a_step_that_fails_is_said_and_what_was_measured_is_kept(
    qtbot: QtBot, train: TrainController, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, says: str
) -> None:
    train.editor.change("steps", "8")
    original = Trainer.step

    def failing(trainer: Trainer) -> None:
        if trainer.step_count == 3:
            raise error
        original(trainer)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "step", failing)
        _ended(qtbot, train)
    assert says in train.view.problem.text()
    assert "\n" not in train.view.problem.text()
    runs, problems = find([tmp_path / "runs"])
    assert not problems
    assert {run.info.state for run in runs} == {"failed"}
    assert all(says[:20] in run.info.message for run in runs)
    _ended(qtbot, train)
    assert not train.view.problem.isVisible()
    assert train.histories[0].count == train.setup.config.steps


def test_a_full_disk_is_said_and_training_waits_until_there_is_room(
    qtbot: QtBot, train: TrainController, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, written = metrics._write_at, []

    def full(file, end, data) -> int:  # type: ignore[no-untyped-def]
        written.append(len(data))
        if len(written) > 4:
            file.write(data[:3])  # as a disk does, which takes what it still can
            raise OSError(errno.ENOSPC, "No space left on device", file.name)
        return original(file, end, data)

    train.editor.change("steps", "60")
    with monkeypatch.context() as patch:
        patch.setattr(metrics, "_write_at", full)
        train.start()
        qtbot.waitUntil(lambda: train.state == "paused", timeout=60_000)
        assert "The disk is full" in train.view.problem.text()
        assert "Training is paused" in train.view.problem.text()
        qtbot.wait(300)
        counts = train.training_state.counts
        qtbot.wait(300)
        assert train.training_state.counts == counts, "no step is made that isn't recorded"
    train.view.main.click()
    qtbot.waitUntil(lambda: train.state == "idle" and not train.runner.is_alive(), timeout=60_000)
    assert train.view.problem.text() == ""
    runs, problems = find([tmp_path / "runs"])
    assert not problems
    assert {run.info.state for run in runs} == {"finished"}
    assert all(run.rows()["step"].tolist() == list(range(60)) for run in runs)


def test_missing_data_is_offered_fetched_and_trained_on(
    qtbot: QtBot, train: TrainController, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    """The server breaks the first transfer off; the second goes on from there."""
    monkeypatch.setenv("RESVIZ_DATA", str(tmp_path / "data"))
    monkeypatch.setitem(data_sets.DATA, "mnist", data_info(url))
    view = train.view
    assert not view.fetch.isVisible()
    train.editor.change("data", "mnist")
    assert view.fetch.isVisible()
    assert "127.0.0.1" in view.fetch.text()
    click(view.fetch)
    qtbot.waitUntil(lambda: "part that arrived is kept" in view.problem.text(), timeout=10_000)
    qtbot.waitUntil(lambda: view.fetch.text().startswith("Fetch"), timeout=10_000)
    click(view.fetch)
    qtbot.waitUntil(lambda: not view.fetch.isVisible(), timeout=10_000)
    assert not view.problem.isVisible()
    assert (tmp_path / "data" / "mnist" / "data.bin").read_bytes() == CONTENT


def test_data_that_is_not_there_is_said_at_start(
    qtbot: QtBot, train: TrainController, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RESVIZ_DATA", str(tmp_path / "data"))
    train.editor.change("data", "cifar10")
    assert "Fetch CIFAR-10 (170 MB)" in train.view.fetch.text()
    _ended(qtbot, train)
    assert "cifar-10-binary.tar.gz" in train.view.problem.text()
    train.editor.change("data", "digits16")
    assert not train.view.fetch.isVisible()


def test_a_run_that_was_stopped_goes_on_from_compare(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped, gone on with to its end, and from there further: what was measured before is on screen again."""
    train = window.open_train()
    window.open("train")
    train.editor.apply(replace(train.setup, specs=train.setup.specs[:1]).with_setting("steps", "12"))
    train.run_to(6)
    qtbot.waitUntil(lambda: train.state == "paused", timeout=60_000)
    train.stop()
    qtbot.waitUntil(lambda: train.state == "idle" and not train.runner.is_alive(), timeout=60_000)
    compare = window.open_compare()
    window.open("compare")
    qtbot.waitUntil(lambda: not compare.busy, timeout=20_000)
    (key,) = (run.key for run in compare.runs.values() if not run.sample)
    for steps in (12, 15):
        compare.view.browser.table.select([key])
        compare.run_actions.show_actions()
        monkeypatch.setattr(QInputDialog, "getInt", lambda *_: (15, True))
        compare.run_actions.act("resume")
        qtbot.waitUntil(lambda: train.state == "idle" and not train.runner.is_alive(), timeout=60_000)
        assert train.view.isVisible()
        assert train.histories[0].column("step").tolist() == list(range(steps))
        window.open("compare")
        done = lambda steps=steps: compare.runs[key].info.steps == steps and not compare.busy  # noqa: E731
        qtbot.waitUntil(done, timeout=20_000)
    assert compare.runs[key].info.state == "finished"
    train.resume_runs([Path("nowhere")])
    assert "nowhere" in train.view.problem.text()
