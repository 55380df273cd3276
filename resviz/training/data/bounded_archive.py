"""A tar archive, packed or not, of which no single part is read that is larger than it may be.

tarfile reads a header as a whole, and a few megabytes of an archive can unpack to a header of gigabytes.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import lzma
import tarfile
from typing import IO, TYPE_CHECKING, Any, cast

from resviz.base.translation import _

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PACKED: dict[bytes, Any] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}
"""By the bytes that a file begins with, what unpacks it."""


@contextlib.contextmanager
def open_tar(archive: Path, largest: int) -> Iterator[tarfile.TarFile]:
    """Open an archive. Reading raises OSError where a part of it has more than `largest` bytes."""
    with archive.open("rb") as file, contextlib.ExitStack() as stack:
        start = file.read(6)
        file.seek(0)
        unpack = next((unpack for magic, unpack in _PACKED.items() if start.startswith(magic)), None)
        stream = stack.enter_context(unpack(file, "rb")) if unpack else file
        yield stack.enter_context(tarfile.open(fileobj=cast("IO[bytes]", _Bounded(stream, largest)), mode="r:"))


class _Bounded:
    """A stream whose reader can ask for so much at a time only."""

    def __init__(self, stream: IO[bytes], largest: int) -> None:
        self._stream, self._largest = stream, largest
        self.seek, self.tell = stream.seek, stream.tell

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= self._largest + tarfile.BLOCKSIZE:
            raise OSError(_("a part of it has {size} bytes").format(size=size))
        return self._stream.read(size)
