"""Measuring the outputs of nonlinearities: how much of each is saturated, its mean, and now and then its histogram."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn
from typing_extensions import override

from resviz.measurements.quantities import (
    ACTIVATION_MEAN,
    BINS,
    HISTOGRAM,
    HISTOGRAM_RANGE,
    RANGES,
    SAMPLES,
    SATURATION,
)
from resviz.training.stable_norms import Number, in_memory_order, number

if TYPE_CHECKING:
    from resviz.nets.graph import Graph
    from resviz.training.recorder import Recorder

_BEYOND = 0.015
"""Of the range's width, from either end: beyond 0.97 of tanh."""


class MeasuringSchedule:
    """What is measured in some steps only."""

    histograms = False


class ActivationMeter:
    """Measures nonlinearities' outputs: how much of each is saturated, its mean, and now and then its histogram.

    All at once after forward, since backward keeps these maps anyway: measured one by one between the convolutions,
    which clear the processor's caches, the same work takes three times as long.
    """

    def __init__(self, graph: Graph, recorder: Recorder, schedule: MeasuringSchedule) -> None:
        self._recorder, self._schedule = recorder, schedule
        self._kinds = [layer.op.kind for layer in graph.nonlinearities]
        self._kept: list[tuple[int, Tensor]] = []

    def keep(self, place: int, out: Tensor) -> None:
        """Keep an activation until the end of the step."""
        self._kept.append((place, out))

    def forget(self) -> None:
        """Drop all kept activations."""
        self._kept.clear()

    def write(self) -> None:
        """Write the measurements of a step. Call it after the forward pass, before the maps are freed."""
        kept, self._kept = self._kept, []
        for place, out in kept:
            some, kind = some_outputs(out.detach()), self._kinds[place]
            self._recorder.write(SATURATION.name, place, saturated_share(some, kind))
            self._recorder.write(ACTIVATION_MEAN.name, place, mean_output(some))
            if self._schedule.histograms:
                here = slice(place * BINS, (place + 1) * BINS)
                self._recorder.write(HISTOGRAM.name, here, _histogram(some, RANGES.get(kind)))


class ActivationProbe(nn.Module):
    """Behind a nonlinearity: keeps its output for `ActivationMeter`."""

    def __init__(self, activations: ActivationMeter, place: int) -> None:
        super().__init__()
        self.activations, self.place = activations, place

    @override
    def forward(self, out: Tensor) -> Tensor:
        if self.training:
            self.activations.keep(self.place, out)
        return out


def some_outputs(out: Tensor) -> Tensor:
    """Return the outputs of the first samples, in the order of memory."""
    return in_memory_order(out[:SAMPLES])


def mean_output(some: Tensor) -> Number:
    """Return the mean of a nonlinearity's outputs."""
    return number(some.mean(dtype=torch.promote_types(some.dtype, torch.float32)))


def saturated_share(some: Tensor, kind: str) -> Number:
    """Return the share of the outputs that are at an end of the range of this kind of nonlinearity."""
    ends = RANGES.get(kind)
    # numpy compares and counts several times as fast as torch does on a CPU.
    values: Any = some.numpy() if some.device.type == "cpu" and some.dtype == torch.float32 else some
    if ends is None:
        which = values <= 0
    else:
        low, high = ends
        beyond = _BEYOND * (high - low)
        which = (values < low + beyond) | (values > high - beyond)
    if isinstance(which, np.ndarray):
        return np.count_nonzero(which) / which.size
    return number(which.float().mean())


def _histogram(some: Tensor, ends: tuple[float, float] | None) -> Tensor:
    """Share (bin,); NaN where an output is no number."""
    low, high = ends or HISTOGRAM_RANGE
    some = some.double()  # outputs of 1e-25 are what a deep plain net has
    if ends is None:
        some = some / some.square().mean().sqrt().clamp_min(1e-300)
    broken = some.isfinite().logical_not().any()
    bins = ((some - low) * (BINS / (high - low))).nan_to_num().clamp(0, BINS - 1).long()
    shares = torch.zeros(BINS, device=some.device, dtype=torch.float64).scatter_add_(
        0, bins.reshape(-1), torch.full((bins.numel(),), 1 / bins.numel(), device=some.device, dtype=torch.float64)
    )
    return torch.where(broken, math.nan, shares)
