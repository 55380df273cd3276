"""ImageView: what the views drawn as pictures of numbers have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from typing_extensions import override

from resviz.gui.plots.heat_image import HeatImage
from resviz.gui.plots.heat_plot import HeatPlot
from resviz.gui.plots.views.view import View, format_value

if TYPE_CHECKING:
    from collections.abc import Sequence

_EMPTY_SIZE = 10
"""Steps and places that the axes of an empty picture show."""


class ImageView(View):
    """A view that is drawn on a HeatPlot, with a picture for each net."""

    surface = HeatPlot

    @override
    def clear(self, surface: HeatPlot) -> None:
        """Show the axes alone."""
        rectangle = (-0.5, 0.5, _EMPTY_SIZE, _EMPTY_SIZE)
        surface.set_pictures([HeatImage("", "", 0, np.empty((0, 0)), rectangle, counts=False)], 0, 1, False)
        surface.scale.hide()
        surface.set_cursor(None)

    @override
    def numbers(self, surface: HeatPlot) -> list[Sequence[object]]:
        """Return the values of every picture, with the x of their column."""
        found: list[Sequence[object]] = [("net", "row", "column", "x", "value")]
        for picture in surface.pictures:
            rows, columns = picture.values.shape
            for row in range(rows):
                for column in range(columns):
                    value = format_value(picture.values[row, column])
                    found.append((picture.name, row + 1, column, f"{picture.x_of(column):g}", value))
        return found
