"""What BUILD asks TRAIN to train, and which data sets the nets fit. No Qt, no torch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from resviz.analysis.counts import count
from resviz.base.errors import ResvizError
from resviz.base.translation import _, ngettext
from resviz.experiments.lessons import Lesson, find_lesson
from resviz.nets.build import build
from resviz.training.data.data_sets import DATA, default_data_folder
from resviz.training.data.download import missing
from resviz.training.recipe import TrainConfig

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resviz.nets.spec import NetSpec

OWN_NETS = "own"
"""Name of the lesson that own nets are trained in."""
_STEP_FLOPS = 4e9
"""Multiply-adds of a step, up to which it takes a laptop's CPU about a second: what a default may ask for."""
_BATCH = 64


@dataclass(frozen=True)
class DataFit:
    """A data set and some nets: why they don't fit, or "" if they do, and the multiply-adds of one step."""

    data: str
    problem: str
    step_flops: int

    @property
    def text(self) -> str:
        """The data set in words, with its cost or why it does not fit."""
        title = DATA[self.data].title
        if self.problem:
            return _("{data}: {problem}").format(data=title, problem=self.problem)
        return _("{data}: about {flops:.1f} GFLOPs per step").format(data=title, flops=self.step_flops / 1e9)


@dataclass(frozen=True)
class TrainingRequest:
    """Nets to train, the data set and the number of steps."""

    specs: tuple[NetSpec, ...]
    data: str
    steps: int = 200

    def lesson(self) -> Lesson:
        """Return a lesson of these nets. Its recipe is the paper's, with the learning rate that the nets can bear."""
        normalized = all(spec.norm != "none" for spec in self.specs)
        config = TrainConfig.model_validate(
            {
                "data": self.data,
                "steps": self.steps,
                "batch": _BATCH,
                # Section 4.2 with batch normalization; AlexNet and VGG, without it, began at 0.01.
                "learning_rate": 0.1 if normalized else 0.01,
            }
        )
        return Lesson(
            OWN_NETS,
            _("Own nets"),
            _("Look at how the gradient changes from the last layer to the first, and at the loss."),
            "",
            "",
            {},
            self.specs,
            config,
        )


def lesson_of(name: str, specs: tuple[NetSpec, ...], config: TrainConfig) -> Lesson:
    """Return the lesson of a name. For own nets make it of their specs and recipe. Raise KeyError if it is gone."""
    if name != OWN_NETS:
        return find_lesson(name)
    return replace(TrainingRequest(specs, config.data, config.steps).lesson(), config=config)


def saved_run_lesson(specs: Sequence[NetSpec], config: TrainConfig) -> Lesson:
    """Return a lesson of saved runs that are resumed."""
    return Lesson(OWN_NETS, ngettext("Saved run", "Saved runs", len(specs)), "", "", "", {}, tuple(specs), config)


def data_fits(specs: Sequence[NetSpec]) -> list[DataFit]:
    """Return all data sets that are on this machine, and whether the nets can be built for their images."""
    return [
        _fit(name, specs) for name in DATA if name != "images" and not missing(DATA[name], default_data_folder(name))
    ]


def default_data(fits: Sequence[DataFit]) -> str:
    """Return the data set with the largest images at which a step is still quick, or the cheapest that fits."""
    usable = [fit for fit in fits if not fit.problem]
    if not usable:
        return fits[0].data
    quick = [fit for fit in usable if fit.step_flops <= _STEP_FLOPS]
    if quick:
        return max(quick, key=lambda fit: fit.step_flops).data
    return min(usable, key=lambda fit: fit.step_flops).data


def _fit(data: str, specs: Sequence[NetSpec]) -> DataFit:
    config = TrainConfig.model_validate({"data": data})
    flops = 0
    for spec in specs:
        try:
            flops += count(build(config.fitted(spec))).flops
        except ResvizError as error:
            return DataFit(data, str(error), 0)
    return DataFit(data, "", 3 * _BATCH * flops)  # backward takes twice as much as forward
