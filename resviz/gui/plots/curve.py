"""A line with its name, as a plot is given it. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Curve:
    """A line with its name. `unit` and `line_style` choose colour and style; a NaN in y is a gap."""

    name: str
    x: np.ndarray
    y: np.ndarray
    unit: str
    line_style: int = 0
    dots: bool = False
    thin: bool = False
    """Half as wide, and without its name: what belongs to the curve before it."""
    strong: bool = False
    """Drawn wider, and named among however many."""
    places: tuple[str, ...] = ()
    """Names of the places that x counts, such as layers, where they have names."""
    faint: bool = False
    """As what is measured behind what was smoothed."""
