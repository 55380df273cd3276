"""Writing a file as a whole or not at all."""

from __future__ import annotations

import contextlib
import os
from glob import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def unfinished_files(path: Path) -> list[Path]:
    """Return the files that killed programs left when they wrote this file."""
    return list(path.parent.glob(f".{escape(path.name)}.*.part"))


def write_whole(path: Path, content: bytes) -> None:
    """Write a file next to the old one, then replace the old one. Readers find the old content or the new one.

    Each process writes to a new file with its own name, so a planted link is never followed. Raise OSError if writing
    fails; then nothing is left behind.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.unlink(missing_ok=True)
        with part.open("xb") as file:
            file.write(content)
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):  # on a disk that is full nothing is to be left
            part.unlink(missing_ok=True)
        error.filename = str(path)
        raise
