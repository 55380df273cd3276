"""The run folder of a training that another program runs. It is made at the first row, and waits where it can't be."""

from __future__ import annotations

import math
import platform
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

import resviz
from resviz.analysis.counts import count
from resviz.analysis.recognition import recognise
from resviz.base.atomic_files import write_whole
from resviz.base.errors import ResvizError, user_message
from resviz.capturing.captured_net import MAX_DOCUMENT, write_document
from resviz.measurements.run_layers import LayerInfo, RunLayers
from resviz.results.watched_graph import GRAPH_FILE
from resviz.runs.folder import RunWriter
from resviz.runs.library import default_folder
from resviz.runs.notes import write_notes
from resviz.runs.records import RunAlert, WatchedModel

if TYPE_CHECKING:
    from torch import nn

    from resviz.capturing.captured_net import CapturedNet
    from resviz.measurements.rows import Rows
    from resviz.training.activation_hooks import Nonlinearity
    from resviz.training.step_meter import StepMeter
    from resviz.training.watch_places import Place

FLUSH_SECONDS = 0.4
"""A killed program loses no more than this, and its last step."""
RETRY_SECONDS = 20.0
_MOST_WAITING = 20_000
"""Rows that are kept where they can't be written; then the oldest are dropped."""


class WatchedRun:
    """Writes rows into a new run. What can't be written is a problem, and is tried again."""

    def __init__(self, folder: str | Path | None, title: str, recipe: dict[str, Any], group: str) -> None:
        self._root = Path(folder) if folder is not None else default_folder()
        self._title, self._recipe, self._group = title, recipe, group
        self._info: dict[str, Any] = {}
        self._layers: RunLayers | None = None
        self._document = b""
        """The captured graph, as it is kept."""
        self._writer: RunWriter | None = None
        self._waiting: list[Rows] = []
        self._flushed_at = self._began = time.monotonic()
        self._tried_at = -math.inf
        self._steps = 0
        self.problem = ""
        """Why nothing can be written; "" where it can."""

    @property
    def folder(self) -> Path | None:
        """The run's folder, once it is made."""
        return self._writer.folder if self._writer is not None else None

    def describe(
        self,
        model: nn.Module,
        net: CapturedNet | None,
        meter: StepMeter,
        optimizer: torch.optim.Optimizer | None,
    ) -> None:
        """Prepare what the run's folder says of the model and of the training."""
        self._layers = RunLayers(
            layers=tuple(map(_info, meter.places)),
            activations=tuple(map(_info, meter.nonlinearities)),
            quantities=meter.quantities,
        )
        graph = net.graph if net is not None else None
        self._document = write_document(net) if net is not None else b""
        found = recognise(graph) if graph is not None else None
        spec = found.spec if found is not None else None
        parameters = sum(weight.numel() for weight in model.parameters())
        counts = count(graph) if graph is not None else None
        self._info = {
            "spec": spec.model_dump() if spec is not None else {},
            "watched": WatchedModel(
                name=type(model).__name__,
                depth=counts.depth if counts is not None else len(meter.places),
                parameters=parameters,
                flops=counts.flops if counts is not None else None,
            ),
            "recipe": {**_optimizer_settings(optimizer), **self._recipe},
            "seed": torch.initial_seed() % 2**31,
            "device": str(meter.device),
            "group": self._group,
            "versions": {
                "resviz": resviz.__version__,
                "torch": torch.__version__,
                "python": platform.python_version(),
                "threads": str(torch.get_num_threads()),
            },
        }

    def know(self, optimizer: torch.optim.Optimizer) -> None:
        """Keep the settings of an optimizer that is known only now, if the run is not made yet."""
        if self._info and self._writer is None:
            self._info["recipe"] = {**_optimizer_settings(optimizer), **self._info["recipe"]}

    def is_due(self) -> bool:
        """Return whether rows are to be written now, so that a killed program loses little."""
        return time.monotonic() - self._flushed_at >= FLUSH_SECONDS

    def append(self, rows: Rows) -> None:
        """Write rows, and those that wait."""
        self._flushed_at = time.monotonic()
        self._steps += len(rows["step"])
        if self._writer is None and not self._make():
            self._keep(rows)
            return
        assert self._writer is not None
        try:
            for waiting in [*self._waiting, rows]:
                self._writer.append(waiting)
            self._waiting, self.problem = [], ""
        except OSError as error:
            self._waiting = []  # the writer itself keeps what it was given, and writes it with the next rows
            self.problem = user_message(error)

    def note(self, alert: RunAlert) -> None:
        """Keep an alert with the run, if it can be written."""
        if self._writer is not None:
            with suppress(OSError):
                self._writer.note_alert(alert)

    def end(self, state: str, message: str) -> None:
        """End the run. Raise OSError or ResvizError if that can't be written."""
        self._tried_at = -math.inf
        if self._waiting:
            rows, self._waiting = self._waiting.pop(), self._waiting
            self.append(rows)
        if self._writer is None:
            return
        seconds = time.monotonic() - self._began
        self._writer.finish(
            state,  # type: ignore[arg-type]
            message=message[:4000],
            steps_per_second=self._steps / seconds if seconds > 0 else None,
            left_out=max(0, self._writer.info.steps - self._steps),
        )

    def _make(self) -> bool:
        """Make the folder, at most every few seconds where it could not be made."""
        if time.monotonic() - self._tried_at < RETRY_SECONDS:
            return False
        self._tried_at = time.monotonic()
        assert self._layers is not None
        try:
            self._writer = RunWriter(self._root, self._info, self._layers)
            self.problem = ""
            if 0 < len(self._document) <= MAX_DOCUMENT:
                write_whole(self._writer.folder / GRAPH_FILE, self._document)
            if self._title:
                write_notes(self._writer.folder, title=self._title)
        except (OSError, ValueError, ResvizError) as error:
            self.problem = user_message(error)
        return self._writer is not None

    def _keep(self, rows: Rows) -> None:
        self._waiting.append(rows)
        while sum(len(kept["step"]) for kept in self._waiting) > _MOST_WAITING:
            del self._waiting[0]


def _info(place: Place | Nonlinearity) -> LayerInfo:
    return LayerInfo(name=place.name, kind=place.kind, stage=place.stage, label=place.label)


def _optimizer_settings(optimizer: torch.optim.Optimizer | None) -> dict[str, Any]:
    """Return what is known of the recipe."""
    if optimizer is None:
        return {}
    first = optimizer.param_groups[0]
    names = {"lr": "learning_rate", "momentum": "momentum", "weight_decay": "weight_decay"}
    known = {ours: float(first[theirs]) for theirs, ours in names.items() if isinstance(first.get(theirs), int | float)}
    return {"optimizer": type(optimizer).__name__, **known}
