"""Runs that were watched in other programs' loops stand in Compare beside all others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from pytestqt.qtbot import QtBot
from torch import nn
from torch.nn import functional

import resviz
from resviz.gui.compare.compare_controller import CompareController
from resviz.gui.compare.report_figures import write_report
from resviz.gui.compare.run_actions import _can_resume
from resviz.gui.plots.curve_plot import CurvePlot
from resviz.results.summary import read_summary, run_tooltip
from resviz.results.watched_graph import GRAPH_FILE
from resviz.runs.folder import RunFolder
from resviz.runs.records import RunAlert
from resviz.runs.run_export import to_csv
from resviz.runs.sealed_json import seal
from tests.helpers.compare_page import refresh, show_only


class Gated(nn.Module):
    """Nothing that a depth table has."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.out = nn.Linear(6, 8), nn.Linear(8, 8), nn.Linear(8, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = functional.gelu(self.first(x))
        return self.out(x * torch.sigmoid(self.second(x)))


def trained(folder: Path, title: str = "", every: int = 1) -> Path:
    torch.manual_seed(0)
    model = Gated()
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    with resviz.watch(model, folder, optimizer=optimizer, title=title, every=every) as watch:
        for _step in range(6):
            loss = functional.cross_entropy(model(torch.rand(8, 6)), torch.randint(3, (8,)))
            loss.backward()
            watch.step(loss)
            optimizer.step()
            optimizer.zero_grad()
    assert watch.folder is not None
    return watch.folder


def test_it_is_listed_plotted_and_reported(qtbot: QtBot, compare: CompareController, tmp_path: Path) -> None:
    folder = trained(tmp_path, "mine")
    refresh(qtbot, compare)
    run = next(run for run in compare.runs.values() if run.folder == folder)
    assert (run.label, run.depth, run.parameters) == ("mine", 3, 56 + 72 + 27)
    show_only(qtbot, compare, run.key)
    scene = compare.display.scene()
    (net,) = scene.nets
    assert net.history.has("response_gradient")
    assert len(net.history.at("response_gradient", -1)) == 3
    assert net.history.response_layers.tolist() == [True] * 3, "there is no convolution, so figure 7 shows all layers"
    assert len(compare.view.grid.panels["second"].surface(CurvePlot).curves) == 1
    report = write_report(scene)
    assert "mine" in report
    assert "Gradient of the responses" in report
    assert "watched in another program" in run_tooltip(run)


@pytest.mark.parametrize("view", ["graph", "block", "heat", "table", "final", "update_ratio", "loss"])
def test_every_view_draws_it_or_says_why_not(
    qtbot: QtBot, compare: CompareController, tmp_path: Path, view: str
) -> None:
    folder = trained(tmp_path)
    refresh(qtbot, compare)
    key = next(run.key for run in compare.runs.values() if run.folder == folder)
    compare.display.choose_view("main", view)
    show_only(qtbot, compare, key)
    show_only(qtbot, compare, key, next(run.key for run in compare.runs.values() if run.sample))


def test_steps_that_were_left_out_on_purpose_are_not_lost(tmp_path: Path) -> None:
    run = read_summary(trained(tmp_path, every=3))
    assert run.run.lost == 0
    assert run.info.left_out == 2
    assert run.label == "Gated"
    assert not _can_resume([run]), "there is nothing to go on from"
    assert to_csv(RunFolder(run.folder)).count(b"\n") > 2


def test_what_looked_wrong_is_marked_on_the_loss_and_said(
    qtbot: QtBot, compare: CompareController, tmp_path: Path
) -> None:
    folder = trained(tmp_path)
    info = RunFolder(folder).info
    alert = RunAlert(kind="vanishing", step=2, layers=("first",), text="The gradient vanishes.")
    changed = info.model_copy(update={"alerts": (alert,)})
    (folder / "run.json").write_bytes(seal(changed.model_dump_json(exclude={"left_out", "rate_changed"}).encode()))
    refresh(qtbot, compare)
    key = next(run.key for run in compare.runs.values() if run.folder == folder)
    show_only(qtbot, compare, key)
    plot = compare.view.grid.panels["training"].surface(CurvePlot)
    assert plot.plot.getAxis("left").labelText == "loss", "nobody knows which loss another program takes"
    line, dots = plot.curves
    assert np.flatnonzero(np.isfinite(dots.y)).tolist() == [2]
    assert dots.y[2] == line.y[2]
    assert dots.dots
    assert plot.note_text == "● vanishing gradient"
    gradients = compare.view.grid.panels["main"].surface(CurvePlot)
    assert gradients.note_text.endswith("● vanishing gradient since step 2")
    compare.display.move_cursor(1)
    qtbot.waitUntil(lambda: "vanishing" not in gradients.note_text)


def test_a_model_without_a_depth_table_is_drawn_as_its_modules_in_the_colours_of_its_gradient(
    qtbot: QtBot, compare: CompareController, tmp_path: Path
) -> None:
    folder = trained(tmp_path)
    refresh(qtbot, compare)
    key = next(run.key for run in compare.runs.values() if run.folder == folder)
    compare.display.choose_view("main", "graph")
    compare.display.choose_option("main", "weight_gradient")
    show_only(qtbot, compare, key)
    pane = compare.view.grid.panels["main"].graph
    (net,) = pane.nets
    values = RunFolder(folder).rows()["weight_gradient"][-1]
    assert set(net.values) == {"first", "second", "out"}
    np.testing.assert_allclose([10 ** net.values[name] for name in ("first", "second", "out")], values, rtol=1e-5)
    picture = pane.modules(0)
    assert picture.isVisible()
    colours = {item.node.layers[0]: item.fill_and_text()[0] for item in picture.drawn_boxes()}
    assert len({colours[name] for name in ("first", "second", "out")}) == 3
    (folder / GRAPH_FILE).unlink()
    other = trained(tmp_path)
    (other / GRAPH_FILE).write_text("nothing")
    refresh(qtbot, compare)
    show_only(qtbot, compare, next(run.key for run in compare.runs.values() if run.folder == other))
    assert pane.nets == [], "a file that is no graph is no picture, and no error"
