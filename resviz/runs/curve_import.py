"""Curves from elsewhere: scalars of TensorBoard, Weights & Biases (offline) and Trackio, and columns of a CSV file.

All may come from strangers: sizes are limited, numbers are all that is taken, and what is cut off is read up to there.
"""

from __future__ import annotations

import csv
import io
import re
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from resviz.base.clean_text import clean_line
from resviz.base.errors import RunError
from resviz.base.translation import _
from resviz.base.untrusted_files import opened
from resviz.runs import event_files, trackio_files, wandb_files
from resviz.runs.curve_kinds import logger_files, logger_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from resviz.base.progress import Progress

MAX_BYTES = 200_000_000
MAX_COLUMNS = 2000
MAX_NUMBERS = 20_000_000
_TOLD_EVERY = 1000
"""Lines of a CSV file, or numbers of a logger's file."""
_STEP_NAMES = ("step", "global_step", "steps", "iteration", "iter", "batch", "epoch")
"""Headings of the x axis, the first that there is; the others, and times, are no curves either."""
_TIMES = ("wall time", "wall_time", "walltime", "time", "timestamp", "relative")


@dataclass(frozen=True)
class ImportedCurves:
    """The content of an imported file: for each column its steps and values, both (step,) float64, sorted by step."""

    name: str
    path: Path
    columns: Mapping[str, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)
    in_epochs: bool = False
    """Whether the steps count epochs."""


def read_curves(path: Path, progress: Progress = lambda share: True) -> ImportedCurves:
    """Return a CSV file, a logger's file, or a folder with such files.

    Raise RunError if there is nothing to draw, or `progress` stops the reading.
    """
    try:
        logger = logger_of(path)
        if logger:
            return _logged(path, logger, progress)
        if path.is_dir():
            raise RunError(_("{path}: there is no log of TensorBoard or Weights & Biases in it.").format(path=path))
        return _csv(path, progress)
    except OSError as error:
        raise RunError(
            _("{path}: {reason}. Choose a CSV file or a log of TensorBoard, Weights & Biases or Trackio.").format(
                path=path, reason=error.strerror or error
            )
        ) from None


def guess_scalar(column: str) -> str:
    """Return which scalar a column is, from its name: "val/loss" is the held-out loss; "" if the name says nothing.

    An accuracy is drawn as an error, 1 minus the accuracy: "accuracy" and "held_out_accuracy" say so.
    """
    words = set(re.split(r"[^a-z]+", column.lower()))
    held_out = bool(words & {"val", "valid", "validation", "test", "held", "heldout", "eval", "evaluation"})
    if words & {"lr", "rate"} and words & {"lr", "learning"}:
        return "learning_rate"
    kinds = {
        "error": {"err", "error", "errors"},
        "accuracy": {"acc", "accuracy", "precision", "top"},
        "loss": {"loss", "cost", "entropy", "nll", "crossentropy"},
    }
    kind = next((kind for kind, names in kinds.items() if words & names), "")
    return f"held_out_{kind}" if held_out and kind else kind


def as_scalar(meaning: str, values: np.ndarray) -> tuple[str, np.ndarray]:
    """Return the scalar that a column is drawn as, and its values (step,): of an accuracy the error.

    An accuracy or an error above 1.5 is in percent.
    """
    finite = values[np.isfinite(values)]
    share = values / 100 if len(finite) and meaning.endswith(("accuracy", "error")) and finite.max() > 1.5 else values
    if meaning.endswith("accuracy"):
        return meaning.replace("accuracy", "error"), 1 - share
    return meaning, share


class _Steps:
    """Tells how far the reading of a file is, every so many steps of it."""

    def __init__(self, path: Path, progress: Progress) -> None:
        self._path, self._progress, self._count = path, progress, 0

    def __call__(self, done: int, whole: int) -> None:
        self._count += 1
        if self._count % _TOLD_EVERY == 0 and not self._progress(min(1.0, done / max(1, whole))):
            raise RunError(_("{path} was not read to its end: stopped.").format(path=self._path))


def _csv(path: Path, progress: Progress) -> ImportedCurves:
    with opened(path) as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise RunError(_("{path} is larger than {most} bytes. Import fewer rows.").format(path=path, most=MAX_BYTES))
    if b"\0" in content:
        raise RunError(
            _(
                "{path} is not a text file. Choose a CSV file or a log of TensorBoard, Weights & Biases or Trackio."
            ).format(path=path)
        )
    head = content.partition(b"\n")[0].decode("utf-8-sig", "replace")
    separator = max(",;\t", key=head.count)  # by its headings: numbers may have commas of their own
    raw = io.BytesIO(content)
    text = io.TextIOWrapper(raw, "utf-8-sig", "replace", newline="")
    steps_of_reading = _Steps(path, progress)
    try:
        headings, table = _table(
            csv.reader(text, delimiter=separator),
            path,
            comma=separator != ",",
            told=lambda: steps_of_reading(raw.tell(), len(content)),
        )
    except csv.Error as error:
        raise RunError(_("{path} is not a CSV file: {error}").format(path=path, error=error)) from None
    lower = [heading.lower() for heading in headings]
    place = next((lower.index(name) for name in _STEP_NAMES if name in lower), None)
    no_curves = {i for i, name in enumerate(lower) if name in (*_STEP_NAMES, *_TIMES)}
    steps = np.arange(len(table), dtype=np.float64) if place is None else table[:, place]
    columns = {
        heading: _in_order(steps, table[:, i])
        for i, heading in enumerate(headings)
        if i not in no_curves and (np.isfinite(table[:, i]) & np.isfinite(steps)).any()
    }
    if not columns:
        raise RunError(_("{path}: no column has numbers.").format(path=path))
    return _cleaned(path.stem, path, columns, in_epochs=place is not None and lower[place] == "epoch")


def _cleaned(
    name: str, path: Path, columns: Mapping[str, tuple[np.ndarray, np.ndarray]], *, in_epochs: bool = False
) -> ImportedCurves:
    """Return the curves with names that can be shown anywhere."""
    names = {clean_line(column): curve for column, curve in columns.items()}
    return ImportedCurves(clean_line(name), path, names, in_epochs)


def _table(
    rows: Iterator[list[str]], path: Path, *, comma: bool, told: Callable[[], None]
) -> tuple[list[str], np.ndarray]:
    """Return the headings and the numbers (line, column), NaN for what is none. Lines are taken one at a time."""
    filled = (row for row in rows if row)
    first = next(filled, [])
    headings = [heading.strip() or _("column {number}").format(number=n) for n, heading in enumerate(first, 1)]
    width, numbers = len(headings), array("d")
    if 0 < width <= MAX_COLUMNS:
        for row in filled:
            told()
            numbers.extend(_number(cell, comma=comma) for cell in (row + [""] * width)[:width])
            if len(numbers) > MAX_NUMBERS:
                raise RunError(
                    _("{path} has more than {most} numbers. Import fewer rows.").format(path=path, most=MAX_NUMBERS)
                )
    if not numbers:
        raise RunError(
            _("{path}: expected a line of headings, then lines of numbers, with up to {most} columns.").format(
                path=path, most=MAX_COLUMNS
            )
        )
    return headings, np.frombuffer(numbers, np.float64).reshape(-1, width)


def _number(text: str, *, comma: bool) -> float:
    """Return a number, or NaN. German spreadsheets write 0,5 and separate by semicolons."""
    try:
        return float(text.replace(",", ".") if comma else text)
    except ValueError:
        return float("nan")


def _in_order(steps: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    known = np.isfinite(steps) & np.isfinite(values)
    order = np.argsort(steps[known], kind="stable")
    return steps[known][order], values[known][order]


def _logged(path: Path, logger: str, progress: Progress) -> ImportedCurves:
    """Return the scalars of a logger's file, or of all files of a logger in a folder."""
    read, files = _LOGGERS[logger], logger_files(path, logger)
    found: dict[str, tuple[list[float], list[float]]] = {}
    before, count, told = 0, 0, _Steps(path, progress)
    whole = sum(file.stat().st_size for file in files)
    for file in files:
        position = 0
        for position, tag, step, value in read(file):
            told(before + position, whole)
            count += 1
            if before + position > MAX_BYTES or count > MAX_NUMBERS:
                raise RunError(
                    _("{path} has more than {most} bytes of events. Import a part of them.").format(
                        path=path, most=MAX_BYTES
                    )
                )
            if tag and not tag.startswith("_") and (tag in found or len(found) < MAX_COLUMNS):
                steps, values = found.setdefault(tag, ([], []))
                steps.append(step)
                values.append(value)
        before += position
    columns = {tag: _in_order(np.array(steps), np.array(values)) for tag, (steps, values) in found.items()}
    if not columns:
        raise RunError(_("{path}: there are no scalars in it.").format(path=path))
    name = path.name if path.is_dir() else path.stem if logger == "trackio" else path.parent.name
    return _cleaned(name, path, columns)


_LOGGERS = {
    "tensorboard": event_files.event_scalars,
    "wandb": wandb_files.wandb_scalars,
    "trackio": trackio_files.trackio_scalars,
}
"""What reads a logger's file: it yields how far it is, tag, step and value."""
