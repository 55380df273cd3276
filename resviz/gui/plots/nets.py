"""The pictures of nets that TRAIN draws live and COMPARE draws of saved runs: against depth, against steps."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from resviz.gui.plots.curve import Curve
from resviz.gui.plots.curve_plot import STEP_AXIS, CurvePlot
from resviz.gui.plots.depth_curve import DepthCurve, depth_curve, spans_decades, trailing_mean
from resviz.gui.style import theme
from resviz.measurements.history import RunHistory
from resviz.measurements.quantities import AUXILIARY_LOSS, RESPONSE
from resviz.measurements.quantity import Quantity

DEPTH_AXIS = "weight layer, from the input to the output"
BACKWARD_AXIS = "weight layer, from the input to the output  ·  ⟵ the gradient's way"
AXES = {
    "layer": DEPTH_AXIS,
    "activation": "nonlinearity, from the input to the output",
    "block": "residual block, from the input to the output",
    "auxiliary": "auxiliary classifier",
}
SCALAR_LABELS = {
    "loss": "cross-entropy (nats)",
    "error": "share of wrong answers",
    "held_out_loss": "held out (nats)",
    "held_out_error": "wrong answers, held out",
    "learning_rate": "learning rate",
}
NO_PLACE = "these nets have no place where it is measured"
_DOTS_UP_TO = 60
_FAINT_UP_TO = 6
"""Nets up to which what was measured is drawn behind its mean."""


@dataclass(frozen=True)
class PlottedNet:
    """A net on screen: its name, its colour and line style, what was measured of it, and at which row it is shown."""

    name: str
    unit: str
    history: RunHistory
    line_style: int = 0
    row: int = -1
    recipe: Mapping[str, Any] = field(default_factory=dict)
    strong: bool = False
    """Whether it is to stand out."""
    final_error: tuple[int, float] | None = None
    """Of a saved run the steps that it has done, and its held-out error then: behind the last row."""

    @property
    def step(self) -> int:
        """The step that it is shown at."""
        return int(self.history.column("step")[self.row])


@dataclass(frozen=True)
class StepAxisOptions:
    """How curves against steps are drawn: the steps that are shown, over how many values the mean is taken, and which
    axes are logarithmic; None for as the values need it."""

    window: tuple[float, float] | None = None
    smooth: int = 0
    log_x: bool = False
    log_y: bool | None = None

    @property
    def on_axis(self) -> tuple[float, float] | None:
        """The window as the axis has it: on a log axis base-10 logarithms."""
        if self.window is None or not self.log_x:
            return self.window
        low, high = (math.log10(max(step, 1.0)) for step in self.window)
        return (low, high) if high > low else None


ORDINARY = StepAxisOptions()


@dataclass(frozen=True)
class OverlayCurve:
    """A curve from elsewhere: of which scalar, its steps and its values (step,)."""

    name: str
    scalar: str
    x: np.ndarray
    y: np.ndarray
    line_style: int = 0


def draw_depth(plot: CurvePlot, nets: list[PlottedNet], quantity: str, waiting: str = "") -> None:
    """A quantity against depth; what has no logarithm is said in the plot instead."""
    measured = [net for net in nets if net.history.has(quantity)]
    info = next((info for net in measured if (info := net.history.layers.quantity(quantity))), None)
    if nets and info is None:
        draw_nothing(plot, NO_PLACE)
        return
    if info is not None:
        plot.set_log(info.log)
        backward = info.axis == "layer" and quantity.endswith("gradient")
        plot.set_labels(BACKWARD_AXIS if backward else AXES[info.axis], info.label)
    log = info.log if info else True
    _draw_lines(plot, measured, [depth_curve(net.history.at(quantity, net.row), log=log) for net in measured], waiting)


def draw_responses(plot: CurvePlot, nets: list[PlottedNet], *, by_magnitude: bool, waiting: str = "") -> None:
    """Figure 7: the responses of the convolutions, in order or by magnitude; a log scale only where they need one."""
    values = [net.history.at(RESPONSE.name, net.row)[net.history.convolutions] for net in nets]
    log = spans_decades(values)
    plot.set_log(log)
    plot.set_labels("layer, by magnitude" if by_magnitude else DEPTH_AXIS, RESPONSE.label)
    _draw_lines(plot, nets, [depth_curve(y, log=log, by_magnitude=by_magnitude) for y in values], waiting)


def draw_terms(plot: CurvePlot, nets: list[PlottedNet], infos: tuple[Quantity, ...], waiting: str = "") -> None:
    """Several quantities of one axis against depth, a line each a net, thin but for the first: the terms of eq. 5."""
    measured = [net for net in nets if net.history.has(infos[0].name)]
    if nets and not measured:
        draw_nothing(plot, NO_PLACE)
        return
    plot.set_log(True)
    plot.set_labels(AXES[infos[0].axis], infos[0].label)
    curves = []
    for net in measured:
        for index, info in enumerate(infos):
            line = depth_curve(net.history.at(info.name, net.row), log=True)
            dots = index == 0 and len(line.x) <= _DOTS_UP_TO
            curves.append(Curve(net.name, line.x, line.y, net.unit, net.line_style, dots, thin=index > 0))
    plot.set_curves(curves)
    plot.set_note("" if measured else waiting)


def draw_scalar(
    plot: CurvePlot,
    nets: list[PlottedNet],
    scalar: str,
    waiting: str = "",
    usual: float = math.inf,
    how: StepAxisOptions = ORDINARY,
    beside: tuple[OverlayCurve, ...] = (),
) -> bool:
    """A scalar against steps, where it was measured; answers whether on a log scale: one that is beyond ten times its
    `usual` size is, so that a net that has blown up doesn't flatten the others."""
    log = how.log_y
    if log is None:
        log = any(
            np.nanmax(net.history.column(scalar), initial=0.0, where=_finite(net, scalar)) > 10 * usual for net in nets
        )
    curves = []
    for net in nets:
        x, y = net.history.column("step"), net.history.column(scalar)
        if scalar == "held_out_error" and net.final_error is not None and net.final_error[0] > x[-1]:
            x, y = np.append(x, net.final_error[0]), np.append(y, net.final_error[1])
        dots = scalar.startswith("held_out") and int(np.isfinite(y).sum()) <= _DOTS_UP_TO
        own = _scalar_curves(Curve(net.name, x, y, net.unit, net.line_style, dots, strong=net.strong), how, log)
        curves += own[:1] if len(nets) > _FAINT_UP_TO else own
        if scalar == "loss" and net.history.has(AUXILIARY_LOSS.name):
            curves += _auxiliary_losses(net, how, log)
    for other in beside:
        if other.scalar == scalar:
            curves += _scalar_curves(Curve(other.name, other.x, other.y, theme.IMPORTED, other.line_style), how, log)
    plot.set_log(log)
    plot.set_log_x(how.log_x)
    plot.set_window(how.on_axis)
    mean = f", mean of {how.smooth} values" if how.smooth else ""
    plot.set_labels(STEP_AXIS, SCALAR_LABELS[scalar] + mean)
    plot.set_curves(curves)
    broken = [net.name for net in nets if net.history.count and not np.isfinite(net.history.column("loss")[-1])]
    plot.set_note(f"{', '.join(broken)}: the loss is not a number any more" if broken else "" if curves else waiting)
    return log


def _scalar_curves(curve: Curve, how: StepAxisOptions, log: bool) -> list[Curve]:
    """The curve where it was measured, and behind its mean, where one is taken, what was measured."""
    measured = np.isfinite(curve.y)
    if how.log_x:
        measured &= curve.x > 0  # step 0 has no logarithm
    x, y = curve.x[measured].astype(np.float64), curve.y[measured]
    x = np.log10(x) if how.log_x else x
    raw = replace(curve, x=x, y=depth_curve(y, log=log).y)
    if not how.smooth or curve.dots:
        return [raw]
    mean = replace(curve, x=x, y=depth_curve(trailing_mean(y, how.smooth), log=log).y)
    return [mean, replace(raw, faint=True, strong=False)]


def _auxiliary_losses(net: PlottedNet, how: StepAxisOptions, log: bool) -> list[Curve]:
    """Thin, beside the net's own."""
    steps, curves = net.history.column("step"), []
    for losses in net.history.column(AUXILIARY_LOSS.name).T:
        one = Curve(net.name, steps, losses.astype(np.float64), net.unit, net.line_style, thin=True)
        curves += _scalar_curves(one, how, log)[:1]
    return curves


def _finite(net: PlottedNet, scalar: str) -> np.ndarray:
    finite: np.ndarray = np.isfinite(net.history.column(scalar))
    return finite


def draw_nothing(plot: CurvePlot, why: str) -> None:
    plot.set_curves([])
    plot.set_note(why)


def _draw_lines(plot: CurvePlot, nets: list[PlottedNet], lines: list[DepthCurve], waiting: str) -> None:
    """A line a net; `waiting` is what the plot says while there is no net."""
    plot.set_curves(
        [
            Curve(
                net.name, line.x, line.y, net.unit, net.line_style, dots=len(line.x) <= _DOTS_UP_TO, strong=net.strong
            )
            for net, line in zip(nets, lines, strict=True)
        ]
    )
    notes = [f"{net.name}: {line.note}" for net, line in zip(nets, lines, strict=True) if line.note]
    plot.set_note("; ".join(notes) if nets else waiting)
