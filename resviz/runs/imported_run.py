"""Curves of another program as a run folder: listed, tagged, compared and exported as any other, but without a net."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

import resviz
from resviz.base.errors import RunError
from resviz.base.translation import _
from resviz.measurements.run_layers import RunLayers
from resviz.measurements.scalars import SCALARS
from resviz.runs.curve_import import ImportedCurves, as_scalar, guess_scalar
from resviz.runs.folder import RunWriter
from resviz.runs.notes import write_notes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

MEANINGS = ("", "loss", "error", "accuracy", "held_out_loss", "held_out_error", "held_out_accuracy", "learning_rate")
"""What a column can be; "" leaves it out. Of an accuracy the error is kept, 1 minus the accuracy."""
_NO_NET = RunLayers(layers=(), quantities=())


def guess_meanings(curves: ImportedCurves) -> dict[str, str]:
    """Return for each column what its name says that it is, or "": of one scalar the first column is taken."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for column in curves.columns:
        meaning = guess_scalar(column)
        scalar = _scalar_of(meaning)
        found[column] = "" if scalar in taken else meaning
        taken |= {scalar} if scalar else set()
    return found


def is_clear(curves: ImportedCurves) -> bool:
    """Return whether the names of the columns say what all of them are, so that nobody needs to be asked."""
    return all(guess_meanings(curves).values())


def problem_of_meanings(curves: ImportedCurves, meanings: Mapping[str, str]) -> str:
    """Return why columns can't be imported with these meanings, or ""."""
    names = ", ".join(list(curves.columns)[:20])
    by_scalar: dict[str, str] = {}
    for column, meaning in meanings.items():
        if column not in curves.columns:
            return _("There is no column {column}. The file has {names}.").format(column=column[:80], names=names)
        if meaning not in MEANINGS:
            return _("{meaning} is not a meaning of a column. Use one of {names}.").format(
                meaning=meaning[:80], names=", ".join(MEANINGS[1:])
            )
        other = by_scalar.setdefault(_scalar_of(meaning), column) if meaning else column
        if other != column:
            return _("{first} and {second} have the same meaning. Leave one of them out.").format(
                first=other, second=column
            )
    return "" if by_scalar else _("No column has a meaning. Say what one of these is: {names}.").format(names=names)


def save_curves(
    root: Path, curves: ImportedCurves, meanings: Mapping[str, str], title: str = "", tags: Sequence[str] = ()
) -> Path:
    """Write the curves of a file as a run in the folder `root`, and return the run's folder.

    Raises:
        RunError: No column has a meaning, two have the same, a step is no whole number, or the run can't be written.
    """
    problem = problem_of_meanings(curves, meanings)
    if problem:
        raise RunError(f"{curves.path}: {problem}")
    chosen = {column: meaning for column, meaning in meanings.items() if meaning}
    rows, last = _rows(curves, chosen)
    recipe = {"file": str(curves.path), **{scalar_meaning: column for column, scalar_meaning in chosen.items()}}
    if curves.in_epochs:
        recipe["steps are"] = "epochs"
    info = {
        "spec": {},
        "recipe": recipe,
        "seed": 0,
        "device": "",
        "versions": {"resviz": resviz.__version__},
        "epoch_steps": 1 if curves.in_epochs else None,
    }
    writer = RunWriter(root, info, _NO_NET)
    try:
        writer.append(rows)
        writer.finish("finished", loss=last.get("loss"))
        write_notes(writer.folder, title=(title or curves.name)[:200], tags=tuple(tags))
    except OSError as error:
        raise RunError(
            _("{folder}: {reason}. Choose another folder with --out or RESVIZ_RUNS.").format(
                folder=writer.folder, reason=error.strerror or error
            )
        ) from None
    return writer.folder


def _rows(curves: ImportedCurves, chosen: Mapping[str, str]) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """Return a row for each step that a column has, NaN where a column has none; and each scalar's last value."""
    taken = {_scalar_of(meaning): (curves.columns[column], meaning) for column, meaning in chosen.items()}
    steps = np.unique(np.concatenate([x for (x, _y), _meaning in taken.values()]))
    if (steps < 0).any() or (steps != np.floor(steps)).any() or steps[-1] > np.iinfo(np.int64).max // 2:
        raise RunError(_("{file}: steps must be whole numbers from 0. Add a column step.").format(file=curves.path))
    rows: dict[str, np.ndarray] = {"step": steps.astype(np.int64)}
    last: dict[str, float] = {}
    for name in SCALARS:  # every run has all of them
        rows[name] = np.full(len(steps), np.nan)
        if name in taken:
            (x, y), meaning = taken[name]
            values = as_scalar(meaning, y)[1]
            rows[name][np.searchsorted(steps, x)] = values  # of a step that was written twice the later value
            last[name] = float(values[-1])
    return rows, last


def _scalar_of(meaning: str) -> str:
    return as_scalar(meaning, np.empty(0))[0]
