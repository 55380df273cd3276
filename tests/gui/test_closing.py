"""Stopping and closing don't wait for what can be done beside or not at all."""

import threading
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from resviz.gui.main_window import MainWindow
from resviz.gui.train.train_controller import TrainController
from resviz.gui.workers import patience
from resviz.gui.workers.background_reader import still_reading
from resviz.gui.workers.file_reader import FileReader
from resviz.runs.folder import RunWriter
from resviz.runs.library import find

pytestmark = pytest.mark.slow


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Checkpoints are written when the test says so."""
    event, checkpoint = threading.Event(), RunWriter.checkpoint

    def waiting(writer: RunWriter, *given: object) -> None:
        assert event.wait(60)
        checkpoint(writer, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(RunWriter, "checkpoint", waiting)
    return event


def trained(window: MainWindow, qtbot: QtBot, steps: int) -> TrainController:
    window.open("train")
    train = window.open_train()
    train.run_to(steps)
    qtbot.waitUntil(lambda: train.state == "paused", timeout=60_000)
    return train


@pytest.mark.parametrize(("steps", "kept"), [(6, 2), (2, 0)])
def test_a_stop_is_said_before_the_checkpoint_is_written(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, held: threading.Event, steps: int, kept: int
) -> None:
    train = trained(window, qtbot, steps)
    train.stop()
    qtbot.waitUntil(lambda: train.state == "idle", timeout=10_000)
    assert train.runner.is_alive()
    held.set()
    qtbot.waitUntil(lambda: not train.runner.is_alive(), timeout=30_000)
    qtbot.waitUntil(lambda: not train.short_runs.waiting, timeout=5_000)
    runs, _problems = find([tmp_path / "runs"])
    assert [run.info.state for run in runs] == ["stopped"] * kept
    assert all((run.folder / "checkpoint.safetensors").exists() for run in runs)


def test_a_training_begun_while_a_checkpoint_is_written_begins_after_it(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, held: threading.Event
) -> None:
    train = trained(window, qtbot, 6)
    train.stop()
    qtbot.waitUntil(lambda: train.state == "idle", timeout=10_000)
    train.run_to(8)
    held.set()
    qtbot.waitUntil(lambda: train.state == "paused" and train.training_state.done == 8, timeout=60_000)
    train.stop()
    qtbot.waitUntil(lambda: train.state == "idle" and not train.runner.is_alive(), timeout=30_000)
    qtbot.waitUntil(lambda: not train.short_runs.waiting, timeout=5_000)


def test_closing_does_not_wait_for_ever_for_a_checkpoint(
    qtbot: QtBot, window: MainWindow, held: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "CLOSE_SECONDS", 0.2)
    train = trained(window, qtbot, 6)
    window.close()
    assert not window.isVisible()
    assert window.still_working(), "the program then ends without waiting"
    held.set()
    qtbot.waitUntil(lambda: not window.still_working(), timeout=30_000)
    assert not train.runner.is_alive()


def test_closing_does_not_wait_for_ever_for_a_file(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(patience, "CLOSE_SECONDS", 0.2)
    begun, event = threading.Event(), threading.Event()

    def read(_: Path, _progress: object) -> bool:
        begun.set()
        return event.wait(60)

    reader = FileReader(read)
    reader.want(tmp_path)
    assert begun.wait(10)
    reader.shut_down()
    assert still_reading()
    event.set()
    qtbot.waitUntil(lambda: not still_reading(), timeout=10_000)
    reader.shut_down()


def test_everything_that_ends_with_the_window_shares_one_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "CLOSE_SECONDS", 5.0)
    assert patience.seconds_left() == 5.0
    with patience.closing():
        first, second = patience.seconds_left(), patience.seconds_left()
        assert 5.0 > first > second > 4.0
    assert patience.seconds_left() == 5.0
