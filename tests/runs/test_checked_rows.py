"""Rows that are not those of a run with its layers are refused in a line, with what is wrong with them."""

from pathlib import Path

import numpy as np
import pytest

from resviz.base.errors import RunError
from resviz.measurements.quantities import RESPONSE
from resviz.measurements.run_layers import LayerInfo, RunLayers
from resviz.runs.checked_rows import checked_rows

LAYERS = RunLayers(
    layers=tuple(LayerInfo(name=name, kind="conv", stage="", label=name) for name in "ab"), quantities=(RESPONSE,)
)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        (np.zeros(2), "response has 1 values, but layers.json has places for 2"),
        (np.zeros((2, 3)), "response has 3 values, but layers.json has places for 2"),
        (np.zeros((2, 1)), "response has 1 values, but layers.json has places for 2"),
    ],
)
def test_a_column_of_another_width_is_refused(values: np.ndarray, says: str) -> None:
    with pytest.raises(RunError, match=says):
        checked_rows({"step": np.arange(2), "response": values}, LAYERS, Path("run"))


@pytest.mark.parametrize("steps", [[-1, 0], [0, 0], [3, 2]])
def test_steps_count_upwards(steps: list[int]) -> None:
    with pytest.raises(RunError, match="don't count upwards"):
        checked_rows({"step": np.array(steps), "response": np.zeros((2, 2))}, LAYERS, Path("run"))


def test_rows_that_fit_are_given_back() -> None:
    rows = {"step": np.arange(2), "response": np.zeros((2, 2)), "loss": np.zeros(2)}
    assert checked_rows(rows, LAYERS, Path("run")) is rows
