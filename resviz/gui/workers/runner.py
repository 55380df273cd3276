"""What TRAIN asks of whoever trains, and the messages that come back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtCore import SignalInstance

    from resviz.measurements.rows import Rows
    from resviz.measurements.run_layers import RunLayers
    from resviz.nets.spec import NetSpec
    from resviz.training.recipe import TrainConfig


@dataclass(frozen=True)
class TrainingJob:
    """What to train: the nets, the recipe, and the folder for the runs."""

    specs: tuple[NetSpec, ...]
    config: TrainConfig
    folder: Path
    device: str = "auto"
    free: bool = False
    """Each net at its own pace, instead of in lock-step."""
    pause_at: int | None = None
    """Steps after which it pauses by itself."""
    resumed: tuple[Path, ...] = ()
    """The folder of a run of this net that goes on, to the recipe's number of steps."""


@dataclass(frozen=True)
class StartMessage:
    """The first message of a run: its nets' layers, folders and device."""

    layers: tuple[RunLayers, ...]
    folders: tuple[Path, ...]
    device: str
    """The device as torch names it."""
    problem: str = ""
    """Why it is not the device that was hoped for."""
    rows: tuple[Rows, ...] = ()
    """The rows that a resumed run measured earlier, one Rows for each net. Empty for a new run."""


@dataclass(frozen=True)
class RowsMessage:
    """Steps that each net has done, steps per second of the whole run, and the new rows.

    `rows` has a Rows for each net, and is empty if nothing was due.
    """

    counts: tuple[int, ...]
    steps_per_second: float | None
    rows: tuple[Rows, ...]


Message = StartMessage | RowsMessage


class Runner(Protocol):
    """What TRAIN needs to train: a thread now, a process could take its place."""

    @property
    def state_changed(self) -> SignalInstance:
        """The signal of changes of state, with the state's name and a text."""

    def start(self, job: TrainingJob) -> None:
        """Start a job."""

    def pause(self) -> None:
        """Pause after the current step."""

    def resume(self) -> None:
        """Continue after a pause."""

    def set_learning_rate(self, rate: float) -> None:
        """Use another learning rate from the next step on."""

    def step_once(self) -> None:
        """Train one step, then pause."""

    def run_to(self, step: int) -> None:
        """Train until a step is done, then pause."""

    def stop(self) -> None:
        """Stop, within a step. The run is kept."""

    def take(self) -> list[Message]:
        """Return the messages since the last call."""

    def is_alive(self) -> bool:
        """Return whether the worker still runs."""

    def shut_down(self) -> None:
        """Stop and wait a while for the worker's end."""
