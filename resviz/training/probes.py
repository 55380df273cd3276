"""Measuring a net while it trains, as nodes of the net itself. What is measured is defined in `quantities`.

A Tap is the identity at a response: forward it writes the response's standard deviation, backward the norm of its
gradient, into a Recorder's preallocated tensors on the device. Nothing is read back within a step.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor, fx, nn

from resviz.nets.graph import Graph
from resviz.training.modules import to_module
from resviz.training.quantities import HOST_SCALARS, QUANTITIES, RESPONSE, RESPONSE_GRADIENT, WEIGHT_GRADIENT

Rows = dict[str, np.ndarray]
"""What was measured: "step" (step,) int64; each scalar (step,) float64; each quantity (step, layer) float32."""

CAPACITY = 32
"""Steps that a recorder holds until it is drained: also the most that a killed run can lose."""

_SQUARES_ARE_EXACT = (1e-20, 1e30)
"""Where float32 sums of squares neither lose small entries to underflow nor overflow."""


Number = Tensor | float
"""A tensor of one number on a device; on the CPU, where reading it costs nothing and an op on it does, a float."""


def l2_norm(x: Tensor) -> Number:
    """The L2 norm over all entries, right down to entries of 1e-45, whose squares float32 can't hold.

    In a deep plain net gradients of 1e-25 are what there is to see; a norm summed in float32 would show 0.
    """
    on_cpu = x.device.type == "cpu"
    if on_cpu:
        flat = x.reshape(-1)
        square = float(torch.dot(flat, flat))
        if _SQUARES_ARE_EXACT[0] < square < _SQUARES_ARE_EXACT[1]:
            return math.sqrt(square)
    norm: Tensor = torch.linalg.vector_norm(x, dtype=torch.float64)
    return float(norm) if on_cpu else norm


def standard_deviation(x: Tensor) -> Number:
    """The standard deviation over all entries, divided by their number; exact where its squares underflow, too."""
    mean = x.mean()
    if x.device.type == "cpu":
        flat = x.reshape(-1)
        square, squared_mean = float(torch.dot(flat, flat)) / len(flat), float(mean) ** 2
        # E(x²) - E(x)² saves a pass over the response; where the mean outweighs the rest, it would lose digits.
        if _SQUARES_ARE_EXACT[0] < square < _SQUARES_ARE_EXACT[1] and squared_mean < 0.9 * square:
            return math.sqrt(square - squared_mean)
    return l2_norm(x - mean) / math.sqrt(x.numel())


class Recorder:
    """Preallocated tensors on the device, a row a step: quantities (step, layer), loss and error (step,)."""

    def __init__(self, layers: int, device: torch.device, capacity: int = CAPACITY) -> None:
        self.capacity = capacity
        self.row = 0
        self.values = {q.name: torch.full((capacity, layers), math.nan, device=device) for q in QUANTITIES}
        on_cpu = device.type == "cpu"
        # On the CPU the same memory is written as an array, which takes a number twenty times as fast as a tensor does.
        self._sinks = {name: values.numpy() if on_cpu else values for name, values in self.values.items()}
        self.loss = torch.full((capacity,), math.nan, device=device)
        self.error = torch.full((capacity,), math.nan, device=device)
        self._known: dict[str, list[float]] = {name: [] for name in ("step", *HOST_SCALARS)}

    @property
    def full(self) -> bool:
        return self.row == self.capacity

    def write(self, quantity: str, layer: int, value: Number) -> None:
        self._sinks[quantity][self.row, layer] = value

    def finish_row(self, step: int, **known: float) -> None:
        """Ends the step's row; `known` are the scalars that the host knows anyway."""
        self._known["step"].append(step)
        for name in HOST_SCALARS:
            self._known[name].append(known.get(name, math.nan))
        self.row += 1

    def drain(self) -> Rows:
        """Copies out the finished rows, all at once, and starts again; the one place where the host waits."""
        count = self.row
        rows: Rows = {"step": np.asarray(self._known["step"], np.int64)}
        rows["loss"] = self.loss[:count].double().cpu().numpy()
        rows["error"] = self.error[:count].double().cpu().numpy()
        for name in HOST_SCALARS:
            rows[name] = np.asarray(self._known[name], np.float64)
        for name, values in self.values.items():
            rows[name] = values[:count].cpu().numpy().copy()
            values.fill_(math.nan)
        for known in self._known.values():
            known.clear()
        self.row = 0
        return rows


class _Measure(torch.autograd.Function):
    """The identity, measured both ways."""

    @staticmethod
    def forward(ctx: Any, response: Tensor, recorder: Recorder, layer: int) -> Tensor:
        ctx.recorder, ctx.layer = recorder, layer
        recorder.write(RESPONSE.name, layer, standard_deviation(response))
        return response.view_as(response)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        (gradient,) = gradients
        # L is the batch's mean loss, so dl/dy is B dL/dy, and its root mean square over B samples sqrt(B) ‖dL/dy‖.
        ctx.recorder.write(RESPONSE_GRADIENT.name, ctx.layer, l2_norm(gradient) * math.sqrt(gradient.shape[0]))
        return gradient, None, None


class Tap(nn.Module):
    """A node of the net at one response; passes it on untouched, and unmeasured outside training."""

    def __init__(self, recorder: Recorder, layer: int) -> None:
        super().__init__()
        self.recorder, self.layer = recorder, layer

    def forward(self, response: Tensor) -> Tensor:
        if not self.training:
            return response
        measured: Tensor = _Measure.apply(response, self.recorder, self.layer)
        return measured


def probed_module(graph: Graph, recorder: Recorder) -> fx.GraphModule:
    """The graph's module with a Tap at the response of each weight layer, in the order of `graph.weight_layers`."""
    taps: dict[str, nn.Module] = {
        graph.response_layer(layer).name: Tap(recorder, index) for index, layer in enumerate(graph.weight_layers)
    }
    return to_module(graph, taps)


def write_weight_gradients(weights: list[nn.Parameter], recorder: Recorder) -> None:
    """To be called between backward and update: the optimiser adds weight decay to the gradient only then."""
    for layer, weight in enumerate(weights):
        if weight.grad is not None:
            recorder.write(WEIGHT_GRADIENT.name, layer, l2_norm(weight.grad))
