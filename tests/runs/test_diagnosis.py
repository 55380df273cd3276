"""The diagnosis: what is said is what was measured, by the documented thresholds."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.base.numbers import format_measurement
from resviz.runs.diagnosis import STILL, Diagnosis, diagnose
from resviz.runs.gradient_verdict import (
    STEEP,
    VANISHING,
    Episode,
    GradientEpisodes,
    episodes_of_run,
    fall,
    verdict,
    verdicts,
)

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
    episodes: Sequence[Episode] = (),
    weights: np.ndarray | float = 0.1,
    update: float = 1e-3,
    recipe: dict[str, object] = RECIPE,
) -> Diagnosis:
    now = {
        "response_gradient": gradient,
        "weight_gradient": np.broadcast_to(np.asarray(weights, float), gradient.shape),
        "update_ratio": np.full(gradient.shape, update),
    }
    return diagnose(now.__getitem__, step, episodes, recipe)


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
    assert found.text.startswith(
        "The gradient falls by a factor of 2.6 per layer (0.41 decades), "
        "from 0.1 at layer 19 to 4·10⁻⁹ at layer 1: it vanishes."
    )
    assert "The weight gradients are level at 6·10⁻⁹." in found.text


def test_a_net_that_flows_is_said_to_with_its_figures() -> None:
    text = told(line(0.01)).text
    assert text.startswith("The gradient falls by only a factor of 1.02 per layer (0.01 decades), from 0.1 at layer 19")
    assert "at layer 1: it flows." in text


def test_the_onset_is_when_the_case_began_and_what_was_before() -> None:
    steps = np.stack([line(-0.17)] * 3 + [line(0.0)] * 18)
    found = told(steps[-1], episodes=episodes_of_run(steps))
    assert "It explodes at steps 0 to 2. Then it flows, from step 3 on." in found.text
    assert {part.step for part in found.parts if part.quantity == "response_gradient"} == {0, 3, 20}
    vanishing = np.stack([line(0.41)] * 5)
    assert "It vanishes from step 0 on." in told(vanishing[-1], episodes=episodes_of_run(vanishing)).text
    flowing = np.stack([line(0.01)] * 5)
    assert "from step" not in told(flowing[-1], episodes=episodes_of_run(flowing)).text


def test_of_a_gradient_that_broke_the_first_step_and_the_layer_it_reached_first_are_named() -> None:
    steps = np.stack([line(0.0)] * 6)
    steps[4, :7] = np.nan
    steps[5] = np.nan
    text = told(steps[-1], episodes=episodes_of_run(steps)).text
    assert "It has not been a finite number since step 4, first at layer 7." in text


def test_no_sentence_says_that_a_gradient_flows_and_explodes() -> None:
    steps = np.stack([line(-0.17), line(0.0)])
    sentences = told(steps[-1], episodes=episodes_of_run(steps)).text.split(". ")
    assert not any("it flows" in sentence and "explode" in sentence for sentence in sentences)


@given(st.lists(st.lists(st.floats(0, 1e30) | st.just(math.nan), min_size=2, max_size=2), min_size=1, max_size=3))
def test_many_verdicts_at_once_are_those_of_each_step(pairs: list[list[float]]) -> None:
    for layers in (2, 3, 5, 20):
        gradient = np.array([np.resize(pair, layers) * np.linspace(1, 3, layers) for pair in pairs])
        assert list(verdicts(gradient)) == [verdict(row) for row in gradient]


@given(st.lists(st.sampled_from([-0.2, 0.0, 0.2, math.nan]), min_size=1, max_size=30), st.data())
def test_episodes_grow_with_a_run_as_they_are_of_the_whole(slopes: list[float], data: st.DataObject) -> None:
    gradient = np.stack([line(slope) if math.isfinite(slope) else np.full(20, np.nan) for slope in slopes])
    growing = GradientEpisodes()
    for count in sorted(data.draw(st.lists(st.integers(0, len(gradient)), max_size=4))):
        growing.update(gradient[:count])
    growing.update(gradient)
    step = data.draw(st.integers(0, len(gradient) - 1))
    found = growing.until(step)
    each = [verdict(row) for row in gradient[: step + 1]]
    assert [episode.verdict for episode in found for _ in range(episode.first, episode.last + 1)] == each
    assert (found[0].first, found[-1].last) == (0, step)
    assert all(a.verdict != b.verdict and a.last + 1 == b.first for a, b in pairwise(found))


def test_a_gradient_of_0_and_one_that_is_no_number_are_said_as_such() -> None:
    zero = line(0.1)
    zero[:4] = 0
    assert told(zero).text.startswith("The gradient is exactly 0 in 4 of 20 layers.")
    broken = line(0.1)
    broken[5] = np.nan
    assert told(broken, weights=np.nan).text.startswith("The gradient is not a finite number in 1 of 20 layers.")
    assert "The weight gradients are not finite numbers." in told(broken, weights=np.nan).text


def test_weights_that_only_decay_are_not_said_to_learn() -> None:
    """Of plain SGD the update ratio without any gradient is rate · decay · (1 + m + ... + m^step)."""
    alone = 0.1 * 1e-4 * sum(0.9**k for k in range(21))
    assert "weight decay alone" in told(line(0.41), update=alone).text
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
