"""A net's spec in a temporary file, for a command that reads it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from resviz.nets.spec import NetSpec


class SpecFile:
    """One file in a folder of its own."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="resviz-")

    def write(self, spec: NetSpec) -> Path:
        """Replace the file's net, and return its path."""
        path = Path(self._folder.name) / "net.toml"
        path.write_text(spec.to_toml(), encoding="utf-8")
        return path

    def remove(self) -> None:
        """Remove the folder."""
        self._folder.cleanup()
