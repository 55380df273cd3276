"""Which files have curves of other programs, by their names: no file is opened here."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PATTERNS = "*.csv *.tsv *tfevents* *.wandb *.db"
"""As file dialogs want them."""
TABLES = (".csv", ".tsv")
EVENTS = "tfevents"
"""Part of the names of TensorBoard's files."""
_ENDINGS = {".wandb": "wandb", ".db": "trackio"}


def logger_of(path: Path) -> str:
    """Return which logger wrote a file, or the files in a folder: "tensorboard", "wandb", "trackio" or ""."""
    if path.is_dir():
        names = [file.name for file in path.rglob("*") if file.is_file()]
        known = (logger for name in names for logger in [_by_name(name)] if logger and logger != "trackio")
        return next(known, "")
    return _by_name(path.name)


def logger_files(path: Path, logger: str) -> list[Path]:
    """Return the files of a logger in a folder, or the file itself."""
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.rglob("*") if file.is_file() and _by_name(file.name) == logger)


def stamp_of_log(path: Path) -> tuple[tuple[str, int, int], ...]:
    """Return names, times and sizes of the files with a path's curves, to tell whether they have grown."""
    try:
        found = [(file, file.stat()) for file in logger_files(path, logger_of(path))]
    except OSError:
        return ()
    return tuple((str(file), about.st_mtime_ns, about.st_size) for file, about in found)


def has_curves(path: Path) -> bool:
    """Return whether a file, or a folder, has curves, by the names of the files."""
    if path.is_dir():
        return any(_by_name(inside.name) in ("tensorboard", "wandb") for inside in path.iterdir())
    return path.suffix.lower() in TABLES or bool(_by_name(path.name))


def _by_name(name: str) -> str:
    if EVENTS in name:
        return "tensorboard"
    return next((logger for ending, logger in _ENDINGS.items() if name.lower().endswith(ending)), "")
