"""The pictures of nets that TRAIN draws live and COMPARE draws of saved runs: against depth, against steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from resviz.gui.history import DepthCurve, History, depth_curve, spans_decades, thinned
from resviz.gui.plots import Curve, CurvePlot
from resviz.training.quantities import RESPONSE

DEPTH_AXIS = "weight layer, from the input to the output"
BACKWARD_AXIS = "weight layer, from the input to the output  ·  ⟵ the gradient's way"
SCALAR_LABELS = {
    "loss": "cross-entropy of the batch (nats)",
    "error": "share of wrong answers, batch",
    "held_out_error": "share of wrong answers, held out",
}
_DOTS_UP_TO = 60


@dataclass(frozen=True)
class Shown:
    """A net on screen: its name, its colour and line style, and what was measured of it."""

    name: str
    unit: str
    history: History
    variant: int = 0


def draw_depth(plot: CurvePlot, nets: list[Shown], quantity: str, row: int = -1, waiting: str = "") -> None:
    """A quantity against depth, log scale; what has no logarithm is said in the plot instead."""
    _draw_lines(plot, nets, [depth_curve(net.history.at(quantity, row), log=True) for net in nets], waiting)


def draw_responses(plot: CurvePlot, nets: list[Shown], *, by_magnitude: bool, row: int = -1, waiting: str = "") -> None:
    """Figure 7: the responses of the convolutions, in order or by magnitude; a log scale only where they need one."""
    values = [net.history.at(RESPONSE.name, row)[net.history.convolutions] for net in nets]
    log = spans_decades(values)
    plot.set_log(log)
    plot.set_labels("layer, by magnitude" if by_magnitude else DEPTH_AXIS, RESPONSE.axis)
    _draw_lines(plot, nets, [depth_curve(y, log=log, by_magnitude=by_magnitude) for y in values], waiting)


def draw_scalar(plot: CurvePlot, nets: list[Shown], scalar: str, waiting: str = "") -> None:
    """A scalar against steps, where it was measured."""
    curves = []
    for net in nets:
        x, y = net.history.column("step"), net.history.column(scalar)
        measured = np.isfinite(y)
        x, y = thinned(x[measured].astype(np.float64), y[measured])
        curves.append(Curve(net.name, x, y, net.unit, net.variant, dots=scalar.startswith("held_out")))
    plot.set_labels("step", SCALAR_LABELS[scalar])
    plot.set_curves(curves)
    plot.set_note("" if nets else waiting)


def _draw_lines(plot: CurvePlot, nets: list[Shown], lines: list[DepthCurve], waiting: str) -> None:
    """A line a net; `waiting` is what the plot says while there is no net."""
    plot.set_curves(
        [
            Curve(net.name, line.x, line.y, net.unit, net.variant, dots=len(line.x) <= _DOTS_UP_TO)
            for net, line in zip(nets, lines, strict=True)
        ]
    )
    notes = [f"{net.name}: {line.note}" for net, line in zip(nets, lines, strict=True) if line.note]
    plot.set_note("; ".join(notes) if nets else waiting)
