"""Curves over steps or epochs: the axis, what is counted, and which curves can't be drawn over it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from resviz.base.translation import _
from resviz.gui.plots.curve_plot import EPOCH_AXIS, STEP_AXIS
from resviz.gui.plots.depth_curve import depth_curve, trailing_mean
from resviz.gui.style import theme

if TYPE_CHECKING:
    from resviz.gui.plots.curve import Curve
    from resviz.gui.plots.curve_plot import CurvePlot
    from resviz.gui.plots.scene import Scene, StepAxisOptions


def prepare_steps(surface: CurvePlot, y_label: str, scene: Scene) -> None:
    """Set the axes of curves over steps or epochs.

    The cursor and the window are shared by all plots over steps. Epochs are another number of steps for each net, so
    plots over epochs have none.
    """
    steps = scene.steps
    surface.set_log_x(steps.log_x)
    surface.set_cursor(None if steps.in_epochs else scene.step, shown=not scene.live)
    surface.set_labels(EPOCH_AXIS if steps.in_epochs else STEP_AXIS, y_label)
    surface.set_window(None if steps.in_epochs else steps.on_axis)


def counted(curve: Curve, epoch_steps: int | None, steps: StepAxisOptions) -> Curve:
    """Return a curve over steps as it is, or over epochs. It is empty if it can't be drawn so, see `left_out`."""
    if not _is_countable(epoch_steps, steps, imported=curve.unit == theme.IMPORTED):
        return replace(curve, x=curve.x[:0], y=curve.y[:0])
    return replace(curve, x=curve.x / epoch_steps) if steps.in_epochs and epoch_steps else curve


def left_out(scene: Scene) -> str:
    """Return which curves are not drawn, because their steps or epochs are not known; "" if all are."""
    steps = scene.steps
    names = [net.name for net in scene.nets if not _is_countable(net.epoch_steps, steps)]
    names += [one.name for one in scene.overlays if not _is_countable(one.epoch_steps, steps, imported=True)]
    if not names:
        return ""
    text = (
        _("{nets}: not drawn, because the number of steps in an epoch was not recorded.")
        if steps.in_epochs
        else _("{nets}: not drawn, because they count epochs. Choose epochs as the x axis.")
    )
    return text.format(nets=", ".join(dict.fromkeys(names)))


def with_mean(curve: Curve, steps: StepAxisOptions, log: bool) -> list[Curve]:
    """Return a curve, or its mean and the faint curve itself."""
    measured = np.isfinite(curve.y)
    if steps.log_x:
        measured &= curve.x > 0  # step 0 has no logarithm
    x, y = curve.x[measured].astype(np.float64), curve.y[measured]
    x = np.log10(x) if steps.log_x else x
    raw = replace(curve, x=x, y=depth_curve(y, log=log).y)
    if not steps.smooth or curve.dots:
        return [raw]
    mean = replace(curve, x=x, y=depth_curve(trailing_mean(y, steps.smooth), log=log).y)
    return [mean, replace(raw, faint=True, strong=False)]


def _is_countable(epoch_steps: int | None, steps: StepAxisOptions, *, imported: bool = False) -> bool:
    """Return whether a curve can be drawn over the axis. An imported curve of one step an epoch counts epochs."""
    if steps.in_epochs:
        return epoch_steps is not None
    return not (imported and epoch_steps == 1)
