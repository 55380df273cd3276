"""Nets of other programs on the command line: asked for like a net of the catalogue, and shown like one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from resviz.base.clean_text import clean_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resviz.capturing.captured_net import CapturedNet


def read_captured(text: str, inputs: Sequence[str], arguments: str) -> CapturedNet | None:
    """Return the net that a text names in another library, a Python file or a file of a model; None if it names none.

    Raise ResvizError in one line if it can't be built or read.
    """
    from resviz.capturing.model_source import parse_source

    source = parse_source(text, tuple(inputs), arguments)
    if source is None:
        return None
    from resviz.capturing.process import capture

    if source.warning and sys.stderr.isatty():
        sys.stderr.write(clean_text(source.warning) + "\n")
    return capture(source)


def document(net: CapturedNet) -> dict[str, Any]:
    """Return what --json says of a captured net beside what it says of every net."""
    return {
        "origin": net.origin,
        "way": net.way,
        "problem": net.problem,
        "unused": [{"name": name, "params": size} for name, size in net.unused],
    }
