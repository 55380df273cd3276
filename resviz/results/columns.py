"""The columns of saved runs, and filtering, sorting and grouping by them.

COMPARE's browser, `resviz runs` and reports read them: what is typed to filter the runs means the same in all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from operator import eq, ge, gt, le, lt
from typing import TYPE_CHECKING

from resviz.analysis.counts import short
from resviz.base.errors import UsageError
from resviz.base.translation import _
from resviz.runs.settings import NOTHING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from resviz.results.run_summary import RunSummary

Value = float | str | tuple[str, ...] | None
"""What a column is sorted by; None comes last."""


@dataclass(frozen=True)
class RunColumn:
    """A column of the run browser: its text for a run, and the value that it is sorted by.

    A `number` is aligned to the right.
    """

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


def format_start(created: str) -> str:
    """Return when a run began, in local time: today's by the hour, others by the day."""
    try:
        moment = datetime.fromisoformat(created).astimezone()
    except (ValueError, OverflowError):
        return created[:40]
    return moment.strftime("%H:%M" if moment.date() == datetime.now().astimezone().date() else "%d %b %Y")


def _steps(run: RunSummary) -> str:
    """12 of 300 while there are more to come."""
    info, planned = run.info, run.info.recipe.get("steps")
    return (
        f"{info.steps}"
        if info.steps == planned or not isinstance(planned, int)
        else _("{steps} of {planned}").format(steps=info.steps, planned=planned)
    )


def _state(run: RunSummary) -> str:
    if not run.has_layers:
        return "imported"
    if run.run.lost:
        return _("{state}, {count} steps lost").format(state=run.info.state, count=run.run.lost)
    return run.info.state


def _of_net(run: RunSummary, option: str) -> str:
    return "" if run.spec is None else str(getattr(run.spec, option))


COLUMNS: list[RunColumn] = [
    RunColumn(
        "net",
        _("net"),
        lambda run: run.label,
        lambda run: run.label.lower(),
        is_groupable=True,
        longest="ResNet-110",
    ),
    RunColumn(
        "norm",
        _("norm"),
        lambda run: _of_net(run, "norm"),
        lambda run: _of_net(run, "norm") or None,
        is_groupable=True,
        longest="batch",
    ),
    RunColumn(
        "init",
        _("init"),
        lambda run: _recipe(run, "init"),
        lambda run: _recipe(run, "init"),
        is_groupable=True,
        longest="normal",
    ),
    RunColumn(
        "error",
        _("error"),
        lambda run: format_share(run.info.error),
        lambda run: run.info.error,
        True,
        tooltip=_("Held-out error with the last weights, or at the last measurement"),
        longest="error ↓",
    ),
    RunColumn(
        "best",
        _("best"),
        lambda run: format_share(run.best_error),
        lambda run: run.best_error,
        True,
        tooltip=_("Smallest held-out error that was measured"),
        longest="best ↓",
    ),
    RunColumn("steps", _("steps"), _steps, lambda run: run.info.steps, True, longest="120 of 200"),
    RunColumn(
        "state",
        _("state"),
        _state,
        _state,
        is_groupable=True,
        longest="interrupted",
    ),
    RunColumn(
        "begun",
        _("begun"),
        lambda run: format_start(run.info.created),
        lambda run: run.info.created,
        longest="21 Nov 2026",
    ),
    RunColumn(
        "data",
        _("data"),
        lambda run: _recipe(run, "data"),
        lambda run: _recipe(run, "data"),
        is_groupable=True,
        longest="digits16",
    ),
    RunColumn(
        "depth",
        _("depth"),
        lambda run: "" if run.depth is None else str(run.depth),
        lambda run: run.depth,
        True,
        True,
        _("weight layers"),
        longest="depth ↓",
    ),
    RunColumn(
        "parameters",
        _("param."),
        lambda run: "" if run.parameters is None else short(run.parameters),
        lambda run: run.parameters,
        True,
        tooltip=_("parameters"),
        longest="269 434",
    ),
    RunColumn(
        "flops",
        "FLOPs",
        lambda run: "" if run.flops is None else short(run.flops),
        lambda run: run.flops,
        True,
        tooltip=_("multiply-adds"),
        longest="FLOPs ↓",
    ),
    RunColumn(
        "seed",
        _("seed"),
        lambda run: str(run.info.seed) if run.has_layers else "",
        lambda run: run.info.seed if run.has_layers else None,
        True,
        longest="seed ↓",
    ),
    RunColumn(
        "activation",
        _("activation"),
        lambda run: _of_net(run, "activation"),
        lambda run: _of_net(run, "activation") or None,
        is_groupable=True,
        longest="activation",
    ),
    RunColumn(
        "tags",
        _("tags"),
        lambda run: ", ".join(run.notes.tags),
        lambda run: run.notes.tags or None,
        is_groupable=True,
        longest="lecture, deep",
    ),
    RunColumn(
        "notes",
        _("notes"),
        lambda run: " ".join(run.notes.notes.split()),
        lambda run: run.notes.notes or None,
        longest="as long as it is",
    ),
]
"""In the order in which they are shown. A new column is an entry here: browser, `resviz runs` and reports follow."""


def column_named(name: str) -> RunColumn | None:
    """Return the column of a name, or None."""
    return next((column for column in COLUMNS if column.name == name), None)


def require_column(name: str) -> RunColumn:
    """Return the column of a name. Raise UsageError if the name is not known."""
    column = column_named(name)
    if column is None:
        raise UsageError(
            _("The column {name} is not known. Use one of {names}.").format(
                name=name, names=", ".join(column.name for column in COLUMNS)
            )
        )
    return column


def format_share(value: float | None) -> str:
    """Write a share in per cent."""
    return NOTHING if value is None else f"{value:.1%}"


def _recipe(run: RunSummary, name: str) -> str:
    return str(run.info.recipe.get(name, ""))


def filter_runs(runs: Iterable[RunSummary], typed: str) -> list[RunSummary]:
    """Return the runs that match every word. "net:resnet" searches only that column, "error<10" compares a number."""
    found = list(runs)
    for word in typed.lower().split():
        found = [run for run in found if _matches(run, word)]
    return found


_COMPARISON = re.compile(r"(\w+)(<=|>=|<|>|=)([\d.]+(?:e-?\d+)?)%?", re.ASCII)
_OPERATORS: dict[str, Callable[[float, float], bool]] = {"<": lt, ">": gt, "<=": le, ">=": ge, "=": eq}
_SHARES = frozenset({"error", "best"})
"""Columns that are shares and are written in percent."""


def filter_problem(typed: str) -> str:
    """Return why a filter with a column's name in it can't find anything, or ""."""
    for word in typed.lower().split():
        found = re.fullmatch(r"(\w+)(:|<=|>=|<|>|=)(.*)", word)
        if found is None:
            continue
        column = column_named(found[1])
        if column is None:
            return _("No column is named {name}. These are: {columns}.").format(
                name=found[1], columns=", ".join(one.name for one in COLUMNS)
            )
        if found[2] != ":" and not (column.number and _COMPARISON.fullmatch(word)):
            return _("{filter} compares no numbers. Write it like error<10.").format(filter=word)
    return ""


def _matches(run: RunSummary, word: str) -> bool:
    name, colon, text = word.partition(":")
    column = column_named(name) if colon else None
    if column is not None:
        return text in column.text(run).lower()
    comparison = _COMPARISON.fullmatch(word)
    column = column_named(comparison[1]) if comparison else None
    if comparison and column is not None and column.number:
        value = column.value(run)
        if not isinstance(value, int | float):
            return False
        scale = 100 if column.name in _SHARES else 1
        return _OPERATORS[comparison[2]](round(value * scale, 9), float(comparison[3]))
    if word.isdigit():  # a number is one of the columns', and never a part of an id
        return any(word in column.text(run).lower() for column in COLUMNS if column.name != "begun")
    return word in run.words


def sort_runs(runs: Iterable[RunSummary], column: str, descending: bool) -> list[RunSummary]:
    """Return the runs sorted by a column. Runs without a value come last in both orders."""
    value = require_column(column).value
    found = list(runs)
    known = [run for run in found if value(run) is not None]
    return sorted(known, key=value, reverse=descending) + [run for run in found if value(run) is None]  # type: ignore[arg-type]


def group_runs(runs: Sequence[RunSummary], column: str) -> list[tuple[str, list[RunSummary]]]:
    """Return groups of runs: what they have in common, and the runs.

    Groups are in the order of their first runs. A run with two tags is in two groups.
    """
    groups: dict[str, list[RunSummary]] = {}
    for run in runs:
        texts = (run.notes.tags or (NOTHING,)) if column == "tags" else (require_column(column).text(run) or NOTHING,)
        for text in texts:
            groups.setdefault(text, []).append(run)
    return list(groups.items())
