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
    path: Path, steps: int | None = None, device: str = "", data_folder: Path | None = None
) -> TrainingPlan:
    """Return the plan that continues a run from its last checkpoint, or from its beginning without one.

    With `steps` the run trains further than its recipe says.

    Raises:
        RunError: The run can't be read, has no step left, or can't train further.
        RecipeError: Its recipe is not valid.
    """
    info = RunFolder(path).info
    config = validate_recipe(info.recipe, str(path))
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
    if info.state == "finished" and info.steps >= config.steps:
        raise RunError(
            _("{path}: all {steps} steps are done. Give more with --steps.").format(path=path, steps=info.steps)
        )
    # The same number of threads makes the same sums, where as many processes share them.
    threads = info.versions.get("threads", "")
    same = info.versions.get("processes", "1") == str(max(1, world()))
    count = int(threads) if same and threads.isdigit() and len(threads) < 5 else None
    return TrainingPlan([info.net], config, path.parent, device or info.device, count, data_folder, resumed=(path,))
