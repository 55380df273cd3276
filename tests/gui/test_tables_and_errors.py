"""Views of whole trainings: both errors, steps to a loss, mean responses, and heat maps of runs that keep few rows."""

import numpy as np
import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from resviz.gui.plots.curve_plot import CurvePlot
from resviz.gui.plots.heat_plot import HeatPlot
from resviz.gui.plots.scene import PlottedNet, Scene
from resviz.gui.plots.table_pane import TablePane
from resviz.gui.plots.views import VIEWS, ViewCache
from resviz.runs.folder import RunFolder
from resviz.runs.library import sample_folder
from resviz.runs.run_history import read_history


@pytest.fixture(scope="module")
def trained() -> dict[str, PlottedNet]:
    """The whole trainings that come with the program."""
    found = {}
    for path in sample_folder().iterdir():
        run = RunFolder(path)
        if run.info.steps == 1000:
            found[run.info.net.label] = PlottedNet(run.info.net.label, run.info.net.unit, read_history(path))
    return found


def scene(*nets: PlottedNet) -> Scene:
    return Scene(list(nets), (), True, "")


def shown(qtbot: QtBot, surface: type[QWidget]) -> QWidget:
    widget = surface()
    qtbot.addWidget(widget)
    widget.resize(640, 360)
    widget.show()
    return widget


def test_both_errors_are_drawn_the_training_error_as_a_thin_line(qtbot: QtBot, trained: dict[str, PlottedNet]) -> None:
    plot, net = shown(qtbot, CurvePlot), trained["plain-56"]
    assert isinstance(plot, CurvePlot)
    VIEWS["error"].draw(plot, "both", scene(net), ViewCache())
    held_out, training = plot.curves
    assert training.thin
    assert not held_out.thin
    errors = net.history.column("error")
    assert training.y[-1] == pytest.approx(np.mean(errors[-10:]))
    assert training.x[0] == net.history.column("step")[9]
    finite = held_out.y[np.isfinite(held_out.y)]
    measured = net.history.column("held_out_error")
    assert finite == pytest.approx(measured[np.isfinite(measured)])
    assert "training error, mean of 10 batches" in plot.note_text


def test_the_table_of_responses_is_figure_7_in_numbers(qtbot: QtBot, trained: dict[str, PlottedNet]) -> None:
    pane = shown(qtbot, TablePane)
    assert isinstance(pane, TablePane)
    nets = [trained[name] for name in ("ResNet-110", "ResNet-20", "plain-20", "ResNet-56")]
    VIEWS["mean_responses"].draw(pane, "", scene(*nets), ViewCache())
    assert pane.content is not None
    assert [row[0] for row in pane.content.rows] == ["plain-20", "ResNet-20", "ResNet-56", "ResNet-110"]
    means = [float(row[2]) for row in pane.content.rows]
    assert means == sorted(means, reverse=True)
    values = nets[1].history.column("response")[-1][nets[1].history.response_layers]
    assert means[1] == pytest.approx(values.mean(), rel=5e-3)
    assert VIEWS["mean_responses"].numbers(pane)[1] == pane.content.rows[0]


def test_the_table_of_steps_has_a_dash_where_a_loss_was_not_reached(
    qtbot: QtBot, trained: dict[str, PlottedNet]
) -> None:
    pane = shown(qtbot, TablePane)
    assert isinstance(pane, TablePane)
    VIEWS["convergence"].draw(pane, "", scene(trained["plain-110"], trained["ResNet-110"]), ViewCache())
    assert pane.content is not None
    plain, residual = pane.content.rows
    assert set(plain[1:]) == {"—"}
    reached = [int(text) for text in residual[1:] if text != "—"]
    assert len(reached) > 4
    assert reached == sorted(reached)


def test_a_heat_map_of_a_run_with_one_row_in_ten_counts_steps(qtbot: QtBot, trained: dict[str, PlottedNet]) -> None:
    plot, net = shown(qtbot, HeatPlot), trained["plain-20"]
    assert isinstance(plot, HeatPlot)
    assert net.history.stride == 10
    VIEWS["heat"].draw(plot, "response_gradient", scene(net), ViewCache())
    picture = plot.pictures[0]
    left, _bottom, width, _height = picture.rectangle
    assert left == pytest.approx(-5)
    assert width == pytest.approx(1000, abs=10)
    assert picture.x_of(50) == pytest.approx(500, abs=10)
    assert "one step in 10 is drawn" in plot.note_text
    values = np.log10(net.history.column("response_gradient")[50])
    assert picture.values[:, 50] == pytest.approx(values, abs=1e-4)
