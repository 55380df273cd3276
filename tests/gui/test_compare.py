"""COMPARE: saved runs are listed, two are laid over each other, and a broken one hides no other."""

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resviz.gui.compare.controller import CompareController
from resviz.gui.compare.loaded import toggled
from resviz.gui.compare.view import CompareView
from resviz.runs.library import find, sample_folder
from tests.runs.test_folder import begin
from tests.runs.test_metrics import some_rows


@pytest.fixture
def compare(qtbot: QtBot, tmp_path: Path) -> CompareController:
    view = CompareView()
    qtbot.addWidget(view)
    view.resize(1200, 680)
    view.show()
    controller = CompareController(view, tmp_path, view)
    controller.refresh()
    QApplication.processEvents()
    return controller


def click_run(qtbot: QtBot, controller: CompareController, row: int) -> None:
    table = controller.view.runs
    place = table.visualRect(table.model().index(row, 1)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_the_sample_runs_are_there_on_a_first_start(compare: CompareController) -> None:
    runs, problems = find([sample_folder()])
    assert not problems
    assert len(runs) == 4
    assert all(run.sample for run in compare.runs)
    assert len(compare.runs) == 4


def test_a_duel_is_overlaid_at_once_and_what_differs_is_listed(compare: CompareController) -> None:
    view = compare.view
    assert [curve.name for curve in view.gradient.curves] == ["plain-20", "ResNet-20"]
    assert len(view.loss.curves) == 2
    table = view.differences
    listed = {table.item(row, 0).text(): table.item(row, 1).text() for row in range(table.rowCount())}
    assert listed["unit"] == "plain"
    assert "batch" not in listed, "what is equal is not listed"
    assert "held-out error" in listed


def test_the_samples_show_the_fall_and_that_normalisation_takes_it_away(compare: CompareController) -> None:
    falls = {}
    for run in compare.runs:
        gradient = run.history().at("response_gradient", 0)
        falls[run.spec.unit, run.spec.norm] = gradient[-2] / gradient[0]
    assert falls["plain", "none"] > 1e7
    assert falls["plain", "batch"] < 10
    assert falls["residual", "none"] < 10


def test_clicks_choose_which_two_are_shown(qtbot: QtBot, compare: CompareController) -> None:
    plain = [row for row, run in enumerate(compare.runs) if run.spec.unit == "plain"]
    for run_id in list(compare.shown):
        compare.toggle(run_id)
    assert not compare.view.gradient.curves
    assert "no run is shown" in compare.view.gradient._note
    for row in plain:
        click_run(qtbot, compare, row)
    names = [curve.name for curve in compare.view.gradient.curves]
    assert sorted(names) == ["plain-20, batch", "plain-20, none"]
    assert {curve.variant for curve in compare.view.gradient.curves} == {0, 1}
    click_run(qtbot, compare, plain[0])
    assert len(compare.view.gradient.curves) == 1


def test_a_third_run_takes_the_place_of_the_one_shown_longest() -> None:
    assert toggled(["a", "b"], "c") == ["b", "c"]
    assert toggled(["a", "b"], "a") == ["b"]


def test_every_chip_redraws(qtbot: QtBot, compare: CompareController) -> None:
    view = compare.view
    first = view.gradient.curves[0].y.copy()
    qtbot.mouseClick(view.step.button("last"), Qt.MouseButton.LeftButton)
    assert (view.gradient.curves[0].y != first).any()
    qtbot.mouseClick(view.quantity.button("weight_gradient"), Qt.MouseButton.LeftButton)
    assert "W" in view.gradient._labels[1]
    qtbot.mouseClick(view.order.button("magnitude"), Qt.MouseButton.LeftButton)
    assert (view.responses.curves[0].y[:-1] >= view.responses.curves[0].y[1:]).all()
    qtbot.mouseClick(view.curve.button("held_out_error"), Qt.MouseButton.LeftButton)
    assert len(view.loss.curves[0].y) == 3


def test_a_broken_run_is_said_and_hides_no_other(qtbot: QtBot, compare: CompareController, tmp_path: Path) -> None:
    good = begin(tmp_path)
    good.append(some_rows(0, 3))
    good.finish("finished")
    broken = begin(tmp_path)
    broken.finish("finished")
    (broken.folder / "run.json").write_text("{")
    qtbot.mouseClick(compare.view.reread, Qt.MouseButton.LeftButton)
    assert len(compare.runs) == 5
    assert broken.info.id in compare.view.problem.text()
    assert compare.view.problem.isVisible()


def test_a_run_deleted_meanwhile_is_gone_after_another_look(
    qtbot: QtBot, compare: CompareController, tmp_path: Path
) -> None:
    writer = begin(tmp_path)
    writer.append(some_rows(0, 3))
    writer.finish("finished")
    compare.refresh()
    compare.toggle(str(writer.folder))
    assert str(writer.folder) in compare.shown
    for path in writer.folder.iterdir():
        path.unlink()
    writer.folder.rmdir()
    compare.refresh()
    assert str(writer.folder) not in compare.shown


def test_a_run_without_a_row_yet_is_shown_as_such(compare: CompareController, tmp_path: Path) -> None:
    writer = begin(tmp_path)
    compare.refresh()
    for run_id in list(compare.shown):
        compare.toggle(run_id)
    compare.toggle(str(writer.folder))
    assert "nothing was measured yet" in compare.view.gradient._note
    writer.finish("stopped")


def test_a_run_whose_files_do_not_fit_together_is_said(compare: CompareController, tmp_path: Path) -> None:
    writer = begin(tmp_path)
    rows = some_rows(0, 3)
    writer.append({**rows, "response": rows["response"][:, :3]})
    writer.finish("finished")
    compare.refresh()
    compare.toggle(str(writer.folder))
    assert "response has 3 values, the run's layers 5" in compare.view.problem.text()


def test_a_run_that_measured_less_is_shown_as_far_as_it_goes(compare: CompareController, tmp_path: Path) -> None:
    writer = begin(tmp_path)
    writer.append(some_rows(0, 3))  # no response gradient
    writer.finish("finished")
    compare.refresh()
    for run_id in list(compare.shown):
        compare.toggle(run_id)
    compare.toggle(str(writer.folder))
    assert "no place where it is measured" in compare.view.gradient._note
    assert len(compare.view.loss.curves[0].y) == 3


def test_a_copied_run_folder_is_a_run_of_its_own(qtbot: QtBot, compare: CompareController, tmp_path: Path) -> None:
    writer = begin(tmp_path)
    writer.append(some_rows(0, 3))
    writer.finish("finished")
    shutil.copytree(writer.folder, tmp_path / "a copy")
    compare.refresh()
    compare.toggle(str(tmp_path / "a copy"))
    assert [run.folder.name for run in compare.runs if run.shown and not run.sample] == ["a copy"]


def test_a_run_that_was_killed_shows_how_far_it_came(compare: CompareController, tmp_path: Path) -> None:
    writer = begin(tmp_path)
    writer.append(some_rows(0, 7))
    compare.refresh()
    (run,) = (run for run in compare.runs if not run.sample)
    assert run.info.steps == 7
    assert run.info.loss == pytest.approx(some_rows(0, 7)["loss"][-1])
    writer.finish("stopped")
