"""Curves from elsewhere: scalars of TensorBoard's event files, and columns of a CSV file.

Both may come from strangers: sizes are limited, numbers are all that is taken, and what is cut off is read up to there.
"""

from __future__ import annotations

import csv
import io
import re
import struct
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from resviz.base.clean_text import clean_line
from resviz.base.errors import RunError
from resviz.base.translation import _
from resviz.base.untrusted_files import opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from resviz.base.progress import Progress

MAX_BYTES = 200_000_000
MAX_COLUMNS = 2000
MAX_RECORD = 64_000_000
MAX_NUMBERS = 20_000_000
_TOLD_EVERY = 1000
"""Lines of a CSV file, or records of an event file."""
_STEP_NAMES = ("step", "global_step", "steps", "iteration", "iter", "batch", "epoch")
"""Headings of the x axis, the first that there is; the others, and times, are no curves either."""
_TIMES = ("wall time", "wall_time", "walltime", "time", "timestamp", "relative")
_HEADER = struct.Struct("<QI")
_EVENTS = "events.out.tfevents"


@dataclass(frozen=True)
class ImportedCurves:
    """The content of an imported file: for each column its steps and values, both (step,) float64, sorted by step."""

    name: str
    path: Path
    columns: Mapping[str, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)
    in_epochs: bool = False
    """Whether the steps count epochs."""


def read_curves(path: Path, progress: Progress = lambda share: True) -> ImportedCurves:
    """Return a CSV file, an event file, or a folder with event files.

    Raise RunError if there is nothing to draw, or `progress` stops the reading.
    """
    try:
        if path.is_dir() or _EVENTS in path.name:
            return _events(path, progress)
        return _csv(path, progress)
    except OSError as error:
        raise RunError(
            _("{path}: {reason}. Choose a CSV file or an event file of TensorBoard.").format(
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
            _("{path} is not a text file. Choose a CSV file or an event file of TensorBoard.").format(path=path)
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


def _events(path: Path, progress: Progress) -> ImportedCurves:
    paths = sorted(file for file in path.rglob(f"*{_EVENTS}*") if file.is_file()) if path.is_dir() else [path]
    found: dict[str, tuple[list[float], list[float]]] = {}
    read, whole, told = 0, sum(file.stat().st_size for file in paths), _Steps(path, progress)
    for file in paths:
        for record in _records(file):
            told(read, whole)
            read += len(record)
            if read > MAX_BYTES:
                raise RunError(
                    _("{path} has more than {most} bytes of events. Import a part of them.").format(
                        path=path, most=MAX_BYTES
                    )
                )
            for tag, step, value in _scalars(record):
                if tag in found or len(found) < MAX_COLUMNS:
                    steps, values = found.setdefault(tag, ([], []))
                    steps.append(step)
                    values.append(value)
    columns = {tag: _in_order(np.array(steps), np.array(values)) for tag, (steps, values) in found.items()}
    if not columns:
        raise RunError(_("{path}: there are no TensorBoard scalars in it.").format(path=path))
    return _cleaned(path.name if path.is_dir() else path.parent.name, path, columns)


def _records(path: Path) -> Iterator[bytes]:
    """Return the records of a TFRecord file up to the first that is cut off or changed.

    Length, its CRC-32C, data, its CRC.
    """
    from tensorboardX.crc32c import crc32c

    with opened(path) as file:
        while True:
            header = file.read(_HEADER.size)
            if len(header) < _HEADER.size:
                return
            length, crc = _HEADER.unpack(header)
            if length > MAX_RECORD or _masked(crc32c(header[:8])) != crc:
                return
            data, sum_ = file.read(length), file.read(4)
            if len(data) < length or len(sum_) < 4 or _masked(crc32c(data)) != struct.unpack("<I", sum_)[0]:
                return
            yield data


def _masked(crc: int) -> int:
    """As TFRecord files keep it."""
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def _scalars(record: bytes) -> list[tuple[str, float, float]]:
    """(tag, step, value) of an event's scalars: plain ones, and those that newer writers keep as tensors."""
    from google.protobuf.message import DecodeError
    from tensorboardX.proto.event_pb2 import Event

    event = Event()
    try:
        event.ParseFromString(record)
    except DecodeError:
        return []
    found = []
    for value in event.summary.value:
        if value.HasField("simple_value"):
            found.append((value.tag, float(event.step), float(value.simple_value)))
        elif value.HasField("tensor") and not value.tensor.tensor_shape.dim:
            number = _of_tensor(value.tensor)
            if number is not None:
                found.append((value.tag, float(event.step), number))
    return found


def _of_tensor(tensor: object) -> float | None:
    """Return a scalar tensor of float32 or float64, however it is written down."""
    kind = {1: ("f", "float_val"), 2: ("d", "double_val")}.get(tensor.dtype)  # type: ignore[attr-defined]
    if kind is None:
        return None
    values = getattr(tensor, kind[1])
    if len(values) == 1:
        return float(values[0])
    content = tensor.tensor_content  # type: ignore[attr-defined]
    form = struct.Struct(f"<{kind[0]}")
    return float(form.unpack(content)[0]) if len(content) == form.size else None
