"""Curves can be drawn over steps or over epochs, and curves that know no epochs are named."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from resviz.gui.compare.compare_controller import CompareController
from tests.helpers.compare_page import refresh, settle, show_only
from tests.helpers.written_runs import begin, some_rows


def ended(root: Path, **more: object) -> Path:
    writer = begin(root, "cifar-resnet20", **more)
    writer.append(some_rows(0, 9))
    writer.finish("finished")
    return writer.folder


def ends(compare: CompareController) -> list[float]:
    return [float(curve.x[-1]) for curve in compare.view.panels["training"].curves.curves if len(curve.x)]


def test_each_run_is_counted_in_its_own_epochs(qtbot: QtBot, compare: CompareController) -> None:
    root = compare.run_actions._root
    folders = [ended(root, epoch_steps=4), ended(root, epoch_steps=2)]
    refresh(qtbot, compare)
    show_only(qtbot, compare, *folders)
    compare.display.choose_view("second", "gradient_norm")
    assert ends(compare) == [8, 8]
    compare.view.x_axis.button("epochs").click()
    settle(qtbot, compare)
    assert ends(compare) == [2, 4]
    assert [float(curve.x[-1]) for curve in compare.view.panels["second"].curves.curves] == [2, 4]
    assert compare.view.panels["training"].curves.plot.getAxis("bottom").labelText == "epoch"
    compare.view.x_axis.button("steps").click()
    settle(qtbot, compare)
    assert ends(compare) == [8, 8]


def test_a_run_of_an_unknown_number_of_images_is_left_out_and_said(qtbot: QtBot, compare: CompareController) -> None:
    show_only(qtbot, compare, ended(compare.run_actions._root, recipe={"data": "images", "batch": 8}))
    compare.refresh()
    settle(qtbot, compare)
    show_only(qtbot, compare, *[run.key for run in compare.runs.values() if not run.sample])
    compare.view.x_axis.button("epochs").click()
    settle(qtbot, compare)
    assert ends(compare) == []
    assert "number of steps in an epoch was not recorded" in compare.view.panels["training"].curves.note_text


def test_older_runs_of_a_named_data_set_are_counted_too(compare: CompareController) -> None:
    samples = [run for run in compare.runs.values() if run.sample]
    older = [run for run in samples if run.info.epoch_steps is None]
    assert older
    for run in samples:
        assert run.epoch_steps == (run.info.recipe.get("training_images") or 1500) // run.info.recipe["batch"]


@pytest.mark.parametrize(("heading", "in_steps", "in_epochs"), [("epoch", [], [2]), ("step", [2], [])])
def test_imported_curves_are_drawn_over_what_they_count(
    qtbot: QtBot, compare: CompareController, tmp_path: Path, heading: str, in_steps: list[int], in_epochs: list[int]
) -> None:
    path = tmp_path / "theirs.csv"
    path.write_text(f"{heading},loss\n0,2\n1,1.5\n2,1\n", encoding="utf-8")
    compare.show_only([])
    compare.import_file(path)
    settle(qtbot, compare)
    compare.show_only(compare.shown[-1:])
    settle(qtbot, compare)
    assert ends(compare) == in_steps
    note = compare.view.panels["training"].curves.note_text
    assert ("count epochs" in note) == (not in_steps)
    compare.view.x_axis.button("epochs").click()
    settle(qtbot, compare)
    assert ends(compare) == in_epochs
