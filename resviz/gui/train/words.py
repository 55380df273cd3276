"""What TRAIN says in words: every figure in it is measured."""

from __future__ import annotations

import math
from html import escape

import numpy as np

from resviz.gui import theme
from resviz.gui.axes import power_of_ten
from resviz.gui.history import Fall, History, depth_curve, fall
from resviz.gui.net_plots import Shown
from resviz.training.quantities import RESPONSE_GRADIENT, WEIGHT_GRADIENT

_LEVEL = 0.04
"""Decades a layer up to which a gradient is said to stay level: over 20 layers, less than one decade."""
BEFORE = (
    "Start trains both nets on the same handwritten digits, from equal first weights. What to look at: how much of the "
    "gradient that leaves the output, at the right, is left at layer 1."
)


def sentence(net: Shown) -> str:
    """How a net's response gradient changes with depth at its last step, and what its weight gradients do meanwhile."""
    responses = net.history.at(RESPONSE_GRADIENT.name)
    step = int(net.history.column("step")[-1])
    measured = fall(responses)
    if measured is None:
        told = f"the response gradient is {depth_curve(responses, log=True).note or 'of too few layers for a slope'};"
    else:
        told = _told(measured, len(responses) - 1)
    return f"{coloured(net.name, net.unit)}, step {step}: {told} {_weights_told(net.history)}"


def _told(measured: Fall, last: int) -> str:
    """The fall of a response gradient in words, its slope and its ends."""
    slope, factor = abs(measured.slope), 10 ** abs(measured.slope)
    if slope <= _LEVEL:
        change = f"stays about level, {'falls' if measured.slope > 0 else 'grows'} by {slope:.2f} decades a layer"
    else:
        change = f"is {'divided' if measured.slope > 0 else 'multiplied'} by {factor:.1f} a layer, {slope:.2f} decades"
    ends = f"{_power(measured.last)} at layer {last}, {_power(measured.first)} at layer 1"
    return f"on its way back the response gradient <b>{change}</b> ({ends});"


def _weights_told(history: History) -> str:
    weights = history.at(WEIGHT_GRADIENT.name)
    if not np.isfinite(weights).any():
        return "the weight gradients are no numbers."
    return f"weight gradients {_power(np.nanmin(weights))} to {_power(np.nanmax(weights))}."


def _power(value: float) -> str:
    """A number in a digit or two, as it stands at the axis: 3·10⁻⁹."""
    return power_of_ten(math.log10(value)) if 0 < value < math.inf else f"{value:g}"


def coloured(text: str, unit: str) -> str:
    return f"<b style='color:{theme.current().net_colour(unit)}'>{escape(text)}</b>"


def dim(text: str) -> str:
    return f"<span style='color:{theme.current().dim}'>{escape(text)}</span>"


def minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
