"""Writing a file as a whole or not at all: the one way in which the program replaces a file."""

from __future__ import annotations

import contextlib
import os
import secrets
from glob import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
"""A new file, and never one that is there already, whatever it leads to."""


def unfinished_files(path: Path) -> list[Path]:
    """Return the files that killed programs left when they wrote this file."""
    return list(path.parent.glob(f".{escape(path.name)}.*.part"))


def write_whole(path: Path, content: bytes) -> None:
    """Write a file next to the old one, then replace the old one. Readers find the old content or the new one.

    The file next to it has a random name and is always a new one, so nothing that somebody prepared in the folder is
    followed or overwritten. Raise OSError if writing fails; then nothing is left behind.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    try:
        with os.fdopen(os.open(part, _NEW, 0o666), "wb") as file:
            file.write(content)
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):  # on a disk that is full nothing is to be left
            part.unlink(missing_ok=True)
        error.filename = str(path)
        raise
