"""The history of a saved run: all that it has measured, read at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resviz.base.errors import RunError
from resviz.base.translation import _
from resviz.measurements.history import RunHistory
from resviz.runs.folder import RunFolder

if TYPE_CHECKING:
    from pathlib import Path


def read_history(folder: Path) -> RunHistory:
    """Return what a run has measured. Raise RunError if it can't be read."""
    run = RunFolder(folder)
    history = RunHistory(run.layers)
    rows = run.rows()
    try:
        if rows:
            history.append(rows)
    except ValueError as error:
        raise RunError(
            _("{folder}: {error}. Its files belong to different runs.").format(folder=folder, error=error)
        ) from None
    return history
