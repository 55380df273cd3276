"""Runs that were thrown away: a folder beside them, from which they come back until it is emptied."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from resviz.base.errors import RunError
from resviz.base.translation import _
from resviz.runs.library import is_run

if TYPE_CHECKING:
    from pathlib import Path

_NAME = ".trash"


def move_to_trash(folder: Path) -> Path:
    """Move a run into the trash of its folder, and return where it is now.

    Raise RunError if the run is being written, or can't be moved.
    """
    if not is_run(folder):  # a lock would make the folder again
        raise RunError(_("{folder}: the run is gone.").format(folder=folder))
    lock = FileLock(folder / "lock")
    try:
        with lock.acquire(timeout=0):
            place = folder.parent / _NAME / folder.name
            place.parent.mkdir(exist_ok=True)
            number = 1
            while place.exists():
                number += 1
                place = place.with_name(f"{folder.name}-{number}")
            return folder.rename(place)
    except Timeout:
        raise RunError(_("{folder}: the run is being written. Stop it first.").format(folder=folder)) from None
    except OSError as error:
        raise RunError(
            _("{folder} can't be moved to the trash: {reason}").format(folder=folder, reason=error.strerror or error)
        ) from None


def discard(folder: Path) -> None:
    """Delete a run that is not being written, without a way back. A folder that is no run is left alone."""
    if not is_run(folder):
        return
    try:
        with FileLock(folder / "lock").acquire(timeout=0):
            thrown = folder.rename(folder.with_name(f".{folder.name}-discarded"))
    except (Timeout, OSError):
        return
    shutil.rmtree(thrown, ignore_errors=True)


def bring_back(thrown: Path, folder: Path) -> None:
    """Restore a run from the trash. Raise RunError if it is gone, or another run has its place."""
    if folder.exists():
        raise RunError(
            _("{folder}: another run has this name. Move it away to restore this one.").format(folder=folder)
        )
    try:
        thrown.rename(folder)
    except OSError as error:
        raise RunError(
            _("{folder} can't be restored: {reason}").format(folder=thrown, reason=error.strerror or error)
        ) from None


def in_trash(root: Path) -> list[Path]:
    """Return the folders of the runs in the trash of a folder, sorted by name."""
    try:
        return sorted(path for path in (root / _NAME).iterdir() if is_run(path))
    except OSError:
        return []


def empty(root: Path) -> None:
    """Delete what is in the trash, for good. Raise RunError if that fails."""
    for path in in_trash(root):
        try:
            if path.is_symlink():  # what it leads to is not in the trash
                path.unlink()
            else:
                shutil.rmtree(path)
        except OSError as error:
            raise RunError(
                _("{path} can't be deleted: {reason}").format(path=path, reason=error.strerror or error)
            ) from None
