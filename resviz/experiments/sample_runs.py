"""Make the sample runs that come with the program: `python -m resviz.experiments.sample_runs FOLDER`.

This takes about an hour on two cores.

Real runs on the digits: plain and residual nets of 20 and 56 layers with batch normalisation, as tables 2 and 6 have
them; the four regimes of normalisation and first weights; saturation; and the first lesson, in which the gradient
vanishes. Their nets and recipes are those of the lessons, with the seeds that these have. The lessons that need a
whole training, with the paper's schedule shortened, have runs of nets with up to 110 layers.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from resviz.experiments.lessons import find_lesson
from resviz.experiments.session import Session
from resviz.experiments.training_plan import TrainingPlan
from resviz.nets import catalogue
from resviz.runs.folder import shrink_run
from resviz.runs.notes import write_notes
from resviz.training.recipe import TrainConfig

if TYPE_CHECKING:
    from resviz.nets.spec import NetSpec

STEPS = 120
_BY_DEPTH = ("cifar-plain20", "cifar-resnet20", "cifar-plain56", "cifar-resnet56")
_LESSONS = (
    "regime-none-normal",
    "regime-none-he",
    "regime-batch-normal",
    "regime-batch-he",
    "saturation",
    "plain20-resnet20",
)
"""The last of them is shown first."""
_WHOLE_TRAININGS = (
    ("degradation", ("cifar-plain20", "cifar-resnet20"), True),
    ("degradation", ("cifar-plain56", "cifar-resnet56"), False),
    ("degradation", ("cifar-plain110", "cifar-resnet110"), False),
    ("convergence", ("plain18", "resnet18", "plain34", "resnet34"), False),
    *((page, (), False) for page in ("not-vanishing", "options", "highway-deep", "preactivation110", "capacity")),
)
"""Lessons whose recipe is followed to its end; nets, or none for the lesson's own; whether their weights are kept."""
LONG, ROW_EVERY = 200, 10
"""Steps from which on a training is long, and of how many of its steps one keeps its row."""


def make(folder: Path, steps: int = STEPS, lessons: tuple[str, ...] = _LESSONS) -> None:
    """Train and writes the runs. Their checkpoints are left out: a sample is looked at, not resumed."""
    recipe = TrainConfig(data="digits16", batch=64, steps=steps, init="he", learning_rate=0.02, evaluate_every=20)
    nets = [catalogue.find(name) for name in _BY_DEPTH]
    _run(folder, nets, recipe, "depth", "Plain and residual nets of 20 and 56 layers, with batch normalization.")
    for name in lessons:
        lesson = find_lesson(name)
        changed = {"steps": min(steps, lesson.config.steps), "histogram_every": 20}
        _run(
            folder, lesson.specs, lesson.config.model_copy(update=changed), name, f"{lesson.title}. Look: {lesson.look}"
        )


def make_whole_trainings(folder: Path, steps: int | None = None) -> None:
    """Train and write the runs that follow a recipe to its end. They keep one row in several, and few keep weights."""
    for name, nets, weights in _WHOLE_TRAININGS:
        lesson = find_lesson(name)
        recipe = lesson.config.model_copy(update={"steps": steps or lesson.config.steps})
        specs = [catalogue.find(net) for net in nets] or lesson.specs
        every = ROW_EVERY if recipe.steps > LONG else 1
        _run(folder, specs, recipe, name, f"{lesson.title}. {lesson.claim}", every=every, weights=weights)


def _run(
    folder: Path,
    nets: tuple[NetSpec, ...] | list[NetSpec],
    recipe: TrainConfig,
    tag: str,
    notes: str,
    *,
    every: int = 1,
    weights: bool = False,
) -> None:
    with Session(TrainingPlan(nets, recipe, folder)) as session:
        for _ in session.steps():
            pass
        session.close()
    for writer in session.recording.writers:
        shrink_run(writer.folder, every, weights=weights)
        write_notes(writer.folder, tags=(tag,), notes=notes)
        sys.stdout.write(f"{tag}: {writer.info.net.label}, kept in {writer.folder}\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    chosen = parser.parse_args().folder
    make_whole_trainings(chosen)
    make(chosen)
