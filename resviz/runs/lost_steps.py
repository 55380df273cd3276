"""Steps that a run has done but whose rows can't be read: damaged, cut off or deleted. They are counted and said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from resviz.base.translation import ngettext
from resviz.runs import metrics

if TYPE_CHECKING:
    from pathlib import Path

    from resviz.runs.records import RunInfo

_ENDED = ("finished", "stopped", "failed")


def lost_steps(info: RunInfo, rows: int) -> int:
    """Return how many steps of a run have no row, if so many `rows` can be read.

    While a run is running its rows say how far it is. Imported curves have rows for some steps only.
    """
    return max(0, info.steps - info.left_out - rows) if info.state in _ENDED and (info.spec or info.watched) else 0


def find_lost_steps(folder: Path, info: RunInfo) -> int:
    """Return how many steps have lost their rows at the end of a run, without reading all of them."""
    if info.state in ("finished", "stopped") and metrics.is_complete(folder):
        return 0
    try:
        rows = metrics.read_last(folder)
    except (OSError, pa.ArrowException):
        rows = {}
    return lost_steps(info, int(rows["step"][-1]) + 1 - info.left_out if rows else 0)


def describe_lost_steps(name: str, lost: int, steps: int) -> str:
    """Return a sentence about lost steps, or "" if there are none."""
    if not lost:
        return ""
    text = ngettext(
        "{run}: {lost} of {steps} steps can't be read, because its rows are damaged or missing.",
        "{run}: {lost} of {steps} steps can't be read, because their rows are damaged or missing.",
        lost,
    )
    return text.format(run=name, lost=lost, steps=steps)
