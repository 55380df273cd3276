"""Writing a file as a whole or not at all."""

from __future__ import annotations

import contextlib
import os
from glob import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def unfinished_files(path: Path) -> list[Path]:
    """Return what programs that were killed while they wrote a file have left beside it."""
    return list(path.parent.glob(f".{escape(path.name)}.*.part"))


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside the old one, then put it in its place: readers find the old content or the new, whole.

    Every process writes under a name of its own, into a new file: a link planted under that name is never followed.
    Raises OSError, and leaves nothing behind.
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
