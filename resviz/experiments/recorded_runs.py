"""Runs that show what a lesson shows: saved runs of its nets with its recipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resviz.runs.library import find
from resviz.runs.settings import MEASURING
from resviz.training.recipe import TrainConfig

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from resviz.nets.spec import NetSpec
    from resviz.runs.folder import RunFolder

_FREE = MEASURING | {"steps"}
"""Settings in which a run may differ: they change how long and how often is measured, not what is learned."""


def find_recorded(specs: Sequence[NetSpec], config: TrainConfig, folders: Iterable[Path]) -> list[Path]:
    """Return the folders of saved runs of these nets with this recipe: the newest of each, or nothing.

    Finished runs of one group come first. Next come finished runs of several groups with the same number of steps,
    because they saw the same batches. A group that was stopped comes last. Runs of fewer steps than the recipe has come
    after all others.
    """
    runs, _problems = find(folders)
    wanted = _learned(config.model_dump(mode="json"))
    fitting = [
        run for run in runs if run.info.steps and not run.info.rate_changed and _learned(run.info.recipe) == wanted
    ]
    groups: dict[str, list[RunFolder]] = {}
    for run in fitting:
        groups.setdefault(run.info.group or run.info.id, []).append(run)
    finished = [[run for run in group if run.info.state == "finished"] for group in groups.values()]
    apart: dict[int, list[RunFolder]] = {}
    for run in (run for group in finished for run in group):
        apart.setdefault(run.info.steps, []).append(run)
    every = [*finished, *apart.values(), *groups.values()]
    long = [[run for run in candidates if run.info.steps >= config.steps] for candidates in every]
    for candidates in (*long, *every):
        found = [next((run for run in candidates if _is_same(run.info.net, spec, config)), None) for spec in specs]
        if all(run is not None for run in found):
            return [run.folder for run in found if run is not None]
    return []


def _is_same(trained: NetSpec, spec: NetSpec, config: TrainConfig) -> bool:
    return trained in (spec, config.fitted(spec))


def _learned(recipe: dict[str, object]) -> dict[str, object]:
    """Return what decides over a run's numbers. A run of an older version has no setting that came later."""
    whole = {**TrainConfig().model_dump(mode="json"), **recipe}
    return {name: value for name, value in whole.items() if name not in _FREE}
