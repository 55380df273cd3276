"""What a session trains, where and how: everything that is known before it begins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from resviz.base.errors import RunError
from resviz.base.translation import _
from resviz.runs.folder import RunFolder
from resviz.training.process_environment import world
from resviz.training.recipe import TrainConfig, validate_recipe

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from resviz.nets.spec import NetSpec
    from resviz.runs.records import RunInfo


_MAX_THREADS = 256
"""More than this no machine had that wrote a run of ours."""


@dataclass(frozen=True)
class TrainingPlan:
    """Nets, their recipe, and where they train.

    `folder` gets the run folders. `device` is the name of a device or "auto". `threads` None takes all cores but one.
    `free` gives each net the same time instead of the same number of steps. `resumed` are the folders of runs of these
    nets that are continued. `group` is an id that runs of other sessions share.
    """

    specs: Sequence[NetSpec]
    config: TrainConfig
    folder: Path
    device: str = "auto"
    threads: int | None = None
    data_folder: Path | None = None
    free: bool = False
    resumed: Sequence[Path] = ()
    group: str = ""


def resume_plan(
    paths: Sequence[Path], steps: int | None = None, device: str = "", data_folder: Path | None = None
) -> TrainingPlan:
    """Return the plan that continues runs together, each from its last checkpoint, or from its beginning without one.

    Runs of one recipe can be continued together. With `steps` they train further than the recipe says.

    Raises:
        RunError: A run can't be read, no run has a step left, or they can't train further or together.
        RecipeError: A recipe is not valid.
    """
    path = paths[0]
    infos = [RunFolder(one).info for one in paths]
    for info in infos:
        if info.left_out:
            raise RunError(
                _("Run {id} keeps only some of its rows, so it can't be resumed. Train its net again.").format(
                    id=info.id
                )
            )
    nets = [info.net for info in infos]
    config = _shared_recipe(paths, infos)
    if steps is not None and steps < config.steps:
        raise RunError(
            _(
                "{path}: the recipe already has {planned} steps, and {steps} are fewer. Leave out --steps, or "
                "give more."
            ).format(path=path, planned=config.steps, steps=steps)
        )
    if steps is not None and steps > config.steps:
        if config.schedule == "cosine":
            raise RunError(
                _("{path}: the cosine schedule ends after {planned} steps. Leave out --steps.").format(
                    path=path, planned=config.steps
                )
            )
        config = config.model_copy(update={"steps": steps})
    if all(info.state == "finished" and info.steps >= config.steps for info in infos):
        raise RunError(
            _("{path}: all {steps} steps are done. Give more with --steps.").format(path=path, steps=infos[0].steps)
        )
    # The same number of threads makes the same sums, where as many processes share them.
    threads = infos[0].versions.get("threads", "")
    same = infos[0].versions.get("processes", "1") == str(max(1, world()))
    known = same and threads.isdecimal() and threads.isascii() and len(threads) < 5
    count = int(threads) if known and 1 <= int(threads) <= _MAX_THREADS else None
    folder, device = path.parent, device or infos[0].device
    return TrainingPlan(nets, config, folder, device, count, data_folder, resumed=tuple(paths))


def _shared_recipe(paths: Sequence[Path], infos: Sequence[RunInfo]) -> TrainConfig:
    """Return the recipe of runs that are to be continued together. Raise RunError where they have several."""
    recipes = [validate_recipe(info.recipe, str(path)) for info, path in zip(infos, paths, strict=True)]
    for recipe, path in zip(recipes, paths, strict=True):
        differing = [name for name in TrainConfig.model_fields if getattr(recipe, name) != getattr(recipes[0], name)]
        if differing:
            raise RunError(
                _("{first} and {second} differ in {settings}. Resume them one at a time.").format(
                    first=paths[0], second=path, settings=", ".join(differing)
                )
            )
    return recipes[0]
