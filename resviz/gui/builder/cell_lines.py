"""What is written into a cell of the depth table: a line for each convolution of its block, or for each of its parts.

No Qt.
"""

from __future__ import annotations

from typing import NamedTuple

from resviz.base.translation import _
from resviz.gui.builder.completion import pretty
from resviz.nets.notation import Block, Cell, Pool, Stage


class Lines(NamedTuple):
    """The lines of a cell. `bracketed` lines belong to one block, which repeats `repeats` times."""

    lines: list[str]
    repeats: str = ""
    bracketed: bool = False


def layout_lines(text: str) -> Lines:
    """Return the lines of a cell's text, which is pretty and right."""
    if "[" not in text:
        return Lines([line.strip() for line in text.split(";")])
    if "|" not in text and text.count("[") == 1 and not text.partition("]")[2].count(";"):
        body, _, repeats = text[1:].partition("]")
        return Lines([line.strip() for line in body.split(";")], repeats.strip(), bracketed=True)
    return Lines([_line(part) for part in Stage.parse(text).parts])


def _line(part: object) -> str:
    """Return a part of a stage that has several, in a few words: there is no room for all of an Inception module."""
    if not isinstance(part, Block):
        return pretty(str(part))
    repeats = f" ×{part.repeats}" if part.repeats > 1 else ""
    if part.is_straight:
        return "; ".join(pretty(str(cell)) for cell in part.cells) + repeats
    ends = [branch[-1] for branch in part.branches]
    filters = sum(end.filters for end in ends if isinstance(end, Cell))
    passed = _(" + input") if any(isinstance(part, Pool) for part in ends) else ""
    return _("{count} branches, {filters}").format(count=len(part.branches), filters=f"{filters}{passed}{repeats}")
