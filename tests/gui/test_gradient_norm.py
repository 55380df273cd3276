"""The norm of the whole gradient is that of the layers' norms together."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from resviz.gui.plots.views.gradient_norm import total_norm
from tests.helpers.played_worker import FALLING, LEVEL, Played, click, controller_of


@given(st.lists(st.lists(st.floats(0, 1e150), min_size=3, max_size=3), min_size=1, max_size=4))
def test_the_total_is_the_root_of_the_sum_of_squares(rows: list[list[float]]) -> None:
    for row, norm in zip(rows, total_norm(np.array(rows)), strict=True):
        assert norm == pytest.approx(float(np.hypot(np.hypot(row[0], row[1]), row[2])))


def test_tiny_gradients_do_not_become_0() -> None:
    assert total_norm(np.array([[3e-300, 4e-300]])) == pytest.approx([5e-300])
    assert total_norm(np.array([[0.0, 0.0]])) == [0.0]
    assert np.isnan(total_norm(np.array([[np.nan, 1.0]])))[0]


def test_it_stands_under_the_loss_over_the_same_steps(qtbot: QtBot, played: Played) -> None:
    view, runner = played
    controller_of(view).display.choose_view("third", "gradient_norm")
    click(view.main)
    runner.begin()
    for step in (1, 2, 3):
        runner.measure(step, [FALLING, LEVEL])
    qtbot.waitUntil(lambda: len(view.panels["third"].curves.curves) == 2)
    qtbot.waitUntil(lambda: len(view.panels["third"].curves.curves[0].x) == 3)
    assert view.panels["third"].curves.x_kind == view.panels["training"].curves.x_kind
    assert 10 ** view.panels["third"].curves.curves[0].y[0] == pytest.approx(6e-9 * np.sqrt(20), rel=1e-5)
    runner.end("finished")
