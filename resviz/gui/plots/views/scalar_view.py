"""ScalarView: one number a step against steps, and what the views of losses and errors have in common."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from typing_extensions import override

from resviz.base.translation import _
from resviz.gui.plots.curve import Curve
from resviz.gui.plots.views.alert_marks import alert_dots, alert_note
from resviz.gui.plots.views.curve_view import MAX_DOTS, CurveView
from resviz.gui.plots.views.step_axis import counted, left_out, prepare_steps, with_mean
from resviz.gui.style import theme
from resviz.measurements.scalars import SCALARS, Scalar

if TYPE_CHECKING:
    from resviz.gui.plots.curve_plot import CurvePlot
    from resviz.gui.plots.scene import PlottedNet, Scene, StepAxisOptions
    from resviz.gui.plots.views.view import ViewCache

_MAX_FAINT = 6
"""Nets up to which the measured values are drawn faintly behind their mean."""


class ScalarView(CurveView):
    """Scalars against steps; each option is one scalar."""

    against_steps = True
    at_one_step = False
    scalars: ClassVar[tuple[tuple[Scalar, str], ...]]
    """(scalar, text of its option)."""

    @property
    @override
    def options(self) -> tuple[tuple[str, str], ...]:
        """One option a scalar."""
        return tuple((scalar.name, text) for scalar, text in self.scalars)

    def main_scalar(self, option: str) -> str:
        """Return the name of the scalar that an option draws; an option may draw further curves."""
        return option

    @override
    def legend(self, scene: Scene, option: str) -> list[tuple[str, str, int]]:
        """Return the nets, then the imported curves of this scalar."""
        imported = [curve for curve in scene.overlays if curve.scalar == self.main_scalar(option)]
        return super().legend(scene, option) + [(one.name, theme.IMPORTED, one.line_style) for one in imported]

    @override
    def prepare(self, surface: CurvePlot, option: str, scene: Scene) -> None:
        """Set axes and the chance level of a loss."""
        scalar, log, chance = (
            SCALARS[self.main_scalar(option)],
            self._is_log(option, scene),
            self._chance_level(option, scene),
        )
        surface.set_from_zero(scalar.kind == "rate")
        surface.set_span((0.0, 1.0) if scalar.kind == "error" else None)
        level = math.log10(chance) if log else chance
        surface.set_level(level if scene.nets and math.isfinite(level) else None, _("chance level"))
        surface.set_log(log, percent=scalar.kind == "error")
        mean = _(", mean of {count} values").format(count=scene.steps.smooth) if scene.steps.smooth else ""
        strange = scalar.kind == "loss" and any(net.watched for net in scene.nets)
        prepare_steps(surface, (_("loss") if strange else _(scalar.label)) + mean, scene)

    @override
    def empty_reason(self, scene: Scene, option: str) -> str | None:
        """Return an imported curve is drawn without any net."""
        return None if self._has_curves(scene, option) else scene.waiting

    @override
    def is_complete(self, scene: Scene, option: str) -> bool:
        """Return a report shows it for any run."""
        return bool(scene.nets)

    @override
    def draw_scene(self, surface: CurvePlot, option: str, scene: Scene, cache: ViewCache) -> None:
        """Draw a curve for each net, and the imported curves of this scalar."""
        steps, log = scene.steps, self._is_log(option, scene)
        curves: list[Curve] = []
        for net in scene.nets:
            own = with_mean(counted(self._curve(net, self.main_scalar(option)), net.epoch_steps, steps), steps, log)
            curves += own[:1] if len(scene.nets) > _MAX_FAINT else own
            curves += alert_dots(own[0], net)
            curves += self.further_curves(net, option, steps, log)
        for one in scene.overlays:
            if one.scalar == self.main_scalar(option):
                curve = Curve(one.name, one.x, one.y, theme.IMPORTED, one.line_style, strong=one.strong)
                curves += with_mean(counted(curve, one.epoch_steps, steps), steps, log)
        surface.set_curves(curves)
        broken = [net.name for net in scene.nets if net.history.count and not np.isfinite(_column(net, "loss")[-1])]
        diverged = _("{nets}: the loss is no longer finite. Use a lower learning rate.").format(nets=", ".join(broken))
        surface.set_note(" ".join(filter(None, [diverged if broken else "", left_out(scene), alert_note(scene)])))

    def further_curves(self, net: PlottedNet, option: str, steps: StepAxisOptions, log: bool) -> list[Curve]:
        """Return curves besides a net's own curve."""
        return []

    def _has_curves(self, scene: Scene, option: str) -> bool:
        return bool(scene.nets) or any(one.scalar == self.main_scalar(option) for one in scene.overlays)

    def _chance_level(self, option: str, scene: Scene) -> float:
        """Return the loss of guessing, ln classes; infinite where there is none."""
        if any(net.watched for net in scene.nets):
            return math.inf  # nobody knows what their losses are
        classes = next((spec.classes for spec in scene.specs if spec is not None), 0)
        return math.log(classes) if SCALARS[self.main_scalar(option)].kind == "loss" and classes > 1 else math.inf

    def _is_log(self, option: str, scene: Scene) -> bool:
        """Return whether a log scale is needed: a value is above ten times the chance level.

        A net that has blown up would flatten the others.
        """
        if scene.steps.log_y is not None:
            return scene.steps.log_y
        limit = 10 * self._chance_level(option, scene)
        return any(
            np.nanmax(values, initial=0.0, where=np.isfinite(values)) > limit
            for net in scene.nets
            for values in [_column(net, self.main_scalar(option))]
        )

    @staticmethod
    def _curve(net: PlottedNet, option: str) -> Curve:
        x, y = _column(net, "step"), _column(net, option)
        if option == "held_out_error" and net.final_error is not None and net.final_error[0] > x[-1]:
            x, y = np.append(x, net.final_error[0]), np.append(y, net.final_error[1])
        dots = SCALARS[option].origin == "held out" and int(np.isfinite(y).sum()) <= MAX_DOTS
        return Curve(net.name, x, y, net.unit, net.line_style, dots, strong=net.strong)


def _column(net: PlottedNet, name: str) -> np.ndarray:
    return net.history.column(name)
