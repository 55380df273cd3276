"""Scalars of a project that Trackio logged: `PROJECT.db`, an SQLite file with a row of JSON for each step of a run."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING

from resviz.base.errors import RunError
from resviz.base.translation import _

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MAX_ROW = 1_000_000


def trackio_scalars(path: Path) -> Iterator[tuple[int, str, float, float]]:
    """Yield how many bytes of rows are read, and tag, step and value of each number: of several runs as `RUN/TAG`.

    Raise RunError if the file is no project of Trackio.
    """
    try:
        with sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True) as file:
            names = [str(name) for (name,) in file.execute("SELECT DISTINCT run_name FROM metrics LIMIT 1000")]
            rows = file.execute(
                "SELECT run_name, step, metrics FROM metrics WHERE length(metrics) < ? ORDER BY id", (_MAX_ROW,)
            )
            read = 0
            for name, step, text in rows:
                read += len(text)
                for tag, value in _numbers(text):
                    yield read, f"{name}/{tag}" if len(names) > 1 else tag, float(step), value
        file.close()
    except (sqlite3.Error, ValueError, TypeError) as error:
        raise RunError(_("{path} is not a project of Trackio: {reason}").format(path=path, reason=error)) from None


def _numbers(text: str | bytes) -> Iterator[tuple[str, float]]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return
    if isinstance(found, dict):
        for tag, value in found.items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                yield tag, float(value)
