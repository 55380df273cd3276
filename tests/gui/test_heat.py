"""The heat map is what was measured, however long the run, and costs only what is new."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resviz.gui.plots.heat_map import MAX_COLUMNS, MAX_ROWS, HeatMap, levels, scaled
from resviz.measurements.history import RunHistory
from resviz.measurements.quantity import Quantity
from resviz.measurements.run_layers import LayerInfo, RunLayers


def _run(layers: int) -> RunLayers:
    infos = tuple(LayerInfo(name=f"conv{n}", kind="conv", stage="", label="") for n in range(layers))
    common = {"title": "", "label": "", "formula": "", "source": "", "axis": "layer"}
    log = Quantity(name="response_gradient", log=True, **common)
    return RunLayers(layers=infos, quantities=(log, Quantity(name="saturation", log=False, **common)))


def _rows(start: int, count: int, layers: int) -> dict[str, np.ndarray]:
    steps = np.arange(start, start + count)
    values = (10.0 ** (-steps[:, None] / 100 - np.arange(layers)[None] / 50)).astype(np.float32)
    return {"step": steps, "response_gradient": values, "saturation": values}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 700), min_size=1, max_size=8), st.integers(1, 5))
def test_a_growing_run_has_the_picture_of_the_whole_run(counts: list[int], layers: int) -> None:
    history = RunHistory(_run(layers))
    growing = HeatMap(history, history.layers.quantities[0])
    start = 0
    for count in counts:
        history.append(_rows(start, count, layers))
        growing.update()
        start += count
    every = growing.every
    expected = np.log10(history.column("response_gradient")[::every].T) if start else np.empty((layers, 0))
    assert growing.image == pytest.approx(expected, abs=1e-5)
    assert growing.image.shape[1] <= MAX_COLUMNS
    assert every == 1 or start > MAX_COLUMNS


def test_1202_layers_are_thinned_to_what_a_screen_shows() -> None:
    history = RunHistory(_run(1202))
    history.append(_rows(0, 3, 1202))
    heat = HeatMap(history, history.layers.quantities[0])
    heat.update()
    assert heat.image.shape[0] <= MAX_ROWS
    assert heat.image[1, 0] == pytest.approx(-heat.every_layer / 50, abs=1e-5)


def test_what_has_no_logarithm_is_a_blank() -> None:
    log, linear = _run(1).quantities
    values = np.array([0.0, np.nan, np.inf, -1.0, 100.0], np.float32)
    assert np.isnan(scaled(values, log)[:4]).all()
    assert scaled(values, log)[4] == pytest.approx(2)
    assert scaled(values, linear)[[0, 3, 4]].tolist() == [0, -1, 100]


def test_the_scale_stands_still_while_a_run_moves_within_its_decades() -> None:
    log, linear = _run(1).quantities
    assert levels([(-8.3, -0.2), (-1.0, 0.4)], log) == (-9.0, 1.0)
    assert levels([(-8.7, -0.9)], log) == levels([(-8.1, -0.1)], log)
    assert levels([], log)[0] < levels([], log)[1]
    assert levels([(0.2, 0.4)], linear) == (0.0, 1.0)
    low, high = levels([(3.0, 3.0)], linear)
    assert low < high
