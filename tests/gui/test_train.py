"""TRAIN: what its buttons do, with a runner that the test plays, and once with the real one."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QObject, Qt, Signal
from pytestqt.qtbot import QtBot

from resviz.gui.main_window import MainWindow
from resviz.gui.runner import Began, Job, Measured, Message, ThreadRunner
from resviz.gui.train.controller import TrainController
from resviz.gui.train.setup import Setup
from resviz.gui.train.view import TrainView
from resviz.nets.depth_table import build
from resviz.runs.library import find
from resviz.session import run_layers
from resviz.training.recipe import TrainConfig

LEFT = Qt.MouseButton.LeftButton


class PlayedRunner(QObject):
    """A Runner without a thread: notes what it is asked, and says what the test has it say."""

    state_changed = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.job: Job | None = None
        self.messages: list[Message] = []
        self.is_alive = False

    def start(self, job: Job) -> None:
        self.job, self.is_alive = job, True
        self.asked.append("start")

    def pause(self) -> None:
        self.asked.append("pause")

    def resume(self) -> None:
        self.asked.append("resume")

    def step_once(self) -> None:
        self.asked.append("step")

    def stop(self) -> None:
        self.asked.append("stop")

    def take(self) -> list[Message]:
        taken, self.messages = self.messages, []
        return taken

    def alive(self) -> bool:
        return self.is_alive

    def shut_down(self) -> None:
        self.is_alive = False

    def end(self, state: str, message: str = "") -> None:
        self.is_alive = False
        self.state_changed.emit(state, message)

    def begin(self) -> None:
        assert self.job is not None
        self.state_changed.emit("preparing", "")
        layers = tuple(run_layers(build(self.job.config.fitted(spec))) for spec in self.job.specs)
        self.messages.append(Began(layers, (Path("a"), Path("b")), "cpu"))
        self.state_changed.emit("running", "")

    def measure(self, steps: int, gradients: list[np.ndarray]) -> None:
        rows = []
        for gradient in gradients:
            layers = len(gradient)
            rows.append(
                {
                    "step": np.array([steps - 1]),
                    "loss": np.array([2.3]),
                    "error": np.array([0.9]),
                    "learning_rate": np.array([0.1]),
                    "held_out_loss": np.array([np.nan]),
                    "held_out_error": np.array([np.nan]),
                    "weight_gradient": np.full((1, layers), 6e-9, np.float32),
                    "response_gradient": gradient[None].astype(np.float32),
                    "response": np.ones((1, layers), np.float32),
                }
            )
        self.messages.append(Measured(steps, 12.5, tuple(rows)))


@pytest.fixture
def played(qtbot: QtBot, tmp_path: Path) -> tuple[TrainView, PlayedRunner]:
    view = TrainView()
    qtbot.addWidget(view)
    view.resize(1200, 680)
    view.show()
    runner = PlayedRunner()
    TrainController(view, tmp_path, view, runner)
    runner.setParent(view)
    return view, runner


FALLING = np.append(10.0 ** (0.4 * np.arange(19) - 8), 1.0)
LEVEL = np.full(20, 0.1)


def test_it_comes_up_as_the_case_where_the_plain_nets_gradient_falls(played) -> None:  # type: ignore[no-untyped-def]
    view, runner = played
    qtbot_click(view.main)
    assert runner.job is not None
    assert [spec.label for spec in runner.job.specs] == ["plain-20", "ResNet-20"]
    assert {spec.norm for spec in runner.job.specs} == {"none"}
    assert (runner.job.config.init, runner.job.config.data) == ("torch", "digits16")
    runner.end("stopped")


def qtbot_click(button) -> None:  # type: ignore[no-untyped-def]
    from PySide6.QtTest import QTest

    QTest.mouseClick(button, LEFT)


def test_the_buttons_ask_for_what_they_say(qtbot: QtBot, played) -> None:  # type: ignore[no-untyped-def]
    view, runner = played
    assert view.main.text() == "▶  Start"
    assert not view.stop.isEnabled()
    qtbot_click(view.main)
    assert not view.main.isEnabled()
    assert view.stop.isEnabled()
    runner.begin()
    assert view.main.text() == "❚❚  Pause"
    assert not view.step.isEnabled()
    qtbot_click(view.main)
    runner.state_changed.emit("paused", "")
    assert view.main.text() == "▶  Continue"
    qtbot_click(view.step)
    qtbot_click(view.main)
    runner.state_changed.emit("running", "")
    qtbot_click(view.stop)
    assert not view.stop.isEnabled()
    runner.end("stopped")
    assert runner.asked == ["start", "pause", "step", "resume", "stop"]
    assert view.main.text() == "▶  Start again"
    assert "stopped" in view.status.text()


def test_what_was_measured_is_drawn_and_said(qtbot: QtBot, played) -> None:  # type: ignore[no-untyped-def]
    view, runner = played
    qtbot_click(view.main)
    runner.begin()
    runner.measure(1, [FALLING, LEVEL])
    qtbot.waitUntil(lambda: len(view.response_gradient.curves) == 2)
    plain, residual = view.response_gradient.curves
    assert plain.y == pytest.approx(np.log10(FALLING), abs=1e-5)
    assert residual.y == pytest.approx(np.log10(LEVEL), abs=1e-5)
    assert (plain.unit, residual.unit) == ("plain", "residual")
    assert "divided by 2.5 a layer, 0.40 decades" in view.readout.text()
    assert "0.16 at layer 19, 10⁻⁸ at layer 1" in view.readout.text()
    assert "stays about level" in view.readout.text()
    assert "6·10⁻⁹" in view.readout.text()
    assert "vanish" not in view.readout.text()
    assert "1 of 200 steps" in view.status.text()
    assert "12.5 steps/s" in view.status.text()
    assert "16 s left" in view.status.text()
    qtbot.waitUntil(lambda: bool(view.responses.curves))
    assert len(view.responses.curves[0].x) == 19, "figure 7 is of the convolutions"
    runner.end("finished")


def test_a_gradient_of_0_is_said_not_hidden(qtbot: QtBot, played) -> None:  # type: ignore[no-untyped-def]
    view, runner = played
    qtbot_click(view.main)
    runner.begin()
    runner.measure(1, [np.append(np.zeros(4), FALLING[4:]), LEVEL])
    qtbot.waitUntil(lambda: "exactly 0 in 4 layers" in view.readout.text())
    assert "plain-20: exactly 0 in 4 layers" in view.response_gradient._note
    runner.end("finished")


def test_another_setting_begins_the_duel_again_with_one_click(qtbot: QtBot, played) -> None:  # type: ignore[no-untyped-def]
    view, runner = played
    qtbot_click(view.settings["depth"].button("32"))
    assert runner.asked == [], "nothing has been seen yet, so nothing is begun"
    qtbot_click(view.main)
    runner.begin()
    qtbot_click(view.settings["norm"].button("batch"))
    assert runner.asked == ["start", "stop"]
    runner.end("stopped")
    qtbot.waitUntil(lambda: runner.asked == ["start", "stop", "start"])
    assert runner.job is not None
    assert {spec.norm for spec in runner.job.specs} == {"batch"}
    assert [spec.label for spec in runner.job.specs] == ["plain-32", "ResNet-32"]
    runner.begin()
    runner.end("finished")


def test_a_failure_is_said_and_the_next_start_is_possible(qtbot: QtBot, played) -> None:  # type: ignore[no-untyped-def]
    view, runner = played
    qtbot_click(view.main)
    runner.begin()
    runner.measure(1, [FALLING, LEVEL])
    runner.end("failed", "MemoryError: no room")
    assert view.problem.isVisible()
    assert "MemoryError: no room" in view.problem.text()
    assert view.response_gradient.curves, "what was measured stays on screen"
    qtbot_click(view.main)
    assert not view.problem.isVisible()
    assert runner.asked == ["start", "start"]
    runner.end("stopped")


def test_every_choice_of_curve_and_order_redraws(qtbot: QtBot, played) -> None:  # type: ignore[no-untyped-def]
    view, runner = played
    qtbot_click(view.main)
    runner.begin()
    runner.measure(1, [FALLING, LEVEL])
    qtbot.waitUntil(lambda: bool(view.loss.curves))
    qtbot_click(view.loss_mode.button("error"))
    assert view.loss.curves[0].y.tolist() == [0.9]
    qtbot_click(view.loss_mode.button("held_out_error"))
    assert len(view.loss.curves[0].y) == 0
    qtbot_click(view.order.button("magnitude"))
    assert view.responses._labels[0] == "layer, by magnitude"
    runner.end("finished")


def test_the_one_obvious_button_trains_for_real(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    """From BUILD's button to a plain net's gradient seven decades down, paused, stepped, normalised, stopped."""
    window.open("train")
    train, view = window.train, window.train.view
    view.steps.setValue(100_000)
    window.open("build")
    qtbot.mouseClick(window.build.view.duel, LEFT)
    assert window._stack.currentIndex() == 1
    qtbot.waitUntil(lambda: bool(train.histories) and train.histories[0].count > 2, timeout=60_000)
    plain, residual = (curve.y for curve in view.response_gradient.curves)
    assert plain[-2] - plain[0] > 6.5
    assert abs(residual[-2] - residual[0]) < 1.5

    qtbot.mouseClick(view.main, LEFT)
    qtbot.waitUntil(lambda: train.state == "paused", timeout=10_000)
    qtbot.wait(100)
    steps = train._steps
    assert train.histories[0].count == steps, "what is paused on is drawn"
    qtbot.mouseClick(view.step, LEFT)
    qtbot.waitUntil(lambda: train._steps == steps + 1, timeout=10_000)
    qtbot.wait(300)
    assert train._steps == steps + 1

    qtbot.mouseClick(view.settings["norm"].button("batch"), LEFT)
    qtbot.waitUntil(
        lambda: (train.state == "running" and train.histories[0].count == 0) or train._steps < 3, timeout=20_000
    )
    qtbot.waitUntil(
        lambda: train.state == "running" and bool(train.histories) and train.histories[0].count > 1, timeout=20_000
    )
    plain = view.response_gradient.curves[0].y
    assert abs(plain[-2] - plain[0]) < 1.5

    qtbot.mouseClick(view.stop, LEFT)
    qtbot.waitUntil(lambda: train.state == "idle", timeout=10_000)
    runs, problems = find([tmp_path / "runs"])
    assert not problems
    assert [run.info.state for run in runs] == ["stopped"] * 4
    assert {run.info.net.norm for run in runs} == {"none", "batch"}
    for run in runs:
        assert len(run.rows()["step"]) == run.info.steps > 0


def test_pause_works_after_step_and_continue_in_one_breath(qtbot: QtBot, tmp_path: Path) -> None:
    runner = ThreadRunner()
    states: list[str] = []
    runner.state_changed.connect(lambda state, _: states.append(state))
    config = TrainConfig(data="digits16", batch=32, steps=50_000, evaluate_every=0)
    runner.start(Job(Setup().specs[:1], config, tmp_path))
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
    runner.start(Job(Setup().specs, TrainConfig(data="digits16", batch=32), tmp_path))
    runner.stop()
    runner.shut_down()
    assert not runner.alive()
    runs, _ = find([tmp_path])
    assert all(run.info.state == "stopped" for run in runs)


def test_the_obvious_button_trains_what_it_says(qtbot: QtBot, played) -> None:  # type: ignore[no-untyped-def]
    view, runner = played
    controller = view.findChild(TrainController)
    qtbot_click(view.settings["depth"].button("56"))
    qtbot_click(view.settings["norm"].button("batch"))
    controller.start_preset()
    assert runner.job is not None
    assert [spec.label for spec in runner.job.specs] == ["plain-20", "ResNet-20"]
    assert runner.job.specs[0].norm == "none"
    runner.begin()
    controller.start_preset()
    assert runner.asked == ["start"], "it is under way"
    runner.end("stopped")


def test_nothing_begins_after_the_window_has_gone(qtbot: QtBot, played) -> None:  # type: ignore[no-untyped-def]
    view, runner = played
    controller = view.findChild(TrainController)
    controller.shut_down()
    controller.start()
    assert runner.asked == []


def test_what_cannot_begin_is_said_in_the_window(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    view = TrainView()
    qtbot.addWidget(view)
    view.show()
    controller = TrainController(view, tmp_path / "file", view)
    qtbot_click(view.main)
    qtbot.waitUntil(lambda: view.problem.isVisible(), timeout=30_000)
    assert "another folder, by --out or RESVIZ_RUNS, will do" in view.problem.text()
    qtbot.waitUntil(lambda: controller.state == "idle" and not controller.runner.alive())


def test_a_worker_that_nobody_listens_to_still_ends(qtbot: QtBot, tmp_path: Path) -> None:
    """The queue is full, the window gone: training goes on into the run folder, and stops when told to."""
    runner = ThreadRunner()
    setup = Setup()
    with qtbot.waitSignal(runner.state_changed, check_params_cb=lambda state, _: state == "running", timeout=30_000):
        runner.start(Job(setup.specs[:1], TrainConfig(data="digits16", batch=4, steps=50_000), tmp_path))
    assert runner._worker is not None
    qtbot.waitUntil(lambda: runner._worker._queue.full(), timeout=60_000)  # type: ignore[union-attr]
    runner.shut_down()
    assert not runner.alive()
    (run,), _ = find([tmp_path])
    assert run.info.state == "stopped"
