"""What a file is, as far as the window can open it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resviz.capturing.model_source import FILES, GRAPH_ENDING
from resviz.runs.curve_kinds import has_curves
from resviz.runs.library import is_run

if TYPE_CHECKING:
    from pathlib import Path


def kind_of_file(path: Path) -> str:
    """Return what a file is.

    "spec" for a net, "model" for a model of another program, "run" for a run folder, "curves" for CSV files
    and logs of other programs, or "" for others.
    """
    if path.is_dir():
        if is_run(path):
            return "run"
        return "curves" if has_curves(path) else ""
    if has_curves(path):
        return "curves"
    if path.suffix.lower() in (*FILES, ".py") or path.name.lower().endswith(GRAPH_ENDING):
        return "model"
    return "spec" if path.suffix.lower() == ".toml" else ""
