"""Writing a file as a whole or not at all."""

from __future__ import annotations

import contextlib
from pathlib import Path


def part_of(path: Path) -> Path:
    """Where a file is while it is written."""
    return path.with_name(f".{path.name}.part")


def write_whole(path: Path, content: bytes) -> None:
    """Beside the old one first, then in its place: what is there is the old file or the new one. Raises OSError."""
    part = part_of(path)
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        error.filename = str(path)
        raise
