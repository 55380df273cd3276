"""TRAIN: what its buttons do, with a runner that the test plays, and once with the real one."""

import re
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from resviz.experiments.lessons import find_lesson
from resviz.gui.main_window import MainWindow
from resviz.gui.train.train_controller import TrainController
from resviz.gui.train.train_view import TrainView
from resviz.gui.train.training_setup import FIRST_LESSON, TrainingSetup
from resviz.gui.workers.runner import TrainingJob
from resviz.gui.workers.training_worker import ThreadRunner
from resviz.runs.library import find
from resviz.training.recipe import TrainConfig
from tests.helpers.played_worker import FALLING, LEFT, LEVEL, Played, click, controller_of

SETUP = TrainingSetup.from_lesson(find_lesson(FIRST_LESSON))


def plain_text(html: str) -> str:
    return re.sub("<[^>]*>", "", html)


def test_it_comes_up_as_the_case_where_the_plain_nets_gradient_falls(played: Played) -> None:
    view, runner = played
    click(view.main)
    assert runner.job is not None
    assert [spec.label for spec in runner.job.specs] == ["plain-20", "ResNet-20"]
    assert {spec.norm for spec in runner.job.specs} == {"none"}
    assert (runner.job.config.init, runner.job.config.data) == ("torch", "digits16")
    runner.end("stopped")


def test_the_buttons_ask_for_what_they_say(qtbot: QtBot, played: Played) -> None:
    view, runner = played
    assert view.main.text() == "▶  Start"
    assert not view.stop.isEnabled()
    click(view.main)
    assert not view.main.isEnabled()
    assert view.stop.isEnabled()
    runner.begin()
    assert view.main.text() == "❚❚  Pause"
    assert not view.step.isEnabled()
    click(view.main)
    runner.state_changed.emit("paused", "")
    assert view.main.text() == "▶  Continue"
    click(view.step)
    click(view.main)
    runner.state_changed.emit("running", "")
    click(view.stop)
    assert not view.stop.isEnabled()
    runner.end("stopped")
    assert runner.asked == ["start", "pause", "step", "resume", "stop"]
    assert view.main.text() == "▶  Start again"
    assert "stopped" in view.step_cursor.label.text()


def test_what_was_measured_is_drawn_and_said(qtbot: QtBot, played: Played) -> None:
    view, runner = played
    click(view.main)
    runner.begin()
    runner.measure(1, [FALLING, LEVEL])
    qtbot.waitUntil(lambda: len(view.panels["main"].curves.curves) == 2)
    plain, residual = view.panels["main"].curves.curves
    assert plain.y == pytest.approx(np.log10(FALLING), abs=1e-5)
    assert residual.y == pytest.approx(np.log10(LEVEL), abs=1e-5)
    assert (plain.unit, residual.unit) == ("plain", "residual")
    told = plain_text(view.readout.text())
    assert "plain-20: The gradient falls by a factor of 2.5 per layer (0.40 decades), from 0.16 at layer 19" in told
    assert "it flows" in told.partition("ResNet-20:")[2]
    assert told.count("weight gradients are level at 6·10⁻⁹") == 2
    assert "1 of 120 steps" in view.step_cursor.label.text()
    assert "12.5 steps/s" in view.step_cursor.label.text()
    assert "10 s left" in view.step_cursor.label.text()
    qtbot.waitUntil(lambda: bool(view.panels["third"].curves.curves))
    assert len(view.panels["third"].curves.curves[0].x) == 19, "figure 7 is of the convolutions"
    runner.end("finished")


def test_a_gradient_of_0_is_said_not_hidden(qtbot: QtBot, played: Played) -> None:
    view, runner = played
    click(view.main)
    runner.begin()
    runner.measure(1, [np.append(np.zeros(4), FALLING[4:]), LEVEL])
    qtbot.waitUntil(lambda: "exactly 0 in 4 of 20 layers" in plain_text(view.readout.text()))
    assert "plain-20: exactly 0 in 4 layers" in view.panels["main"].curves._note
    runner.end("finished")


def test_another_setting_begins_the_duel_again_with_one_click(qtbot: QtBot, played: Played) -> None:
    view, runner = played
    click(view.settings["depth"].button("32"))
    assert runner.asked == [], "nothing has been seen yet, so nothing is begun"
    click(view.main)
    runner.begin()
    click(view.settings["norm"].button("batch"))
    assert runner.asked == ["start", "stop"]
    runner.end("stopped")
    qtbot.waitUntil(lambda: runner.asked == ["start", "stop", "start"])
    assert runner.job is not None
    assert {spec.norm for spec in runner.job.specs} == {"batch"}
    assert [spec.label for spec in runner.job.specs] == ["plain-32", "ResNet-32"]
    runner.begin()
    runner.end("finished")


def test_a_failure_is_said_and_the_next_start_is_possible(qtbot: QtBot, played: Played) -> None:
    view, runner = played
    click(view.main)
    runner.begin()
    runner.measure(1, [FALLING, LEVEL])
    runner.end("failed", "MemoryError: no room")
    assert view.problem.isVisible()
    assert "MemoryError: no room" in view.problem.text()
    assert view.panels["main"].curves.curves, "what was measured stays on screen"
    click(view.main)
    assert not view.problem.isVisible()
    assert runner.asked == ["start", "start"]
    runner.end("stopped")


def test_the_first_lesson_is_one_action_away_and_trains_for_real(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    """From a menu to a plain net's gradient seven decades down, paused, stepped, normalised, stopped."""
    window.open("train")
    train, view = window.open_train(), window.open_train().view
    window.open("build")
    window.actions_["first_lesson"].trigger()
    assert window._stack.currentIndex() == 1
    qtbot.waitUntil(lambda: bool(train.histories) and train.histories[0].count > 2, timeout=60_000)
    plain, residual = (curve.y for curve in view.panels["main"].curves.curves)
    assert plain[-2] - plain[0] > 6.5
    assert abs(residual[-2] - residual[0]) < 1.5

    qtbot.mouseClick(view.main, LEFT)
    qtbot.waitUntil(lambda: train.state == "paused", timeout=10_000)
    qtbot.wait(100)
    steps = train.training_state.done
    assert train.histories[0].count == steps, "what is paused on is drawn"
    qtbot.mouseClick(view.step, LEFT)
    qtbot.waitUntil(lambda: train.training_state.done == steps + 1, timeout=10_000)
    qtbot.wait(300)
    assert train.training_state.done == steps + 1

    qtbot.mouseClick(view.settings["norm"].button("batch"), LEFT)
    qtbot.waitUntil(
        lambda: (train.state == "running" and train.histories[0].count == 0) or train.training_state.done < 3,
        timeout=20_000,
    )
    qtbot.waitUntil(
        lambda: train.state == "running" and bool(train.histories) and train.histories[0].count > 5, timeout=20_000
    )
    plain = view.panels["main"].curves.curves[0].y
    assert abs(plain[-2] - plain[0]) < 1.5

    qtbot.mouseClick(view.stop, LEFT)
    qtbot.waitUntil(lambda: train.state == "idle", timeout=10_000)

    def states() -> list[str]:
        """What the folders say: a stop is told at once, and written after it."""
        return [run.info.state for run in find([tmp_path / "runs"])[0]]

    qtbot.waitUntil(lambda: states() == ["stopped"] * 4, timeout=10_000)
    runs, problems = find([tmp_path / "runs"])
    assert not problems
    assert {run.info.net.norm for run in runs} == {"none", "batch"}
    for run in runs:
        assert len(run.rows()["step"]) == run.info.steps > 0


def test_pause_works_after_step_and_continue_in_one_breath(qtbot: QtBot, tmp_path: Path) -> None:
    runner = ThreadRunner()
    states: list[str] = []
    runner.state_changed.connect(lambda state, _: states.append(state))
    config = TrainConfig(data="digits16", batch=32, steps=50_000, evaluate_every=0)
    runner.start(TrainingJob(SETUP.specs[:1], config, tmp_path))
    qtbot.waitUntil(lambda: states[-1:] == ["running"], timeout=30_000)
    runner.pause()
    qtbot.waitUntil(lambda: states[-1] == "paused", timeout=10_000)
    runner.step_once()
    runner.resume()
    qtbot.waitUntil(lambda: states[-1] == "running", timeout=10_000)
    runner.shut_down()
    qtbot.waitUntil(lambda: states[-1] == "stopped", timeout=10_000)
    assert states == ["preparing", "running", "paused", "running", "stopped"]


def test_a_stop_before_anything_began_leaves_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    runner = ThreadRunner()
    runner.start(TrainingJob(SETUP.specs, TrainConfig(data="digits16", batch=32), tmp_path))
    runner.stop()
    runner.shut_down()
    assert not runner.is_alive()
    runs, _ = find([tmp_path])
    assert all(run.info.state == "stopped" for run in runs)


def test_a_lesson_is_started_as_its_file_has_it(qtbot: QtBot, played: Played) -> None:
    view, runner = played
    controller = controller_of(view)
    click(view.settings["depth"].button("56"))
    click(view.settings["norm"].button("batch"))
    controller.start_lesson()
    assert runner.job is not None
    assert [spec.label for spec in runner.job.specs] == ["plain-20", "ResNet-20"]
    assert runner.job.specs[0].norm == "none"
    runner.begin()
    controller.start_lesson()
    assert runner.asked == ["start"], "it is under way"
    runner.end("stopped")


def test_nothing_begins_after_the_window_has_gone(qtbot: QtBot, played: Played) -> None:
    view, runner = played
    controller = controller_of(view)
    controller.shut_down()
    controller.start()
    assert runner.asked == []


def test_what_cannot_begin_is_said_in_the_window(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    view = TrainView()
    qtbot.addWidget(view)
    view.show()
    controller = TrainController(view, tmp_path / "file", view)
    click(view.main)
    qtbot.waitUntil(lambda: view.problem.isVisible(), timeout=30_000)
    assert "Choose another folder with --out or RESVIZ_RUNS" in view.problem.text()
    qtbot.waitUntil(lambda: controller.state == "idle" and not controller.runner.is_alive())


@pytest.mark.slow
def test_a_worker_that_nobody_listens_to_still_ends(qtbot: QtBot, tmp_path: Path) -> None:
    """The queue is full, the window gone: training goes on into the run folder, and stops when told to."""
    runner = ThreadRunner()
    setup = SETUP
    with qtbot.waitSignal(runner.state_changed, check_params_cb=lambda state, _: state == "running", timeout=30_000):
        runner.start(TrainingJob(setup.specs[:1], TrainConfig(data="digits16", batch=4, steps=50_000), tmp_path))
    assert runner._worker is not None
    qtbot.waitUntil(lambda: runner._worker._queue.full(), timeout=60_000)  # type: ignore[union-attr]
    runner.shut_down()
    assert not runner.is_alive()
    (run,), _ = find([tmp_path])
    assert run.info.state == "stopped"
