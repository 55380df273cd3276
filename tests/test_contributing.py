"""What CONTRIBUTING.md says one adds is added as it stands there, and arrives everywhere it says."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from PySide6.QtCore import QCoreApplication, QEvent
from pytestqt.qtbot import QtBot
from typer.testing import CliRunner

from resviz.analysis import layer_table
from resviz.analysis.counts import MULTIPLY_ADDS, count
from resviz.analysis.layer_table import LayerTable
from resviz.base import errors
from resviz.cli.recipe_options import recipe_options
from resviz.experiments.session import Session
from resviz.experiments.sweep import combine_nets
from resviz.experiments.training_plan import TrainingPlan
from resviz.gui.builder.layer_table_view import LayerTableView
from resviz.gui.builder.options_panel import OptionsPanel
from resviz.gui.graph.layout import lay_out
from resviz.gui.plots.figure import SIZES, Figure
from resviz.gui.plots.scene import PlottedNet, Scene
from resviz.gui.plots.view_panel import ViewPanel
from resviz.gui.plots.views import VIEWS, compare_views, train_views
from resviz.measurements.history import RunHistory
from resviz.measurements.quantity import DECLARED
from resviz.nets import catalogue
from resviz.nets.block_types import BLOCKS
from resviz.nets.build import build
from resviz.nets.spec import from_toml
from resviz.results import columns
from resviz.results.columns import filter_runs, group_runs, sort_runs
from resviz.results.report import report
from resviz.results.summary import find_summaries
from resviz.runs.folder import RunFolder
from resviz.runs.library import sample_folder
from resviz.runs.run_export import to_csv
from resviz.training.data.images import load
from resviz.training.export.pytorch_source import source
from resviz.training.modules import to_module
from resviz.training.probes import WEIGHT_MEASURES
from resviz.training.recipe import TrainConfig, recipe_groups
from resviz.training.trainer import Trainer
from tests.helpers.command_line import resviz

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")

Add = Callable[[str], dict[str, Any]]


@pytest.fixture
def add() -> Iterator[Add]:
    """Runs an example of the page; what it registers is taken away again."""
    registries: tuple[dict[Any, Any], ...] = (BLOCKS, DECLARED, WEIGHT_MEASURES, VIEWS)
    lists: tuple[list[Any], ...] = (columns.COLUMNS, layer_table.HEADINGS)
    before = [dict(registry) for registry in registries], [list(entries) for entries in lists]

    def run(name: str) -> dict[str, Any]:
        (code,) = re.findall(rf"<!-- example: {name} -->\n```python\n(.*?)```", PAGE, re.DOTALL)
        names: dict[str, Any] = {"__name__": "example"}
        exec(compile(code, "CONTRIBUTING.md", "exec", dont_inherit=True), names)
        return names

    yield run
    # A table that lived on would ask for the column that is about to go.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    for registry, kept in zip(registries, before[0], strict=True):
        registry.clear()
        registry.update(kept)
    for entries, known in zip(lists, before[1], strict=True):
        entries[:] = known


def test_every_file_it_names_is_there() -> None:
    for path in set(re.findall(r"`((?:resviz|tests|resources|docs)/[\w/.]+)`", PAGE)):
        assert (ROOT / path).exists(), path


def test_a_block_is_validated_offered_counted_drawn_exported_and_trained(qtbot: QtBot, add: Add) -> None:
    add("block")
    spec = catalogue.find("cifar-resnet20").with_options(unit="dense")
    assert from_toml(spec.to_toml()) == spec
    panel = OptionsPanel()
    qtbot.addWidget(panel)
    assert panel.chips["unit"].button("dense").text() == "dense"
    graph = build(spec)
    module = to_module(graph)
    assert sum(parameter.numel() for parameter in module.parameters()) == count(graph).parameters
    assert not lay_out(graph).arcs
    assert "class DenseBlock" in source(graph, "dense", ())
    (swept,) = combine_nets([20], ["dense"], {})
    assert (swept.unit, len(build(swept).weight_layers)) == ("dense", 20)
    small = build(spec.with_options(input="1x16x16"))
    trainer = Trainer(small, TrainConfig(data="digits16", steps=2, batch=8, evaluate_every=0), load("digits16", 0))
    assert [*trainer.steps()] == [1, 2]


def test_a_quantity_is_recorded_kept_drawn_and_exported(tmp_path: Path, qtbot: QtBot, add: Add) -> None:
    quantity = add("quantity")["WEIGHT_NORM"]
    config = TrainConfig(data="digits16", batch=16, steps=2, evaluate_every=0)
    with Session(TrainingPlan([catalogue.find("mlp3")], config, tmp_path)) as session:
        for _ in session.steps():
            pass
    run = RunFolder(session.recording.writers[0].folder)
    assert run.layers.quantity("weight_norm") == quantity
    rows = run.rows()
    assert rows["weight_norm"].shape == (2, 3)
    assert (rows["weight_norm"] > 0).all()
    assert "weight_norm/" in to_csv(run).decode()
    history = RunHistory(run.layers)
    history.append(rows)
    scene = Scene([PlottedNet("mlp", "plain", history)], session.specs, True, "")
    for name in ("heat", "graph"):
        view = VIEWS[name]
        assert ("weight_norm", "norm of the weights") in view.options
        assert view.is_complete(scene, "weight_norm")
    svg = Figure(VIEWS["heat"], "weight_norm", scene, "title").content("svg", SIZES[0])
    assert "‖W‖" in svg.decode()


def test_a_view_is_offered_drawn_saved_and_empty_with_its_own_axes(qtbot: QtBot, add: Add) -> None:
    add("view")
    view = VIEWS["shortcut_gradient"]
    assert view in train_views()
    assert view in compare_views()
    panel = ViewPanel("main", compare_views())
    qtbot.addWidget(panel)
    assert panel.chooser.findData("shortcut_gradient") >= 0
    empty = Figure(view, "", Scene([], (), True, "nothing was measured yet"), "title").content("svg", SIZES[0]).decode()
    assert "residual block" in empty
    assert "norm of ∂ℓ/∂x" in empty
    assert "nothing was measured yet" in empty


def test_a_run_column_is_filtered_grouped_sorted_listed_and_reported(qtbot: QtBot, add: Add) -> None:
    add("run column")
    runs, _ = find_summaries(sample_folder())
    assert len(filter_runs(runs, "batch:64")) == len([run for run in runs if run.info.recipe["batch"] == 64])
    assert [text for text, _ in group_runs(runs, "batch")]
    assert sort_runs(runs, "batch", descending=False)[0].info.recipe["batch"] <= 64
    assert "batch" in resviz("runs", "--folder", str(sample_folder()), check=True).stdout
    assert "<th" in report(runs[:2], ["a", "b"], ())
    assert "batch" in report(runs[:2], ["a", "b"], ())


def test_a_layer_column_is_shown_sorted_and_copied(qtbot: QtBot, add: Add) -> None:
    add("layer column")
    graph = build(catalogue.find("resnet18"))
    layers = LayerTable(graph, count(graph))
    rows = layers.view(sort="readers", descending=True)
    assert "read by" in layers.table(rows, "title", MULTIPLY_ADDS).to_csv()
    table = LayerTableView()
    qtbot.addWidget(table)
    table.set_rows(rows, {}, MULTIPLY_ADDS, frozenset())
    headings = [table.model().headerData(at, table.horizontalHeader().orientation()) for at in range(11)]
    assert "read by" in headings


def test_a_field_of_a_recipe_is_an_option_and_stands_on_the_recipe_page(add: Add) -> None:
    model = add("recipe field")["LongerConfig"]
    assert "label_smoothing" in recipe_groups(model)["Updates"]
    found: list[TrainConfig] = []

    @recipe_options(model=model)
    def train(config: TrainConfig) -> None:
        found.append(config)

    app = typer.Typer()
    app.command()(train)
    runner = CliRunner()
    assert "--label-smoothing" in runner.invoke(app, ["--help"], env={"COLUMNS": "200"}).output
    assert runner.invoke(app, ["--label-smoothing", "0.1"]).exit_code == 0
    assert found[0].model_dump()["label_smoothing"] == 0.1
    wrong = runner.invoke(app, ["--label-smoothing", "2"]).exception
    assert isinstance(wrong, errors.RecipeError)
    assert str(wrong).startswith("--label-smoothing must be less than 1, not 2.0")
