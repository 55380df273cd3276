"""The diagnosis: what is said is what was measured, by the documented thresholds."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.base.numbers import format_measurement
from resviz.runs.diagnosis import STEEP, STILL, VANISHING, Diagnosis, diagnose, fall, verdict

RECIPE = {
    "optimizer": "sgd",
    "schedule": "milestones",
    "milestones": (32_000,),
    "learning_rate": 0.1,
    "momentum": 0.9,
    "weight_decay": 1e-4,
}


def line(slope: float, layers: int = 20, last: float = 0.1) -> np.ndarray:
    """A response gradient that loses `slope` decades a layer on its way back, and the logits' behind it."""
    return np.append(last * 10.0 ** (slope * np.arange(-(layers - 2), 1)), 1.0)


def told(
    gradient: np.ndarray,
    *,
    step: int = 20,
    first: np.ndarray | None = None,
    weights: np.ndarray | float = 0.1,
    update: float = 1e-3,
    recipe: dict[str, object] = RECIPE,
) -> Diagnosis:
    now = {
        "response_gradient": gradient,
        "weight_gradient": np.broadcast_to(np.asarray(weights, float), gradient.shape),
        "update_ratio": np.full(gradient.shape, update),
    }
    beginning = now | {"response_gradient": gradient if first is None else first}
    return diagnose(now.__getitem__, step, beginning.__getitem__, recipe)


def test_a_fall_is_the_slope_over_depth_the_logits_left_out() -> None:
    gradient = np.append(10.0 ** (0.4 * np.arange(19) - 8), 1.0)
    measured = fall(gradient)
    assert measured is not None
    assert measured.slope == pytest.approx(0.4)
    assert measured.decades == pytest.approx(0.4 * 18)
    assert (measured.first, measured.last) == pytest.approx((1e-8, 10**-0.8))
    assert fall(np.array([0.0, 1e-3, 1e-2, 1e-1, 1.0])) is None


@pytest.mark.parametrize(
    ("slope", "layers", "expected"),
    [
        (VANISHING / 18 + 0.001, 20, "vanishes"),
        (VANISHING / 18 - 0.001, 20, "flows"),
        (-VANISHING / 18 - 0.001, 20, "explodes"),
        (-VANISHING / 18 + 0.001, 20, "flows"),
        (STEEP + 0.01, 5, "vanishes"),
        (STEEP - 0.01, 5, "flows"),
        (-STEEP - 0.01, 5, "explodes"),
        (0.0, 1202, "flows"),
    ],
)
def test_the_verdict_is_by_the_documented_thresholds(slope: float, layers: int, expected: str) -> None:
    assert verdict(line(slope, layers)) == expected


def test_the_lectures_case_is_not_called_healthy_because_its_weight_gradients_are_level() -> None:
    found = told(line(0.41), weights=6e-9)
    assert found.verdict == "vanishes"
    assert found.text.startswith("the gradient vanishes: it loses 0.41 decades a layer, 0.1 at layer 19 to 4·10⁻⁹")
    assert "weight gradients are level at 6·10⁻⁹" in found.text


def test_a_net_that_flows_is_said_to_with_its_figures() -> None:
    assert told(line(0.01)).text.startswith("the gradient flows: it loses 0.01 decades a layer, 0.1 at layer 19 to")


def test_what_was_otherwise_at_step_0_is_said() -> None:
    found = told(line(0.0), first=line(-0.17))
    assert "it exploded at step 0, times 1100 from the last to the first" in found.text
    assert any(part.quantity == "response_gradient" and part.step == 0 for part in found.parts)
    assert "at step 0" not in told(line(0.0), first=line(0.02)).text
    assert "at step 0" not in told(line(0.0), step=0, first=line(0.02)).text


def test_a_gradient_of_0_and_one_that_is_no_number_are_said_as_such() -> None:
    zero = line(0.1)
    zero[:4] = 0
    assert told(zero).text.startswith("the gradient is 0, exactly, in 4 of 20 layers")
    broken = line(0.1)
    broken[5] = np.nan
    assert told(broken, weights=np.nan).text.startswith("the gradient is broken: not a number in 1 of 20 layers")
    assert "weight gradients are no numbers" in told(broken, weights=np.nan).text


def test_weights_that_only_decay_are_not_said_to_learn() -> None:
    """Of plain SGD the update ratio without any gradient is rate · decay · (1 + m + ... + m^step)."""
    alone = 0.1 * 1e-4 * sum(0.9**k for k in range(21))
    assert "no more than weight decay alone" in told(line(0.41), update=alone).text
    assert "weight decay" not in told(line(0.41), update=2 * alone).text
    assert "stand still" in told(line(0.41), update=STILL / 2, recipe=RECIPE | {"weight_decay": 0.0}).text
    for changed in ({"schedule": "cosine"}, {"optimizer": "adam"}, {"milestones": (10,)}, {"warm_up_steps": 5}):
        assert "weight decay" not in told(line(0.41), update=alone, recipe=RECIPE | changed).text


def test_no_text_says_vanishing_without_the_ratio_beside_it() -> None:
    found = told(line(0.41))
    assert {part.quantity for part in found.parts if part.quantity} == {
        "response_gradient",
        "weight_gradient",
        "update_ratio",
    }
    assert all(part.step == 20 for part in found.parts if part.quantity)


values = st.floats(0, 1e30) | st.just(math.nan) | st.just(math.inf)


@given(st.lists(values, min_size=1, max_size=40), values)
def test_whatever_was_measured_gets_a_sentence(gradient: list[float], update: float) -> None:
    found = told(np.array(gradient), update=update, weights=np.array(gradient))
    assert found.text
    assert "\n" not in found.text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1.0, "1"),
        (0.183, "0.18"),
        (-0.4, "−0.4"),
        (1234.0, "1200"),
        (3e-9, "3·10⁻⁹"),
        (1e-3, "10⁻³"),
        (4.4e5, "4·10⁵"),
        (math.nan, "nan"),
        (math.inf, "inf"),
    ],
)
def test_figures_are_written_as_they_are_read(value: float, text: str) -> None:
    assert format_measurement(value) == text
