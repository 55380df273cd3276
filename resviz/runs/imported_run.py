"""Curves of another program as a run folder: listed, tagged, compared and exported as any other, but without a net."""

from __future__ import annotations

from contextlib import contextmanager
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
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from resviz.measurements.rows import Rows

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
    run = CurveRun(root, curves, meanings, title, tags)
    run.finish()
    return run.folder


class CurveRun:
    """Curves of a log as a run that grows with the log, as long as its program writes it."""

    def __init__(
        self, root: Path, curves: ImportedCurves, meanings: Mapping[str, str], title: str = "", tags: Sequence[str] = ()
    ) -> None:
        """Write what the log has by now. Raise RunError as `save_curves` does."""
        problem = problem_of_meanings(curves, meanings)
        if problem:
            raise RunError(f"{curves.path}: {problem}")
        self._meanings = dict(meanings)
        self._waiting: Rows = {}
        """The row of the newest step: more of that step may still come."""
        self._next = 0
        """The first step that is not written."""
        self._loss: float | None = None
        """The newest one that is known."""
        rows = _rows(curves, self._chosen(curves))
        recipe = {"file": str(curves.path), **{meaning: column for column, meaning in self._chosen(curves).items()}}
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
        self._writer = RunWriter(root, info, _NO_NET)
        with self._writing():
            self._append(rows)
            write_notes(self.folder, title=(title or curves.name)[:200], tags=tuple(tags))

    @property
    def folder(self) -> Path:
        """The run's folder."""
        return self._writer.folder

    def take(self, curves: ImportedCurves) -> None:
        """Write what the log has gained since. A column that is new means what its name says."""
        self._meanings = {**guess_meanings(curves), **self._meanings}
        if not problem_of_meanings(
            curves, {name: one for name, one in self._meanings.items() if name in curves.columns}
        ):
            with self._writing():
                self._append(_rows(curves, self._chosen(curves)))

    def finish(self) -> None:
        """End the run, with the newest step."""
        with self._writing():
            if self._waiting:
                self._writer.append(self._waiting)
            self._waiting = {}
            self._writer.finish("finished", loss=self._loss)

    def _chosen(self, curves: ImportedCurves) -> dict[str, str]:
        return {column: one for column, one in self._meanings.items() if one and column in curves.columns}

    def _append(self, rows: Rows) -> None:
        steps = rows["step"]
        whole = (steps >= self._next) & (steps < steps[-1])
        if whole.any():
            self._writer.append({name: values[whole] for name, values in rows.items()})
        self._waiting = {name: values[-1:] for name, values in rows.items()}
        self._next = max(self._next, int(steps[-1]))
        losses = rows["loss"][np.isfinite(rows["loss"])]
        self._loss = float(losses[-1]) if len(losses) else None

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise RunError(
                _("{folder}: {reason}. Choose another folder with --out or RESVIZ_RUNS.").format(
                    folder=self.folder, reason=error.strerror or error
                )
            ) from None


def _rows(curves: ImportedCurves, chosen: Mapping[str, str]) -> Rows:
    """Return a row for each step that a column has, NaN where a column has none."""
    taken = {_scalar_of(meaning): (curves.columns[column], meaning) for column, meaning in chosen.items()}
    steps = np.unique(np.concatenate([x for (x, _y), _meaning in taken.values()]))
    if (steps < 0).any() or (steps != np.floor(steps)).any() or steps[-1] > np.iinfo(np.int64).max // 2:
        raise RunError(_("{file}: steps must be whole numbers from 0. Add a column step.").format(file=curves.path))
    rows: Rows = {"step": steps.astype(np.int64)}
    for name in SCALARS:  # every run has all of them
        rows[name] = np.full(len(steps), np.nan)
        if name in taken:
            (x, y), meaning = taken[name]
            values = as_scalar(meaning, y)[1]
            rows[name][np.searchsorted(steps, x)] = values  # of a step that was written twice the later value
    return rows


def _scalar_of(meaning: str) -> str:
    return as_scalar(meaning, np.empty(0))[0]
