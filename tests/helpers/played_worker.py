"""A Runner that a test plays: TRAIN without a thread and without torch's time."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from resviz.experiments.run_description import run_layers
from resviz.gui.train.train_controller import TrainController
from resviz.gui.train.train_view import TrainView
from resviz.gui.workers.runner import Message, RowsMessage, StartMessage, TrainingJob
from resviz.measurements.rows import Rows
from resviz.measurements.run_layers import RunLayers
from resviz.nets.build import build

LEFT = Qt.MouseButton.LeftButton
FALLING = np.append(10.0 ** (0.4 * np.arange(19) - 8), 1.0)
LEVEL = np.full(20, 0.1)


def click(button: QWidget) -> None:
    QTest.mouseClick(button, LEFT)


class PlayedRunner(QObject):
    """Notes what it is asked, and says what the test has it say."""

    state_changed = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.job: TrainingJob | None = None
        self.messages: list[Message] = []
        self._alive = False
        self.layers: tuple[RunLayers, ...] = ()

    def start(self, job: TrainingJob) -> None:
        self.job, self._alive = job, True
        self.asked.append("start")

    def pause(self) -> None:
        self.asked.append("pause")

    def resume(self) -> None:
        self.asked.append("resume")

    def set_learning_rate(self, rate: float) -> None:
        self.asked.append(f"rate {rate:g}")

    def step_once(self) -> None:
        self.asked.append("step")

    def run_to(self, step: int) -> None:
        self.asked.append(f"run to {step}")

    def stop(self) -> None:
        self.asked.append("stop")

    def take(self) -> list[Message]:
        taken, self.messages = self.messages, []
        return taken

    def is_alive(self) -> bool:
        return self._alive

    def shut_down(self) -> None:
        self._alive = False

    def end(self, state: str, message: str = "") -> None:
        self._alive = False
        self.state_changed.emit(state, message)

    def begin(self) -> None:
        assert self.job is not None
        self.state_changed.emit("preparing", "")
        self.layers = tuple(run_layers(build(self.job.config.fitted(spec)), self.job.config) for spec in self.job.specs)
        self.messages.append(StartMessage(self.layers, tuple(Path(str(n)) for n in range(len(self.layers))), "cpu"))
        self.state_changed.emit("running", "")

    def measure(self, steps: int, gradients: list[np.ndarray], loss: float = 2.3, **others: np.ndarray) -> None:
        """One step's row a net, with these response gradients; every other quantity is 0.5, or as `others` say."""
        counts = tuple(steps for _ in gradients)
        rows = tuple(
            _row(layers, steps - 1, gradient, loss, others)
            for layers, gradient in zip(self.layers, gradients, strict=True)
        )
        self.messages.append(RowsMessage(counts, 12.5, rows))


def _row(layers: RunLayers, step: int, gradient: np.ndarray, loss: float, others: dict[str, np.ndarray]) -> Rows:
    row: Rows = {
        "step": np.array([step]),
        "loss": np.array([loss]),
        "error": np.array([0.9]),
        "learning_rate": np.array([0.1]),
        "held_out_loss": np.array([np.nan]),
        "held_out_error": np.array([np.nan]),
    }
    for quantity in layers.quantities:
        row[quantity.name] = np.full((1, layers.width(quantity.name) or 0), 0.5, np.float32)
    row["weight_gradient"] = np.full((1, len(gradient)), 6e-9, np.float32)
    row["response_gradient"] = gradient[None].astype(np.float32)
    row["response"] = np.ones((1, len(gradient)), np.float32)
    return row | {name: values[None].astype(np.float32) for name, values in others.items()}


Played = tuple[TrainView, PlayedRunner]


@pytest.fixture
def played(qtbot: QtBot, tmp_path: Path) -> Played:
    view = TrainView()
    qtbot.addWidget(view)
    view.resize(1200, 680)
    view.show()
    runner = PlayedRunner()
    TrainController(view, tmp_path, view, runner)
    runner.setParent(view)
    return view, runner


def controller_of(view: TrainView) -> TrainController:
    controller = view.findChild(TrainController)
    assert controller is not None
    return controller
