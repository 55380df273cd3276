"""RunSummary: a saved run, and TrainedRun: one with the sizes of its net."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from resviz.training.data.data_sets import DATA

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from resviz.nets.spec import NetSpec
    from resviz.runs.index import RunEntry
    from resviz.runs.notes import Notes
    from resviz.runs.records import RunInfo


@dataclass(frozen=True)
class RunSummary:
    """A run. What was imported has no net: its spec and its sizes are None.

    A run that was watched in another program's loop has sizes, and a spec if the model has a depth table.
    """

    run: RunEntry
    spec: NetSpec | None
    depth: int | None
    parameters: int | None
    flops: int | None
    sample: bool = False
    words: str = field(default="", compare=False)
    """All that a filter looks through, in lower case."""

    @property
    def key(self) -> str:
        """The run's key: its folder's name and where it lies."""
        return self.run.key

    @property
    def folder(self) -> Path:
        """The run's folder."""
        return self.run.folder

    @property
    def info(self) -> RunInfo:
        """The content of run.json."""
        return self.run.info

    @property
    def notes(self) -> Notes:
        """The user's title, tags and notes."""
        return self.run.notes

    @property
    def label(self) -> str:
        """The user's title, or the net's name."""
        watched = self.info.watched
        name = watched.name if watched is not None else self.spec.label if self.spec is not None else self.info.id
        return self.notes.title or name

    @property
    def has_layers(self) -> bool:
        """Whether it was measured layer by layer, as imported curves were not."""
        return self.spec is not None or self.info.watched is not None

    @property
    def epoch_steps(self) -> int | None:
        """Steps of an epoch, or None if that is not known. Older runs have it only by the name of their data set."""
        recipe = self.info.recipe
        images = DATA[recipe["data"]].training_images if recipe.get("data") in DATA else 0
        batch = recipe.get("batch")
        if self.info.epoch_steps is not None or recipe.get("held_out", "test") != "test":
            return self.info.epoch_steps
        return images // batch or None if isinstance(batch, int) and batch > 0 else None

    @property
    def best_error(self) -> float | None:
        """The least held-out error that was measured."""
        return self.info.error if self.info.best_error is None else self.info.best_error


@dataclass(frozen=True)
class TrainedRun(RunSummary):
    """A run of a net: `depth` in weight layers, `flops` in multiply-adds, for the images that it was trained on."""

    spec: NetSpec
    depth: int
    parameters: int
    flops: int


def measured_runs(runs: Iterable[RunSummary]) -> list[RunSummary]:
    """Return the runs that were measured layer by layer."""
    return [run for run in runs if run.has_layers]


def trained_runs(runs: Iterable[RunSummary]) -> list[TrainedRun]:
    """Return the runs that have a net."""
    return [run for run in runs if isinstance(run, TrainedRun)]
