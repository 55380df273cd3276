"""What autograd finds of the sums that `analysis/lessons.py` writes out, in float64.

Run as a program it answers requests: the window asks it, and has no torch on its own side.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import torch
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_FUNCTIONS = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu, "identity": torch.clone}


def chain_gradient(x: float, weights: Sequence[float], activation: str, target: float) -> float:
    """Return dL/dw1 of the chain x > w1 > w2 > ... > L = ½ (y - target)²."""
    parameters = [torch.tensor(weight, dtype=torch.float64, requires_grad=True) for weight in weights]
    y = torch.tensor(x, dtype=torch.float64)
    for weight in parameters:
        y = _FUNCTIONS[activation](weight * y)
    ((y - target).square() / 2).backward()  # type: ignore[no-untyped-call]
    gradient = parameters[0].grad
    return float(gradient) if gradient is not None else 0.0


def deep_chain_gradients(depth: int, weight: float, activation: str, x: float, shortcut: bool) -> list[float]:
    """Return dy_n/dy_i for i from 0 to n of the chain y_i = σ(w y_{i-1}), plus y_{i-1} with shortcuts."""
    outputs = [torch.tensor(x, dtype=torch.float64, requires_grad=True)]
    for _layer in range(depth):
        y = _FUNCTIONS[activation](weight * outputs[-1])
        outputs.append(y + outputs[-1] if shortcut else y)
    return [float(gradient) for gradient in torch.autograd.grad(outputs[-1], outputs)]


def initial_variances(weight_variance: float, activation: str, width: int, depth: int) -> list[float]:
    """Return the variance of z of each fully connected layer, measured on 512 inputs from N(0, 1), always the same."""
    random = torch.Generator().manual_seed(0)
    y = torch.randn(512, width, generator=random, dtype=torch.float64)
    found = []
    for _layer in range(depth):
        weight = torch.randn(width, width, generator=random, dtype=torch.float64) * weight_variance**0.5
        z = y @ weight.T
        found.append(float(z.var(correction=0)))
        y = _FUNCTIONS[activation](z)
    return found


def batch_norm_gradients(
    x: Sequence[float], gamma: float, beta: float, eps: float, upstream: Sequence[float]
) -> tuple[list[float], float, float]:
    """Return dl/dx, dl/dγ and dl/dβ for dl/dy = `upstream`."""
    values = torch.tensor(list(x), dtype=torch.float64, requires_grad=True)
    scale, shift = (torch.tensor([value], dtype=torch.float64, requires_grad=True) for value in (gamma, beta))
    y = functional.batch_norm(values[:, None], None, None, scale, shift, training=True, eps=eps)
    y.backward(torch.tensor(list(upstream), dtype=torch.float64)[:, None])  # type: ignore[no-untyped-call]
    assert values.grad is not None
    assert scale.grad is not None
    assert shift.grad is not None
    return values.grad.tolist(), float(scale.grad), float(shift.grad)


def serve(requests: Iterable[str]) -> Iterator[str]:
    """Answer requests, one line of JSON each: [function, arguments] is answered with [the same, result]."""
    functions: dict[str, Any] = {
        "chain_gradient": chain_gradient,
        "deep_chain_gradients": deep_chain_gradients,
        "initial_variances": initial_variances,
        "batch_norm_gradients": batch_norm_gradients,
    }
    for request in requests:
        name, arguments = json.loads(request)
        yield json.dumps([name, arguments, functions[name](*arguments)])


if __name__ == "__main__":
    for answer in serve(sys.stdin):
        sys.stdout.write(answer + "\n")
        sys.stdout.flush()
