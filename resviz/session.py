"""One sitting: nets trained in lock-step on the same batches, each written into a run folder of its own.

The window's worker and `resviz train` both drive this, step by step.
"""

from __future__ import annotations

import contextlib
import os
import platform
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

import resviz
from resviz.nets.depth_table import build
from resviz.nets.graph import Graph
from resviz.nets.spec import NetSpec
from resviz.runs.folder import LayerInfo, QuantityInfo, RunError, RunInfo, RunLayers, RunWriter, State, new_id
from resviz.runs.metrics import Rows
from resviz.training import data
from resviz.training.quantities import QUANTITIES
from resviz.training.recipe import TrainConfig
from resviz.training.trainer import Trainer

DRAIN_SECONDS = 0.1
"""Rows are copied out, and written, at least this often: a kill loses no more, a live view lags no more."""


class SessionError(ValueError):
    """A sitting that can't begin: what, and what would do; one line."""


@dataclass(frozen=True)
class Update:
    """The state after a step: steps done, and the rows that were copied out since the last update, a Rows a net."""

    steps: int
    rows: tuple[Rows, ...] = ()


class Session:
    """Trainers and run writers, driven together.

    Iterate over `steps()`; between any two steps it may be left alone for as long as one likes (pause), `drain()`ed, or
    ended by `close()`. Use it as a context manager: an error ends the runs as failed, and keeps what they have.
    """

    def __init__(
        self,
        specs: Sequence[NetSpec],
        config: TrainConfig,
        folder: Path,
        device: str = "cpu",
        threads: int | None = None,
    ) -> None:
        """Raises NetError, DataError or SessionError for wrong input, before anything is written; RunError where the
        folder can't be written."""
        self.config, self.device = config, _device(device)
        self._seconds, self._steps = 0.0, 0
        torch.set_num_threads(threads or default_threads())
        self.graphs = tuple(build(config.fitted(spec)) for spec in specs)
        images = data.load(config.data, config.seed)
        self._trainers = [Trainer(graph, config, images, self.device) for graph in self.graphs]
        group = new_id() if len(specs) > 1 else ""
        self.layers = tuple(run_layers(graph) for graph in self.graphs)
        self.writers: list[RunWriter] = []
        try:
            for spec, layers in zip(specs, self.layers, strict=True):
                self.writers.append(RunWriter(folder, self._description(config.fitted(spec), group), layers))
        except RunError as error:
            self.fail(error)
            raise
        self._drained_at = time.monotonic()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None or isinstance(error, KeyboardInterrupt | GeneratorExit):
            self.close()
        else:
            self.fail(error)

    @property
    def done(self) -> bool:
        return self._steps >= self.config.steps

    @property
    def steps_per_second(self) -> float | None:
        """Of the whole sitting, pauses left out."""
        return self._steps / self._seconds if self._seconds else None

    def steps(self) -> Iterator[Update]:
        """Trains to the recipe's number of steps, yielding after each."""
        while not self.done:
            began = time.perf_counter()
            for trainer in self._trainers:
                trainer.step()
            self._steps += 1
            due = time.monotonic() - self._drained_at >= DRAIN_SECONDS or self._trainers[0].full or self.done
            update = Update(self._steps, self.drain() if due else ())
            self._seconds += time.perf_counter() - began
            yield update

    def drain(self) -> tuple[Rows, ...]:
        """Copies out what was measured since the last time, writes it into the runs, and returns it, a Rows a net."""
        self._drained_at = time.monotonic()
        drained = tuple(trainer.drain() for trainer in self._trainers)
        for writer, rows in zip(self.writers, drained, strict=True):
            writer.append(rows)
        return drained

    def close(self) -> list[RunInfo]:
        """Ends the runs, finished or stopped, with a checkpoint; a second call only tells how they ended."""
        if all(writer.info.state == "running" for writer in self.writers):
            self.drain()
            state: State = "finished" if self.done else "stopped"
            for writer, trainer in zip(self.writers, self._trainers, strict=True):
                tensors = {name: np.asarray(value) for name, value in trainer.state_dict().items()}
                writer.checkpoint(tensors, trainer.step_count)
                # On a stop the last measured error stands: whoever stops doesn't want to wait for another.
                result = {"error": trainer.evaluate()[1], "error_step": trainer.step_count} if self.done else {}
                writer.finish(state, steps_per_second=self.steps_per_second, **result)
        return [writer.info for writer in self.writers]

    def fail(self, error: BaseException) -> None:
        """Ends the runs as failed, keeping every row that was written."""
        message = f"{type(error).__name__}: {error}"
        for writer in self.writers:
            # What one folder can't take any more (a full disk, a folder deleted) must not keep the next from its end.
            with contextlib.suppress(OSError):
                if writer.info.state == "running":
                    writer.finish("failed", message=message, steps_per_second=self.steps_per_second)

    def _description(self, spec: NetSpec, group: str) -> dict[str, object]:
        return {
            "spec": spec.model_dump(),
            "recipe": self.config.model_dump(mode="json"),
            "seed": self.config.seed,
            "device": str(self.device),
            "group": group,
            "versions": {
                "resviz": resviz.__version__,
                "torch": torch.__version__,
                "python": platform.python_version(),
                "threads": str(torch.get_num_threads()),
            },
        }


def run_layers(graph: Graph) -> RunLayers:
    """The axis of a run's quantities."""
    return RunLayers(
        layers=tuple(
            LayerInfo(name=x.name, kind=x.op.kind, stage=x.stage, label=x.op.label()) for x in graph.weight_layers
        ),
        quantities=tuple(QuantityInfo(**asdict(quantity)) for quantity in QUANTITIES),
    )


def default_threads() -> int:
    """One core is left to the window: two OpenMP threads on a shared core are several times slower than one."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, usable - 1)


def _device(name: str) -> torch.device:
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        if device.type not in ("cpu", "cuda", "mps"):
            raise RuntimeError(f"{device.type} trains nothing")
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError):
        raise SessionError(f"device {name!r} is not there; cpu will do, and cuda where there is a GPU") from None
    return device
