"""Final errors against depth, parameters or FLOPs, a curve a family of nets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.plots.curve import Curve
from resviz.gui.plots.views.curve_view import CurveView
from resviz.gui.plots.views.view import ViewCache, register_view
from resviz.results.final_tables import SeedGroup, group_by_seed, variations
from resviz.results.run_summary import trained_runs

if TYPE_CHECKING:
    from resviz.gui.plots.curve_plot import CurvePlot
    from resviz.gui.plots.scene import Scene

_LABELS = {"depth": _("weight layers"), "parameters": _("parameters"), "flops": _("FLOPs (multiply-adds)")}


@register_view
class FinalErrorView(CurveView):
    """Held-out error of the last weights, mean over seeds with ± a sample standard deviation."""

    name = "final"
    title = _("Final error")
    order = 170
    in_train = False
    at_one_step = False

    @property
    @override
    def options(self) -> tuple[tuple[str, str], ...]:
        """What the error is drawn over."""
        return (("depth", _("by depth")), ("parameters", _("by parameters")), ("flops", _("by FLOPs")))

    @override
    def legend(self, scene: Scene, option: str) -> list[tuple[str, str, int]]:
        """Return no legend: the curves are families of nets, and have their names beside them."""
        return []

    @override
    def empty_reason(self, scene: Scene, option: str) -> str | None:
        """Run that have not measured their held-out error have no point."""
        if not trained_runs(scene.results):
            return scene.waiting
        measured = any(group.mean is not None for group in group_by_seed(scene.results))
        return None if measured else _("The held-out error was not measured in these runs.")

    @override
    def is_complete(self, scene: Scene, option: str) -> bool:
        """Return a report shows it where any error is known."""
        return any(run.info.error is not None for run in trained_runs(scene.results))

    @override
    def prepare(self, surface: CurvePlot, option: str, scene: Scene) -> None:
        """Set the axes."""
        surface.set_level(None)
        surface.set_span((0.0, 0.0))
        surface.set_cursor(None)
        surface.set_from_zero(True)
        surface.set_log(False, percent=True)
        surface.set_log_x(option != "depth")
        surface.set_window(None)
        surface.set_labels(_LABELS[option], _("held-out error"))

    @override
    def draw_scene(self, surface: CurvePlot, option: str, scene: Scene, cache: ViewCache) -> None:
        """Draw a curve for each unit in each variation."""
        curves = []
        used: dict[bool, int] = {}
        for variation, groups in variations(group_by_seed(scene.results)).items():
            for unit in dict.fromkeys(group.first.spec.unit for group in groups):
                family = [group for group in groups if group.first.spec.unit == unit and group.mean is not None]
                if family:
                    line_style = used.get(unit == "plain", 0)
                    used[unit == "plain"] = line_style + 1
                    curves += _family(f"{unit}, {variation}", unit, line_style, family, option, option != "depth")
        surface.set_curves(curves)
        surface.set_note("")


def _family(name: str, unit: str, line_style: int, groups: list[SeedGroup], against: str, log: bool) -> list[Curve]:
    """Return the curve, and a thin upright line for each deviation."""
    groups = sorted(groups, key=lambda group: getattr(group.first, against))
    x = np.array([getattr(group.first, against) for group in groups], np.float64)
    x = np.log10(x) if log else x
    y = np.array([group.mean for group in groups], np.float64)
    curves = [Curve(name, x, y, unit, line_style, dots=True)]
    for place, group in zip(x, groups, strict=True):
        if group.deviation is not None and group.mean is not None:
            ends = np.array([group.mean - group.deviation, group.mean + group.deviation])
            curves.append(Curve(name, np.array([place, place]), ends, unit, line_style, thin=True))
    return curves
