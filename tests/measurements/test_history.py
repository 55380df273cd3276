"""What is drawn is what was measured: no zero hidden, no peak lost."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resviz.gui.plots.depth_curve import depth_curve, spans_decades, thinned
from resviz.measurements.history import RunHistory
from tests.helpers.written_runs import RUN_LAYERS, some_rows


@given(st.lists(st.integers(0, 300), max_size=6))
def test_a_history_is_its_rows_one_after_the_other(counts: list[int]) -> None:
    history = RunHistory(RUN_LAYERS)
    parts = []
    start = 0
    for count in counts:
        parts.append(some_rows(start, count))
        history.append(parts[-1])
        start += count
    assert history.count == start
    if start:
        for name in parts[0]:
            assert np.array_equal(history.column(name), np.concatenate([p[name] for p in parts]), equal_nan=True)


def test_a_gradient_of_exactly_0_is_a_gap_and_is_said() -> None:
    line = depth_curve(np.array([0.0, 0.0, 1e-30, 1e-2]), log=True)
    assert np.isnan(line.y[:2]).all()
    assert line.y[2:] == pytest.approx([-30, -2])
    assert line.note == "exactly 0 in 2 layers"


def test_what_is_no_number_is_said() -> None:
    assert depth_curve(np.array([np.nan, np.inf, 1.0]), log=True).note == "not a finite number in 2 layers"
    assert np.isnan(depth_curve(np.array([np.inf, 1.0]), log=False).y[0])


def test_by_magnitude_the_largest_comes_first() -> None:
    assert depth_curve(np.array([1.0, 3.0, 2.0]), log=False, by_magnitude=True).y.tolist() == [3, 2, 1]


def test_a_log_scale_is_taken_only_where_values_lie_decades_apart() -> None:
    assert not spans_decades([np.array([0.9, 1.1])])
    assert spans_decades([np.array([1e-8, 1.0])])
    assert spans_decades([np.array([1e-44, 1e38], np.float32)])
    assert not spans_decades([np.array([])])
    assert not spans_decades([])


@given(st.integers(1, 5000), st.integers(0, 2**31))
def test_thinning_keeps_the_ends_and_every_extreme(count: int, seed: int) -> None:
    y = np.random.default_rng(seed).normal(size=count)
    x = np.arange(count, dtype=float)
    fewer_x, fewer_y = thinned(x, y)
    assert len(fewer_x) <= 1300
    assert (np.diff(fewer_x) > 0).all()
    assert fewer_y.max() == y.max()
    assert fewer_y.min() == y.min()
    assert fewer_x[0] == 0
    assert np.array_equal(y[fewer_x.astype(int)], fewer_y)
