"""Sums that are written out term by term come to what autograd finds."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resviz.analysis.illustrations import (
    ACTIVATIONS,
    INITIAL_VARIANCES,
    BatchNorm,
    Chain,
    DeepChain,
    predicted_variances,
)
from resviz.training.autograd_illustrations import (
    batch_norm_gradients,
    chain_gradient,
    deep_chain_gradients,
    initial_variances,
)

numbers = st.floats(-4, 4)


@settings(deadline=None)
@given(numbers, st.lists(numbers, min_size=1, max_size=6), st.sampled_from(sorted(ACTIVATIONS)), numbers)
def test_a_chains_product_is_autograds_gradient(x: float, weights: list[float], activation: str, target: float) -> None:
    chain = Chain(x, tuple(weights), activation, target)
    measured = chain_gradient(x, weights, activation, target)
    assert chain.gradient == pytest.approx(measured, rel=1e-9, abs=1e-12)


def test_a_sigmoids_slope_is_a_quarter_at_most() -> None:
    slope = ACTIVATIONS["sigmoid"][1]
    assert max(slope(z / 100) for z in range(-1000, 1001)) == slope(0.0) == 0.25
    assert slope(-1000.0) == 0.0, "and no overflow far out"


@settings(deadline=None)
@given(
    st.lists(st.floats(-100, 100), min_size=2, max_size=12),
    st.floats(-3, 3),
    st.floats(-3, 3),
    st.lists(st.floats(-2, 2), min_size=12, max_size=12),
)
def test_batch_normalisations_three_ways_add_up_to_autograds_gradient(
    x: list[float], gamma: float, beta: float, upstream: list[float]
) -> None:
    norm, upstream = BatchNorm(tuple(x), gamma, beta), upstream[: len(x)]
    gradient = norm.backward(upstream)
    by_x, by_gamma, by_beta = batch_norm_gradients(x, gamma, beta, norm.eps, upstream)
    scale = 1 + abs(gamma) / math.sqrt(norm.variance + norm.eps) * len(x)
    assert gradient.by_x == pytest.approx(by_x, abs=1e-9 * scale)
    assert gradient.by_gamma == pytest.approx(by_gamma, abs=1e-9 * scale)
    assert gradient.by_beta == pytest.approx(by_beta, abs=1e-9)


def test_what_is_normalised_has_mean_0_and_variance_1() -> None:
    norm = BatchNorm((1.0, 2.0, 4.0, 8.0), eps=0.0)
    assert math.fsum(norm.normalised) == pytest.approx(0, abs=1e-12)
    assert math.fsum(value**2 for value in norm.normalised) / 4 == pytest.approx(1)


@settings(deadline=None)
@given(
    depth=st.integers(1, 50),
    weight=st.floats(-3, 3),
    activation=st.sampled_from(list(ACTIVATIONS)),
    x=st.floats(-1, 1),  # where 1 - tanh² is not a difference of two numbers that are nearly equal
    shortcut=st.booleans(),
)
def test_a_deep_chains_products_are_autograds_at_every_layer(
    depth: int, weight: float, activation: str, x: float, shortcut: bool
) -> None:
    chain = DeepChain(depth, weight, activation, x, shortcut)
    measured = deep_chain_gradients(depth, weight, activation, x, shortcut)
    assert len(chain.gradients) == depth + 1
    assert chain.gradients == pytest.approx(measured, rel=1e-9, abs=1e-290)


def test_a_shortcut_adds_1_to_every_slope_and_keeps_the_gradient() -> None:
    plain, residual = (DeepChain(20, 1.0, "sigmoid", 1.0, shortcut) for shortcut in (False, True))
    assert plain.gradients[0] < 0.25**20
    assert residual.gradients[0] > 1
    linear = DeepChain(50, 0.5, "identity", 1.0)
    assert linear.gradients[0] == 0.5**50
    assert DeepChain(50, 0.5, "identity", 1.0, shortcut=True).gradients[0] == 1.5**50
    assert DeepChain(3, -1.0, "identity", 1.0, shortcut=True).gradients[0] == 0, "where a factor is exactly -1"


@pytest.mark.parametrize("init", list(INITIAL_VARIANCES))
@pytest.mark.parametrize("activation", ["relu", "identity"])
def test_the_formulas_of_initial_weights_are_the_variances_that_are_measured(init: str, activation: str) -> None:
    predicted = predicted_variances(init, activation, 400, 10)
    measured = initial_variances(INITIAL_VARIANCES[init](400, 400), activation, 400, 10)
    for layer, (formula, found) in enumerate(zip(predicted, measured, strict=True), 1):
        assert abs(math.log(found / formula)) < 0.1 * layer


def test_he_keeps_the_variance_with_relu_and_xavier_without_and_tanh_shrinks_it_a_little() -> None:
    assert predicted_variances("He", "relu", 100, 50)[-1] == pytest.approx(2)
    assert predicted_variances("Xavier", "identity", 100, 50)[-1] == pytest.approx(1)
    assert predicted_variances("Xavier", "relu", 100, 11)[-1] == pytest.approx(2**-10)
    measured = initial_variances(INITIAL_VARIANCES["Xavier"](400, 400), "tanh", 400, 20)
    assert 0.01 < measured[-1] < 0.3, "tanh is not linear: the formula is its upper bound"
