"""A saved run looked into: its answers to the held-out images, and the way of some of them through its net."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from resviz.base.errors import RunError
from resviz.base.translation import _
from resviz.experiments.trained_nets import load_trained
from resviz.runs.folder import RunFolder
from resviz.training.inspection import InspectedImage, answer_all, inspect, inspect_drawing

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

    from resviz.base.progress import Progress

MISTAKES, OTHERS = 12, 20
"""How many images are looked into: those with the largest loss, and the first ones that are answered rightly."""


@dataclass(frozen=True)
class InspectedRun:
    """What a run's net makes of its held-out images; `confusion` is (true class, answer), numbers of images."""

    name: str
    unit: str
    error: float
    confusion: np.ndarray
    mistakes: tuple[InspectedImage, ...]
    others: tuple[InspectedImage, ...]


def inspect_run(folder: Path, progress: Progress) -> InspectedRun:
    """Look into a run's net. Raise RunError if it has no weights, or when `progress` says to stop."""
    run = RunFolder(folder)
    trainer, spec = load_trained(run), run.info.net
    answers = answer_all(trainer)
    wrong = answers.worst(MISTAKES)
    right = [int(index) for index in (~answers.is_wrong).nonzero()[0][:OTHERS]]
    if not right:  # of pixels some are always wrong: then the images with the least loss
        right = [int(index) for index in answers.losses.argsort()[:OTHERS] if index not in wrong]
    found = []
    for number, index in enumerate((*wrong, *right), 1):
        found.append(inspect(trainer, index))
        if not progress(number / (len(wrong) + len(right))):
            raise RunError(_("{run} was not looked into to its end: stopped.").format(run=folder.name))
    error = float((answers.labels != answers.answers).mean())
    confusion = answers.confusion(spec.classes - trainer.graph.is_detector)  # a detector's background is no answer
    return InspectedRun(spec.label, spec.unit, error, confusion, tuple(found[: len(wrong)]), tuple(found[len(wrong) :]))


def inspect_drawn(folder: Path, pixels: np.ndarray) -> InspectedImage:
    """Return the way of a drawing (height, width), 0 to 1, through a run's net. Raise RunError if it has no weights."""
    trainer = load_trained(RunFolder(folder))
    return inspect_drawing(trainer, pixels)
