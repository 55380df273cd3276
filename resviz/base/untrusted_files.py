"""Files in folders that may come from a stranger: only regular ones are read or continued, and no link is followed."""

from __future__ import annotations

import errno
import os
import stat
from typing import IO, TYPE_CHECKING

from resviz.base.translation import _

if TYPE_CHECKING:
    from pathlib import Path


def regular(path: Path) -> os.stat_result:
    """Return what the file system knows about a file.

    Raise OSError unless it is a regular file: a link, a pipe or a device could lead out of the folder, or never end.
    """
    about = path.lstat()
    if not stat.S_ISREG(about.st_mode):
        raise OSError(errno.EINVAL, _("is not a regular file, so Resviz has not written it"), str(path))
    return about


def opened(path: Path) -> IO[bytes]:
    """Return a regular file, to be read. Raise OSError if that is not possible."""
    regular(path)
    return path.open("rb")


def opened_to_append(path: Path) -> IO[bytes]:
    """Return a regular file, to be written behind its end; it is made if there is none. Raise OSError otherwise."""
    flags = os.O_APPEND | os.O_CREAT | os.O_RDWR | getattr(os, "O_BINARY", 0)
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    file = os.fdopen(os.open(path, flags, 0o666), "ab")
    try:
        regular(path)
    except OSError:
        file.close()
        raise
    return file


def append_line(path: Path, line: str) -> None:
    """Append a line to a regular file, or make the file. Raise OSError for anything but a regular file."""
    with opened_to_append(path) as file:
        file.write(line.encode() + b"\n")
