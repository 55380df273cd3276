"""Saved runs with the sizes of their nets: the rows of COMPARE's browser and of `resviz runs`, as text and as values.

What is typed to filter them, sorted and grouped by, means the same in both.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from resviz.analysis.counts import count, exact, short
from resviz.base.errors import NetError, RunError, UsageError
from resviz.nets.build import build
from resviz.nets.spec import NetSpec, validate
from resviz.runs.folder import RunFolder
from resviz.runs.index import RunEntry, RunIndex
from resviz.runs.notes import Notes, read_notes
from resviz.runs.records import RunInfo
from resviz.runs.settings import NOTHING, held_out

Value = float | str | tuple[str, ...] | None
"""What a column is sorted by; None comes last."""


@dataclass(frozen=True)
class RunSummary:
    """A run and its net: `depth` in weight layers, `flops` in multiply-adds, for the images that it was trained on."""

    run: RunEntry
    spec: NetSpec
    depth: int
    parameters: int
    flops: int
    sample: bool = False
    words: str = field(default="", compare=False)
    """All that a filter looks through, in lower case."""

    @property
    def key(self) -> str:
        return self.run.key

    @property
    def folder(self) -> Path:
        """The run's folder."""
        return self.run.folder

    @property
    def info(self) -> RunInfo:
        return self.run.info

    @property
    def notes(self) -> Notes:
        return self.run.notes

    @property
    def label(self) -> str:
        return self.notes.title or self.spec.label

    @property
    def best_error(self) -> float | None:
        """The least held-out error that was measured."""
        return self.info.error if self.info.best_error is None else self.info.best_error


@dataclass(frozen=True)
class RunColumn:
    """One of the browser's: its text for a run, and what it is sorted by. `number` is aligned to the right."""

    name: str
    heading: str
    text: Callable[[RunSummary], str]
    value: Callable[[RunSummary], Value]
    number: bool = False
    is_groupable: bool = False
    """Whether runs can be grouped by it."""
    tooltip: str = ""
    longest: str = ""
    """A text that has to fit into it; its heading by default."""
    priority: int | None = 0
    """Where there is no room for all columns, those of lowest priority are left out first; None is never left out."""


def summarize_run(run: RunEntry, sample: bool = False) -> RunSummary:
    """Raises RunError where this program can't build the run's net."""
    try:
        spec, depth, parameters, flops = _sizes(json.dumps(run.info.spec))
    except NetError as error:
        raise RunError(f"{run.folder}: {error}; a newer Resviz may read it") from None
    found = RunSummary(run, spec, depth, parameters, flops, sample)
    recipe = [str(value) for value in run.info.recipe.values()]
    options = [
        spec.name,
        spec.unit,
        spec.norm,
        run.info.id,
        run.info.group,
        run.info.message,
        "sample" if sample else "",
    ]
    texts = [column.text(found) for column in COLUMNS]
    return replace(found, words=" ".join([*texts, *options, *recipe]).lower())


def read_summary(folder: Path) -> RunSummary:
    """A run by its folder. Raises RunError."""
    return summarize_run(RunEntry(folder, RunFolder(folder).info, read_notes(folder)))


def find_summaries(root: Path) -> tuple[list[RunSummary], list[RunError]]:
    """Every run in a folder, the newest first, and what could not be read."""
    index = RunIndex([root])
    for _ in index.look():
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


def format_start(created: str) -> str:
    """When a run began, in local time: today's by the hour, others by the day."""
    try:
        moment = datetime.fromisoformat(created).astimezone()
    except (ValueError, OverflowError):
        return created[:40]
    return moment.strftime("%H:%M" if moment.date() == datetime.now().astimezone().date() else "%d %b %Y")


def _steps(run: RunSummary) -> str:
    """12 of 300 while there are more to come."""
    info, planned = run.info, run.info.recipe.get("steps")
    return f"{info.steps}" if info.steps == planned or not isinstance(planned, int) else f"{info.steps} of {planned}"


COLUMNS: list[RunColumn] = [
    RunColumn(
        "net",
        "net",
        lambda run: run.label,
        lambda run: run.label.lower(),
        is_groupable=True,
        longest="ResNet-110",
        priority=None,
    ),
    RunColumn(
        "data",
        "data",
        lambda run: _recipe(run, "data"),
        lambda run: _recipe(run, "data"),
        is_groupable=True,
        longest="digits16",
        priority=10,
    ),
    RunColumn(
        "norm",
        "norm",
        lambda run: run.spec.norm,
        lambda run: run.spec.norm,
        is_groupable=True,
        longest="batch",
        priority=4,
    ),
    RunColumn(
        "activation",
        "activation",
        lambda run: run.spec.activation,
        lambda run: run.spec.activation,
        is_groupable=True,
        longest="activation",
        priority=1,
    ),
    RunColumn(
        "init",
        "init",
        lambda run: _recipe(run, "init"),
        lambda run: _recipe(run, "init"),
        is_groupable=True,
        longest="normal",
        priority=2,
    ),
    RunColumn(
        "depth",
        "depth",
        lambda run: str(run.depth),
        lambda run: run.depth,
        True,
        True,
        "weight layers",
        longest="depth ↓",
        priority=11,
    ),
    RunColumn(
        "parameters",
        "param.",
        lambda run: short(run.parameters),
        lambda run: run.parameters,
        True,
        tooltip="parameters",
        longest="269 434",
        priority=9,
    ),
    RunColumn(
        "flops",
        "FLOPs",
        lambda run: short(run.flops),
        lambda run: run.flops,
        True,
        tooltip="multiply-adds",
        longest="FLOPs ↓",
        priority=7,
    ),
    RunColumn(
        "seed", "seed", lambda run: str(run.info.seed), lambda run: run.info.seed, True, longest="seed ↓", priority=3
    ),
    RunColumn("steps", "steps", _steps, lambda run: run.info.steps, True, longest="120 of 200", priority=None),
    RunColumn(
        "error",
        "error",
        lambda run: _share(run.info.error),
        lambda run: run.info.error,
        True,
        tooltip="wrong answers on held-out images, of the last weights or when last measured",
        longest="error ↓",
        priority=None,
    ),
    RunColumn(
        "best",
        "best",
        lambda run: _share(run.best_error),
        lambda run: run.best_error,
        True,
        tooltip="the least share of wrong answers on held-out images that was measured",
        longest="best ↓",
        priority=None,
    ),
    RunColumn(
        "state",
        "state",
        lambda run: run.info.state,
        lambda run: run.info.state,
        is_groupable=True,
        longest="interrupted",
        priority=None,
    ),
    RunColumn(
        "begun",
        "begun",
        lambda run: format_start(run.info.created),
        lambda run: run.info.created,
        longest="21 Nov 2026",
        priority=5,
    ),
    RunColumn(
        "tags",
        "tags",
        lambda run: ", ".join(run.notes.tags),
        lambda run: run.notes.tags or None,
        is_groupable=True,
        longest="lecture, deep",
        priority=8,
    ),
    RunColumn(
        "notes",
        "notes",
        lambda run: " ".join(run.notes.notes.split()),
        lambda run: run.notes.notes or None,
        longest="as long as it is",
        priority=6,
    ),
]
"""In the order in which they are shown. A new column is an entry here: browser, `resviz runs` and reports follow."""


def column_named(name: str) -> RunColumn | None:
    """Return the column of a name; None where there is none."""
    return next((column for column in COLUMNS if column.name == name), None)


def require_column(name: str) -> RunColumn:
    """Return the column of a name. Raises UsageError where there is none."""
    column = column_named(name)
    if column is None:
        raise UsageError(f"{name}: one of {', '.join(column.name for column in COLUMNS)} will do")
    return column


def _share(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.1%}"


def _recipe(run: RunSummary, name: str) -> str:
    return str(run.info.recipe.get(name, ""))


def filter_runs(runs: Iterable[RunSummary], typed: str) -> list[RunSummary]:
    """Those that have every word that was typed; "net:resnet" looks in that column alone."""
    found = list(runs)
    for word in typed.lower().split():
        name, colon, text = word.partition(":")
        column = column_named(name) if colon else None
        if column is not None:
            found = [run for run in found if text in column.text(run).lower()]
        else:
            found = [run for run in found if word in run.words]
    return found


def sort_runs(runs: Iterable[RunSummary], column: str, descending: bool) -> list[RunSummary]:
    """By a column; what has no value comes last either way."""
    value = require_column(column).value
    found = list(runs)
    known = [run for run in found if value(run) is not None]
    return sorted(known, key=value, reverse=descending) + [run for run in found if value(run) is None]  # type: ignore[arg-type]


def group_runs(runs: Sequence[RunSummary], column: str) -> list[tuple[str, list[RunSummary]]]:
    """(what they have in common, the runs), in the order of the first of each; a run of two tags is in both."""
    groups: dict[str, list[RunSummary]] = {}
    for run in runs:
        texts = (run.notes.tags or (NOTHING,)) if column == "tags" else (require_column(column).text(run) or NOTHING,)
        for text in texts:
            groups.setdefault(text, []).append(run)
    return list(groups.items())


def run_tooltip(run: RunSummary) -> str:
    """What doesn't fit into a row."""
    info = run.info
    lines = [
        f"{run.label}: {run.depth} weight layers, {exact(run.parameters)} parameters, {exact(run.flops)} multiply-adds",
        f"held-out error: {held_out(info)} in the end, {_share(run.best_error)} at best",
        info.message,
        run.notes.notes,
        str(run.folder),
    ]
    return "\n".join(line for line in lines if line)
