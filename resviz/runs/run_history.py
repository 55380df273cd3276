"""The history of a saved run: all that it has measured, read at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resviz.measurements.history import RunHistory
from resviz.runs.checked_rows import measured_layers
from resviz.runs.folder import RunFolder

if TYPE_CHECKING:
    from pathlib import Path


def read_history(folder: Path) -> RunHistory:
    """Return what a run has measured. Raise RunError if it can't be read."""
    run = RunFolder(folder)
    rows = run.rows()
    history = RunHistory(measured_layers(run.layers, rows))
    if rows:
        history.append(rows)
    return history
