"""JSON files with a checksum. The first member is the CRC-32 of all bytes after it, so that no change goes unseen.

    {"crc32":"0f3a9c1d",
     "format": 4, ...

The file stays ordinary JSON for every other program.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

from resviz.base.errors import RunError
from resviz.base.translation import _

if TYPE_CHECKING:
    from pathlib import Path

_SEAL = re.compile(rb'\{"crc32":"([0-9a-f]{8})",')


def seal(content: bytes) -> bytes:
    """Return a JSON object with its checksum as its first member."""
    rest = content[1:]
    return b'{"crc32":"%08x",' % zlib.crc32(rest) + rest


def unseal(content: bytes, path: Path, *, required: bool) -> bytes:
    """Return the JSON object without its checksum. One without a checksum is returned as it is.

    Raises:
        RunError: The content was changed after it was written, or a checksum is required and there is none.
    """
    found = _SEAL.match(content)
    rest = content[found.end() :] if found else b""
    if found and int(found[1], 16) == zlib.crc32(rest):
        return b"{" + rest
    if found or required:
        raise RunError(
            _("{path} was changed after it was written. Restore the run's folder from a copy.").format(path=path)
        )
    return content
