"""Sums that are worked out on a blackboard: the chain rule through a few weights, and batch normalisation's gradient.

Written out term by term, as lectures write them; what autograd finds of the same is in `training/lessons.py`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

Slope = tuple[Callable[[float], float], Callable[[float], float]]


def _sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))


ACTIVATIONS: dict[str, Slope] = {
    "sigmoid": (_sigmoid, lambda z: _sigmoid(z) * (1 - _sigmoid(z))),
    "tanh": (math.tanh, lambda z: 1 - math.tanh(z) ** 2),
    "relu": (lambda z: max(0.0, z), lambda z: float(z > 0)),
    "identity": (lambda z: z, lambda z: 1.0),
}
"""Each function with its derivative."""
SIGMOID_STEEPEST = ACTIVATIONS["sigmoid"][1](0.0)


class Factor(NamedTuple):
    """One factor of a derivative: how it is written, and its value."""

    what: str
    value: float


@dataclass(frozen=True)
class Chain:
    """x > w1 > w2 > ... > loss: z_i = w_i y_{i-1}, y_i = σ(z_i), y_0 = x, and L = ½ (y_n - target)²."""

    x: float
    weights: tuple[float, ...]
    activation: str = "sigmoid"
    target: float = 0.0

    @property
    def outputs(self) -> tuple[float, ...]:
        """y_1 to y_n."""
        return tuple(ACTIVATIONS[self.activation][0](z) for z in self.sums)

    @property
    def sums(self) -> tuple[float, ...]:
        """z_1 to z_n."""
        y, found = self.x, []
        for weight in self.weights:
            found.append(weight * y)
            y = ACTIVATIONS[self.activation][0](found[-1])
        return tuple(found)

    @property
    def loss(self) -> float:
        """Half the squared distance between output and target."""
        return (self.outputs[-1] - self.target) ** 2 / 2

    @property
    def factors(self) -> tuple[Factor, ...]:
        """The factors of dL/dw1, from the loss to the input: dL/dy_n, σ'(z_n), w_n, ... σ'(z_1), x."""
        slope, sums, last = ACTIVATIONS[self.activation][1], self.sums, len(self.weights)
        found = [Factor(f"∂L/∂y{last}", self.outputs[-1] - self.target)]
        for number in range(last, 0, -1):
            found.append(Factor(f"σ′(z{number})", slope(sums[number - 1])))
            found.append(Factor(f"w{number}", self.weights[number - 1]) if number > 1 else Factor("x", self.x))
        return tuple(found)

    @property
    def gradient(self) -> float:
        """dL/dw1: the product of the factors."""
        return math.prod(factor.value for factor in self.factors)


@dataclass(frozen=True)
class DeepChain:
    """A chain of equal layers: y_i = σ(w y_{i-1}), or σ(w y_{i-1}) + y_{i-1} with shortcuts; y_0 = x."""

    depth: int
    weight: float
    activation: str = "sigmoid"
    x: float = 1.0
    shortcut: bool = False

    @property
    def outputs(self) -> tuple[float, ...]:
        """y_0 to y_n."""
        function, found = ACTIVATIONS[self.activation][0], [self.x]
        for _layer in range(self.depth):
            found.append(function(self.weight * found[-1]) + (found[-1] if self.shortcut else 0.0))
        return tuple(found)

    @property
    def slopes(self) -> tuple[float, ...]:
        """dy_i/dy_{i-1} of each layer: σ'(z_i) w, and 1 more with a shortcut."""
        slope = ACTIVATIONS[self.activation][1]
        return tuple(self.weight * slope(self.weight * y) + self.shortcut for y in self.outputs[:-1])

    @property
    def gradients(self) -> tuple[float, ...]:
        """dy_n/dy_i for i from 0, the input, to n, where it is 1: products of slopes from the end."""
        found = [1.0]
        for slope in reversed(self.slopes):
            found.append(found[-1] * slope)
        return tuple(reversed(found))


INITIAL_VARIANCES: dict[str, Callable[[int, int], float]] = {
    "Xavier": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "He": lambda fan_in, _fan_out: 2 / fan_in,
    "N(0, 0.01²)": lambda _fan_in, _fan_out: 0.01**2,
}
"""Variance of initial weights: Glorot and Bengio 2010, eq. 16; He et al. 2015, arXiv 1502.01852, eq. 10; AlexNet's."""


def predicted_variances(init: str, activation: str, width: int, depth: int) -> tuple[float, ...]:
    """Return the variance of z of each layer of a net of fully connected layers, as its paper's formula has it.

    Var[z_l] = n Var[w] E[y²] of the layer before; E[y²] is half of Var[z] behind a ReLU (He et al., eq. 7), and Var[z]
    where the nonlinearity passes z on, as Glorot and Bengio assume of tanh. The input has variance 1.
    """
    by_layer = width * INITIAL_VARIANCES[init](width, width)
    kept = 0.5 if activation == "relu" else 1.0
    return tuple(by_layer * (by_layer * kept) ** layer for layer in range(depth))


@dataclass(frozen=True)
class BatchNorm:
    """Batch normalisation of one channel's values, one a sample (Ioffe and Szegedy 2015, algorithm 1)."""

    x: tuple[float, ...]
    gamma: float = 1.0
    beta: float = 0.0
    eps: float = 1e-5

    @property
    def mean(self) -> float:
        """Mean of the batch, summed without rounding errors."""
        return math.fsum(self.x) / len(self.x)

    @property
    def variance(self) -> float:
        """The batch's own, not the unbiased one."""
        return math.fsum((x - self.mean) ** 2 for x in self.x) / len(self.x)

    @property
    def normalised(self) -> tuple[float, ...]:
        """x̂_i = (x_i - μ) / √(σ² + ε)."""
        scale = 1 / math.sqrt(self.variance + self.eps)
        return tuple((x - self.mean) * scale for x in self.x)

    @property
    def y(self) -> tuple[float, ...]:
        """y_i = γ x̂_i + β."""
        return tuple(self.gamma * value + self.beta for value in self.normalised)

    def backward(self, upstream: Sequence[float]) -> BatchNormGradient:
        """Return the gradient of each sample, term by term, for an upstream gradient dl/dy (section 3)."""
        deviation, count = math.sqrt(self.variance + self.eps), len(self.x)
        centred = [x - self.mean for x in self.x]
        by_normalised = [one * self.gamma for one in upstream]
        by_variance = math.fsum(d * c for d, c in zip(by_normalised, centred, strict=True)) * -0.5 / deviation**3
        by_mean = -math.fsum(by_normalised) / deviation + by_variance * -2 * math.fsum(centred) / count
        terms = tuple(
            (d / deviation, by_variance * 2 * c / count, by_mean / count)
            for d, c in zip(by_normalised, centred, strict=True)
        )
        by_gamma = math.fsum(one * value for one, value in zip(upstream, self.normalised, strict=True))
        return BatchNormGradient(terms, by_variance, by_mean, by_gamma, math.fsum(upstream))


@dataclass(frozen=True)
class BatchNormGradient:
    """`terms` are, for each sample, the three of dl/dx_i: through x̂_i, through the variance, through the mean."""

    terms: tuple[tuple[float, float, float], ...]
    by_variance: float
    by_mean: float
    by_gamma: float
    by_beta: float

    @property
    def by_x(self) -> tuple[float, ...]:
        """Gradient of the loss with respect to each sample x."""
        return tuple(math.fsum(terms) for terms in self.terms)
