"""The spec files opened and saved last, newest first, kept between sittings."""

from __future__ import annotations

from pathlib import Path

from resviz.base.settings import read_values, write_values

MAX_FILES = 8
_FILE = "recent.json"


def recent_files() -> list[Path]:
    """Return the recent files that still exist."""
    names = read_values(_FILE)[0].get("files", [])
    paths = [Path(name) for name in names if isinstance(name, str)] if isinstance(names, list) else []
    return [path for path in paths if path.is_file()][:MAX_FILES]


def remember(path: Path) -> None:
    """Put a file first. A folder that can't be written to remembers nothing, and that is no error."""
    path = path.absolute()
    paths = [path, *(other for other in recent_files() if other != path)][:MAX_FILES]
    write_values(_FILE, {"files": [str(each) for each in paths]})
