"""The spec files opened and saved last, newest first, kept between sittings."""

from __future__ import annotations

import json
import os
from pathlib import Path

import platformdirs

from resviz.base.atomic_files import write_whole

MAX_FILES = 8
_FILE = "recent.json"


def settings_folder() -> Path:
    """Return where the window keeps what it remembers; RESVIZ_SETTINGS chooses another place."""
    chosen = os.environ.get("RESVIZ_SETTINGS")
    return Path(chosen) if chosen else Path(platformdirs.user_config_dir("resviz", appauthor=False))


def recent_files() -> list[Path]:
    """Return the recent files that still exist."""
    try:
        names = json.loads((settings_folder() / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    paths = [Path(name) for name in names if isinstance(name, str)] if isinstance(names, list) else []
    return [path for path in paths if path.is_file()][:MAX_FILES]


def remember(path: Path) -> None:
    """Put a file first. A folder that can't be written to remembers nothing, and that is no error."""
    path = path.absolute()
    paths = [path, *(other for other in recent_files() if other != path)][:MAX_FILES]
    folder = settings_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / _FILE, json.dumps([str(each) for each in paths]).encode())
    except OSError:
        return
