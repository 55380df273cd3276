"""Saved runs with the sizes of their nets, read from their folders: the rows of COMPARE's browser and `resviz runs`."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from resviz.analysis.counts import count, exact
from resviz.base.errors import NetError, RunError
from resviz.base.translation import _
from resviz.nets.build import build
from resviz.nets.spec import NetSpec, validate
from resviz.results.columns import COLUMNS, format_share
from resviz.results.run_summary import RunSummary, TrainedRun
from resviz.runs.folder import RunFolder
from resviz.runs.index import RunEntry, RunIndex
from resviz.runs.lost_steps import find_lost_steps
from resviz.runs.notes import read_notes
from resviz.runs.settings import held_out

if TYPE_CHECKING:
    from pathlib import Path


def summarize_run(run: RunEntry, sample: bool = False) -> RunSummary:
    """Raise RunError where this program can't build the run's net."""
    watched = run.info.watched
    if not run.info.spec:
        if watched is None:
            return _searchable(RunSummary(run, None, None, None, None, sample), [])
        found = RunSummary(run, None, watched.depth, watched.parameters, watched.flops, sample)
        return _searchable(found, ["watched"])
    try:
        spec, depth, parameters, flops = _sizes(json.dumps(run.info.spec))
    except NetError as error:
        raise RunError(
            _("{folder}: {error}. A newer version of Resviz may be able to read it.").format(
                folder=run.folder, error=error
            )
        ) from None
    found = TrainedRun(run, spec, depth, parameters, flops, sample)
    return _searchable(found, [spec.name, spec.unit, spec.norm])


def _searchable(run: RunSummary, of_net: list[str]) -> RunSummary:
    """Return the run with all that a filter looks through."""
    info = run.info
    recipe = [str(value) for value in info.recipe.values()]
    options = [*of_net, info.id, info.group, info.message, "sample" if run.sample else ""]
    texts = [column.text(run) for column in COLUMNS]
    return replace(run, words=" ".join([*texts, *options, *recipe]).lower())


def read_summary(folder: Path) -> RunSummary:
    """Return a run by its folder. Raise RunError if that is not possible."""
    info = RunFolder(folder).info
    return summarize_run(RunEntry(folder, info, read_notes(folder), lost=find_lost_steps(folder, info)))


def find_summaries(root: Path) -> tuple[list[RunSummary], list[RunError]]:
    """Return every run in a folder, the newest first, and what could not be read."""
    index = RunIndex([root])
    for _entry in index.look():
        pass
    found, problems = [], list(index.problems.values())
    for run in sorted(index.runs.values(), key=lambda run: (run.info.created, run.info.id), reverse=True):
        try:
            found.append(summarize_run(run))
        except RunError as error:
            problems.append(error)
    return found, problems


@lru_cache(maxsize=4096)
def _sizes(spec: str) -> tuple[NetSpec, int, int, int]:
    """Of thousands of runs few have nets of their own."""
    net = validate(json.loads(spec), "run.json")
    counts = count(build(net))
    return net, counts.depth, counts.parameters, counts.flops


def run_tooltip(run: RunSummary) -> str:
    """Return what doesn't fit into a row."""
    info = run.info
    watched = info.watched
    if watched is not None:
        about = _("{run}: {depth} weight layers, {parameters} parameters, watched in another program's loop").format(
            run=run.label, depth=watched.depth, parameters=exact(watched.parameters)
        )
    elif not isinstance(run, TrainedRun):
        about = _("{run}: curves imported from {file}").format(run=run.label, file=info.recipe.get("file", ""))
    else:
        about = _("{run}: {depth} weight layers, {parameters} parameters, {flops} multiply-adds").format(
            run=run.label, depth=run.depth, parameters=exact(run.parameters), flops=exact(run.flops)
        )
    lines = [
        about,
        _("held-out error: {last} at the end, {best} at best").format(
            last=held_out(info), best=format_share(run.best_error)
        ),
        info.message,
        run.notes.notes,
        str(run.folder),
    ]
    return "\n".join(line for line in lines if line)
