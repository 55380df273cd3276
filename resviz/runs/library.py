"""The runs there are: those of the user's folder, and the samples that come with the program."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from resviz.base import assets
from resviz.base.errors import RunError
from resviz.base.translation import _
from resviz.runs.folder import RunFolder

if TYPE_CHECKING:
    from collections.abc import Iterable


_BESIDE = 4
"""Runs that Train can show at once."""
_NEWEST = 50
"""Runs among which those of a group are looked for: there may be thousands."""


def default_folder() -> Path:
    """Return where runs are kept unless told otherwise: RESVIZ_RUNS, or the user's data folder."""
    chosen = os.environ.get("RESVIZ_RUNS")
    return Path(chosen) if chosen else Path(platformdirs.user_data_dir("resviz", appauthor=False)) / "runs"


def sample_folder() -> Path:
    """Return the folder of the sample runs that come with the program."""
    return assets.asset_folder("sample_runs")


def find(folders: Iterable[Path]) -> tuple[list[RunFolder], list[RunError]]:
    """Return every run in these folders, the newest first within each, and what could not be read."""
    runs: list[RunFolder] = []
    problems: list[RunError] = []
    for folder in folders:
        here: list[RunFolder] = []
        for path in _run_folders(folder):
            try:
                here.append(RunFolder(path))
            except RunError as error:
                problems.append(error)
        runs += sorted(here, key=lambda run: (run.info.created, run.info.id), reverse=True)
    return runs, problems


def named(run: str) -> Path:
    """Return the folder of a run, from its path or its id, among the user's runs or the samples.

    Raise RunError otherwise.
    """
    path = Path(run)
    if is_run(path):
        return path
    if path.name == run:  # an id is one name, so that no path is made of it
        for folder in (default_folder(), sample_folder()):
            if is_run(folder / run):
                return folder / run
    raise RunError(
        _("{run} is not a run. Give a run's folder, or an id that `resviz runs` lists.").format(run=run[:200])
    )


def ids(folder: Path) -> list[str]:
    """Return the ids of the runs in a folder, newest first, without opening the runs."""
    return sorted((path.name for path in _run_folders(folder)), reverse=True)


def newest_run(folder: Path) -> Path | None:
    """Return the run of a folder that was written to last, or None if there is none."""
    return max((folder / one for one in ids(folder)), key=lambda one: one.stat().st_mtime, default=None)


def runs_beside(folder: Path) -> list[Path]:
    """Return a run's folder, then those of its group that are under way: several models of one loop."""
    run = RunFolder(folder)
    found = [folder]
    for name in ids(folder.parent)[:_NEWEST] if run.info.group else []:
        try:
            info = RunFolder(folder.parent / name).info
        except RunError:
            continue  # a damaged run beside it
        if name != folder.name and info.group == run.info.group and info.state == "running":
            found.append(folder.parent / name)
    return found[:_BESIDE]


def _run_folders(folder: Path) -> list[Path]:
    try:
        paths = list(folder.iterdir())
    except OSError:
        return []  # not made yet
    return [path for path in paths if is_run(path)]


def is_run(path: Path) -> bool:
    """Return whether there is a run's folder, readable or not."""
    try:
        return (path / "run.json").is_file()
    except OSError:  # someone else's folder
        return False
