"""Several trained nets as one: the mean of their probabilities answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from resviz.base.errors import RunError
from resviz.base.translation import _
from resviz.experiments.trained_nets import load_trained
from resviz.runs.folder import RunFolder
from resviz.training.inspection import held_out_scores

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from resviz.base.progress import Progress


@dataclass(frozen=True, eq=False)
class MemberAnswers:
    """What a net answers: `probabilities` (image, class) and `labels` (image,) of the held-out `images`."""

    run: str
    name: str
    unit: str
    probabilities: np.ndarray
    labels: np.ndarray
    images: bytes
    """The held-out images, to see whether two nets answer to the same ones."""

    @property
    def error(self) -> float:
        """Share of wrong answers."""
        return float((self.probabilities.argmax(1) != self.labels).mean())


def member_answers(folder: Path, progress: Progress) -> MemberAnswers:
    """Return what a run's net answers. Raise RunError if it has no weights, or when `progress` says to stop."""
    run = RunFolder(folder)
    trainer = load_trained(run)
    if not progress(0.5):
        raise RunError(_("{run} was not measured to its end: stopped.").format(run=folder.name))
    if trainer.data.held_out_labels.ndim != 1:
        raise RunError(_("{run} does not answer once an image. Choose a classifier.").format(run=folder.name))
    scores = held_out_scores(trainer).double().softmax(1).cpu().numpy()
    data = trainer.data
    images = data.held_out_images.cpu().numpy().tobytes()
    progress(1.0)
    spec = run.info.net
    return MemberAnswers(folder.name, spec.label, spec.unit, scores, data.held_out_labels.cpu().numpy(), images)


def ensemble_error(members: Sequence[MemberAnswers]) -> float:
    """Return the error of the mean of the members' probabilities.

    Raise RunError if there are fewer than two, or if they were not measured on the same images: an image on which one
    was trained says nothing.
    """
    if len(members) < 2:
        raise RunError(_("An ensemble needs two nets or more."))
    first = members[0]
    for other in members[1:]:
        if other.images != first.images or not np.array_equal(other.labels, first.labels):
            raise RunError(
                _(
                    "{one} and {other} have different held-out images, so they can't answer together. Train them with "
                    "one split, like --split-seed 0."
                ).format(one=first.run, other=other.run)
            )
    mean = np.mean([member.probabilities for member in members], axis=0)
    return float((mean.argmax(1) != first.labels).mean())
