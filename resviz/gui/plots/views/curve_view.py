"""CurveView: what the views drawn as curves have in common, and DepthView for a quantity against depth."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.plots.curve import Curve
from resviz.gui.plots.curve_plot import CurvePlot
from resviz.gui.plots.depth_curve import DepthCurve, depth_curve
from resviz.gui.plots.views.alert_marks import alert_words
from resviz.gui.plots.views.view import View, ViewCache, format_value, place_names, quantity_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from resviz.gui.plots.scene import PlottedNet, Scene
    from resviz.measurements.quantity import Quantity

MAX_DOTS = 60
"""Values up to which each is marked by a dot."""


class CurveView(View):
    """A view that is drawn on a CurvePlot, with a curve for each net."""

    surface = CurvePlot

    @override
    def legend(self, scene: Scene, option: str) -> list[tuple[str, str, int]]:
        """Return each net's name, unit and line style."""
        return [(net.name, net.unit, net.line_style) for net in scene.nets]

    @override
    def clear(self, surface: CurvePlot) -> None:
        """Take the curves away."""
        surface.set_curves([])

    @override
    def numbers(self, surface: CurvePlot) -> list[Sequence[object]]:
        """Return the points of every curve."""
        points = [
            (curve.name, f"{x:.10g}", format_value(y)) for curve in surface.curves for x, y in surface.points(curve)
        ]
        return [("curve", "x", "y"), *points]


class DepthView(CurveView):
    """A quantity against depth, at one step."""

    measured: ClassVar[Quantity]

    @override
    def quantity(self, option: str) -> Quantity | None:
        """Return the one quantity of this view."""
        return self.measured

    @override
    def prepare(self, surface: CurvePlot, option: str, scene: Scene) -> None:
        """Set the axes that the quantity declares."""
        quantity = quantity_in(scene, self.measured.name) or self.measured
        prepare_depth(surface, quantity)
        surface.set_log(quantity.log)
        surface.set_labels(quantity.axis_label, _(quantity.label))

    @override
    def draw_scene(self, surface: CurvePlot, option: str, scene: Scene, cache: ViewCache) -> None:
        """Draw a line for each net. The note names layers without a logarithm."""
        name = self.measured.name
        nets = [net for net in scene.nets if net.history.has(name)]
        quantity = quantity_in(scene, name) or self.measured
        lines = [depth_curve(net.history.at(name, net.row), log=quantity.log) for net in nets]
        draw_lines(surface, nets, lines, [place_names(net.history, quantity) for net in nets], name)


def prepare_depth(surface: CurvePlot, quantity: Quantity) -> None:
    """Set what the axes of a quantity always show."""
    surface.set_log_x(False)
    surface.set_window(None)
    level, text = quantity.level or (None, "")
    surface.set_level(math.log10(level) if level is not None and quantity.log else level, text)
    surface.set_span(quantity.span)
    surface.set_cursor(None)
    surface.set_from_zero(not quantity.log)


def draw_lines(
    surface: CurvePlot,
    nets: Sequence[PlottedNet],
    lines: Sequence[DepthCurve],
    places: Sequence[tuple[str, ...]] | None = None,
    quantity: str = "",
) -> None:
    """Draw a line for each net. The note names what is no number on this scale, and what looked wrong."""
    surface.set_curves(
        [
            Curve(
                net.name,
                line.x,
                line.y,
                net.unit,
                net.line_style,
                dots=len(line.x) <= MAX_DOTS,
                strong=net.strong,
                places=names,
            )
            for net, line, names in zip(nets, lines, places or [()] * len(nets), strict=True)
        ]
    )
    notes = [(net.name, line.note) for net, line in zip(nets, lines, strict=True) if line.note]
    notes += [(net.name, text) for net in nets if (text := alert_words(net, quantity))]
    surface.set_note("; ".join(f"{name}: {text}" for name, text in notes))
