"""The colours of numbers: viridis (van der Walt and Smith 2015), even for the colour blind, and in grey.

Its 256 colours are data of the program's own, so that a first picture in colours needs no plotting library.
"""

from __future__ import annotations

from functools import cache

from PySide6.QtGui import QColor

from resviz.base import assets


@cache
def colours() -> tuple[tuple[int, int, int], ...]:
    """Return red, green and blue from 0 to 255, from the lowest number to the highest."""
    lines = (assets.asset_folder("resources") / "viridis.txt").read_text(encoding="ascii").split()
    return tuple((int(line[:2], 16), int(line[2:4], 16), int(line[4:], 16)) for line in lines)


def colour_at(share: float) -> QColor:
    """Return the colour at a place of the scale, 0 its low end and 1 its high one."""
    table = colours()
    return QColor(*table[int(min(max(share, 0.0), 1.0) * (len(table) - 1))])
