"""The files in which the program keeps settings and what it remembers between starts. No Qt, no pydantic."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import platformdirs

from resviz.base.atomic_files import write_whole

SETTINGS_FILE = "settings.json"


def settings_folder() -> Path:
    """Return where the window keeps what it remembers; RESVIZ_SETTINGS chooses another place."""
    chosen = os.environ.get("RESVIZ_SETTINGS")
    return Path(chosen) if chosen else Path(platformdirs.user_config_dir("resviz", appauthor=False))


def read_setting(key: str) -> Any:
    """Return a value of the settings file, or None. A file that can't be read has no values, and is left alone."""
    try:
        values = json.loads((settings_folder() / SETTINGS_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return values.get(key) if isinstance(values, dict) else None


def read_values(name: str) -> tuple[dict[str, Any], Path | None]:
    """Return the values of a file of the settings folder, and where the file was put if it was damaged.

    A file that is missing has no values. A damaged file is renamed, so that nothing in it is lost.
    """
    path = settings_folder() / name
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}, None
    except (OSError, ValueError, RecursionError):
        return {}, set_aside(name)
    return (values, None) if isinstance(values, dict) else ({}, set_aside(name))


def set_aside(name: str) -> Path:
    """Rename a file of the settings folder that can't be used, and return its new path."""
    path = settings_folder() / name
    aside = next(
        place
        for number in range(1, 1000)
        if not (place := path.with_name(f"{path.stem}-damaged-{number}.json")).exists()
    )
    try:
        path.rename(aside)
    except OSError:  # a folder that can't be written to: the file stays, and is not used
        return path
    return aside


def write_values(name: str, values: Any) -> bool:
    """Replace a file of the settings folder. Return whether that was possible; if not, nothing is remembered."""
    folder = settings_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / name, json.dumps(values, indent=1).encode())
    except OSError:
        return False
    return True
