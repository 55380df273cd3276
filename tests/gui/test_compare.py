"""COMPARE: saved runs are listed, any number of them laid over each other, and a broken one hides no other."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QInputDialog, QLineEdit, QMessageBox
from pytestqt.qtbot import QtBot

from resviz.gui.compare import history_cache
from resviz.gui.compare.compare_controller import CompareController
from resviz.gui.compare.run_model import MARK, RunGroup
from resviz.gui.plots.saved_runs import assign_line_styles, distinct_labels
from resviz.nets import catalogue
from resviz.results.columns import COLUMNS
from resviz.results.run_summary import RunSummary, trained_runs
from resviz.runs.library import find, sample_folder
from resviz.runs.notes import read_notes, write_notes
from tests.helpers.compare_page import refresh, settle, show_only
from tests.helpers.written_runs import begin, some_rows


def ended(root: Path, name: str = "cifar-resnet20", rows: int = 3, **more: object) -> Path:
    writer = begin(root, name, **more)
    writer.append(some_rows(0, rows))
    writer.finish("finished")
    return writer.folder


def click(qtbot: QtBot, controller: CompareController, key: str, column: int = MARK) -> None:
    table = controller.view.browser.table
    row = next(i for i, run in enumerate(table.rows.rows) if isinstance(run, RunSummary) and run.key == key)
    place = table.visualRect(table.rows.index(row, column)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    settle(qtbot, controller)


def samples(controller: CompareController, **wanted: str) -> list[str]:
    """Keys of the samples of a unit and a normalisation, of 20 layers."""
    runs = [run for run in controller.runs.values() if run.sample and run.depth == 20]
    return [run.key for run in runs if all(getattr(run.spec, name) == value for name, value in wanted.items())]


def texts(controller: CompareController, column: str) -> list[str]:
    """What a column of the table says, from top to bottom."""
    model = controller.view.browser.table.rows
    place = 1 + [known.name for known in COLUMNS].index(column)
    return [model.data(model.index(row, place)) for row in range(model.rowCount())]


def choose(controller: CompareController, *keys: object) -> None:
    controller.view.browser.table.select([str(key) for key in keys])
    controller.run_actions.show_actions()


def test_the_sample_runs_are_there_on_a_first_start(compare: CompareController) -> None:
    runs, problems = find([sample_folder()])
    assert not problems
    assert {run.info.net.name for run in runs} >= {"cifar-plain20", "cifar-resnet20", "cifar-plain56", "cifar-resnet56"}
    assert {run.info.recipe["init"] for run in runs} >= {"he", "normal"}
    assert "sigmoid" in {run.info.net.activation for run in runs}
    assert len(compare.runs) == len(runs)
    assert all(run.sample for run in compare.runs.values())


def test_a_duel_is_overlaid_at_once_and_what_differs_is_listed(compare: CompareController) -> None:
    view = compare.view
    assert sorted(curve.name for curve in view.panels["main"].curves.curves) == ["ResNet-20", "plain-20"]
    assert len([curve for curve in view.panels["training"].curves.curves if not curve.thin]) == 2
    table = view.differences
    listed = {table.item(row, 0).text(): table.item(row, 1).text() for row in range(table.rowCount())}  # type: ignore[union-attr]
    assert "unit" in listed
    assert "batch" not in listed, "what is equal is not listed"
    assert "held-out error" in listed


def test_the_samples_show_the_fall_and_that_normalisation_takes_it_away(
    compare: CompareController, qtbot: QtBot
) -> None:
    show_only(qtbot, compare, *compare.runs)
    falls: dict[tuple[str, str, str], float] = {}
    for one in compare.display.selected_runs:
        if one.run.depth == 20 and one.history is not None:
            gradient = one.history.at("response_gradient", 0)
            assert one.run.spec is not None
            falls[one.run.spec.unit, one.run.spec.norm, one.run.info.recipe["init"]] = gradient[-2] / gradient[0]
    assert falls["plain", "none", "torch"] > 1e7
    assert falls["residual", "none", "torch"] < 10
    assert falls["plain", "batch", "he"] < 10


def test_runs_that_are_opened_by_their_folders_are_in_sight_in_the_list(
    qtbot: QtBot, compare: CompareController
) -> None:
    table = compare.view.browser.table
    last = next(run for row in reversed(range(table.rows.rowCount())) if (run := table.rows.run_at(row)))
    compare.open_runs([last.folder])
    qtbot.waitUntil(lambda: compare.shown == [last.key] and not compare.busy)
    row = next(row for row in range(table.rows.rowCount()) if table.rows.run_at(row) is last)
    assert table.verticalScrollBar().value() > 0
    assert 0 <= table.rowViewportPosition(row) < table.viewport().height()


def test_a_click_on_the_mark_shows_a_run_or_takes_it_away(qtbot: QtBot, compare: CompareController) -> None:
    show_only(qtbot, compare)
    assert not compare.view.panels["main"].curves.curves
    assert "No run selected" in compare.view.panels["main"].curves._note
    plain, residual = samples(compare, unit="plain", norm="none")[0], samples(compare, unit="residual")[0]
    click(qtbot, compare, plain)
    click(qtbot, compare, residual)
    assert compare.shown == [plain, residual]
    click(qtbot, compare, plain)
    assert compare.shown == [residual]
    click(qtbot, compare, plain, column=1)
    assert compare.shown == [residual], "a click on its name only selects a run"


def test_space_shows_all_that_are_selected(qtbot: QtBot, compare: CompareController) -> None:
    show_only(qtbot, compare)
    choose(compare, *samples(compare, unit="plain"))
    qtbot.keyClick(compare.view.browser.table, Qt.Key.Key_Space)
    settle(qtbot, compare)
    assert sorted(compare.shown) == sorted(samples(compare, unit="plain"))
    qtbot.keyClick(compare.view.browser.table, Qt.Key.Key_Space)
    assert compare.shown == []


def test_any_number_of_runs_is_overlaid_each_told_from_the_others(qtbot: QtBot, compare: CompareController) -> None:
    for seed in range(9):
        ended(compare.run_actions._root, "cifar-plain20" if seed % 2 else "cifar-resnet20", seed=seed)
    refresh(qtbot, compare)
    show_only(qtbot, compare, *[run.key for run in compare.runs.values() if not run.sample])
    curves = [curve for curve in compare.view.panels["training"].curves.curves if not curve.thin]
    assert len(curves) == 9
    assert len({(curve.unit == "plain", curve.line_style) for curve in curves}) == 9
    assert len({curve.name for curve in curves}) == 9


def test_a_run_keeps_its_colour_when_another_goes(compare: CompareController) -> None:
    plain = [compare.runs[key] for key in samples(compare, unit="plain")[:3]]
    before = assign_line_styles(plain, {})
    assert sorted(before.values()) == [0, 1, 2]
    after = assign_line_styles(plain[1:], before)
    assert after == {run.key: before[run.key] for run in plain[1:]}
    assert assign_line_styles(plain, after)[plain[0].key] == before[plain[0].key], "what is free is given again"


def test_curves_of_one_net_are_called_by_what_tells_them_apart(qtbot: QtBot, compare: CompareController) -> None:
    for norm, seed in (("batch", 0), ("none", 0), ("none", 1)):
        spec = catalogue.find("cifar-plain20").with_options(norm=norm)
        ended(compare.run_actions._root, spec=spec.model_dump(), seed=seed, recipe={"data": "digits", "seed": seed})
    refresh(qtbot, compare)
    own = [run for run in reversed(compare.runs.values()) if not run.sample]
    assert sorted(distinct_labels(own)) == ["plain-20, batch", "plain-20, none, seed 0", "plain-20, none, seed 1"]


def test_typing_filters_and_a_word_can_be_of_one_column(qtbot: QtBot, compare: CompareController) -> None:
    every = len(compare.runs)
    qtbot.keyClicks(compare.view.browser.filter, "net:plain depth:56")
    assert set(texts(compare, "net")) == {"plain-56"}
    assert compare.view.browser.count.text() == f"{len(texts(compare, 'net'))} of {every}"
    compare.view.browser.filter.setText("no such run")
    assert texts(compare, "net") == []
    compare.view.browser.filter.clear()
    assert len(texts(compare, "net")) == every


def test_a_click_on_a_heading_orders_and_another_the_other_way(compare: CompareController) -> None:
    table = compare.view.browser.table
    place = 1 + [column.name for column in COLUMNS].index("depth")
    table.horizontalHeader().sectionClicked.emit(place)
    depths = [int(text) for text in texts(compare, "depth")]
    assert depths == sorted(depths)
    table.horizontalHeader().sectionClicked.emit(place)
    assert [int(text) for text in texts(compare, "depth")] == sorted(depths, reverse=True)
    assert "↓" in table.rows.headerData(place, Qt.Orientation.Horizontal)


def test_runs_are_grouped_and_a_group_folds(qtbot: QtBot, compare: CompareController) -> None:
    browser = compare.view.browser
    browser.group.setCurrentIndex(browser.group.findData("norm"))
    browser.group.activated.emit(browser.group.currentIndex())
    groups = [row for row in browser.table.rows.rows if isinstance(row, RunGroup)]
    assert {group.text for group in groups} == {run.spec.norm for run in trained_runs(compare.runs.values())}
    assert sum(group.count for group in groups) == len(compare.runs)
    row = browser.table.rows.rows.index(groups[1])
    for column in (1, MARK):  # its heading shows it, its mark folds it
        place = browser.table.visualRect(browser.table.rows.index(row, column)).center()
        qtbot.mouseClick(browser.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
        settle(qtbot, compare)
    assert {run.spec.norm for run in trained_runs(compare.runs[key] for key in compare.shown)} == {groups[1].text}
    assert len(compare.shown) == groups[1].count
    assert browser.table.rows.rowCount() == len(groups) + len(compare.runs) - groups[1].count
    browser.table.folded.emit(groups[1].text)
    browser.table.folded.emit(groups[0].text)
    assert browser.table.rows.rowCount() == len(groups) + len(compare.runs) - groups[0].count


def test_a_run_is_renamed_and_tagged_in_the_table(qtbot: QtBot, compare: CompareController) -> None:
    folder = ended(compare.run_actions._root)
    refresh(qtbot, compare)
    model = compare.view.browser.table.rows
    row = next(i for i, run in enumerate(model.rows) if isinstance(run, RunSummary) and run.key == str(folder))
    headings = [column.name for column in COLUMNS]
    assert model.setData(model.index(row, 1 + headings.index("net")), "<b>the good one</b>")
    settle(qtbot, compare)
    assert model.setData(model.index(row, 1 + headings.index("tags")), "lecture, deep")
    settle(qtbot, compare)
    assert read_notes(folder).title == "<b>the good one</b>"
    assert read_notes(folder).tags == ("lecture", "deep")
    assert "<b>the good one</b>" in texts(compare, "net")
    compare.view.browser.filter.setText("tags:lecture")
    assert texts(compare, "tags") == ["lecture, deep"]


def test_notes_and_tags_of_several_are_asked_for(
    qtbot: QtBot, compare: CompareController, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [ended(compare.run_actions._root, seed=seed) for seed in range(2)]
    refresh(qtbot, compare)
    choose(compare, *folders)
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("sweep, deep", True))
    monkeypatch.setattr(QInputDialog, "getMultiLineText", lambda *_, **__: ("looked at\non Monday", True))
    compare.run_actions.act("tags")
    compare.run_actions.ask_notes(str(folders[0]))
    settle(qtbot, compare)
    assert [read_notes(folder).tags for folder in folders] == [("sweep", "deep")] * 2
    assert read_notes(folders[0]).notes == "looked at\non Monday"
    assert "looked at on Monday" in texts(compare, "notes")


def test_a_sample_is_not_renamed_or_thrown_away(compare: CompareController) -> None:
    key = next(iter(compare.runs))
    choose(compare, key)
    enabled = {action.data(): action.isEnabled() for action in compare.view.browser.menu.actions() if action.data()}
    assert not any(enabled[name] for name in ("rename", "tags", "notes", "trash", "resume"))
    assert enabled["csv"]
    compare.run_actions.move_to_trash([compare.runs[key]])
    assert key in compare.runs
    assert "Sample runs" in compare.view.browser.problem.text()


def test_what_is_thrown_away_comes_back_until_the_trash_is_emptied(
    qtbot: QtBot, compare: CompareController, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = ended(compare.run_actions._root)
    refresh(qtbot, compare)
    show_only(qtbot, compare, folder)
    choose(compare, folder)
    qtbot.keyClick(compare.view.browser.table, Qt.Key.Key_Delete)
    settle(qtbot, compare)
    assert str(folder) not in compare.runs
    assert not folder.exists()
    assert compare.view.browser.trash.text() == "1 in the trash"
    qtbot.mouseClick(compare.view.browser.undo, Qt.MouseButton.LeftButton)
    settle(qtbot, compare)
    assert str(folder) in compare.runs
    assert not compare.view.browser.undo.isVisible()
    compare.run_actions.move_to_trash([compare.runs[str(folder)]])
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Yes)
    compare.run_actions.empty()
    compare.run_actions.undo()
    settle(qtbot, compare)
    assert str(folder) not in compare.runs


@pytest.mark.slow
def test_a_run_written_elsewhere_appears_and_moves(qtbot: QtBot, compare: CompareController) -> None:
    writer = begin(compare.run_actions._root)
    qtbot.waitUntil(lambda: str(writer.folder) in compare.runs, timeout=5000)
    show_only(qtbot, compare, writer.folder)
    assert "no measurements yet" in compare.view.panels["main"].curves._note
    writer.append(some_rows(0, 5))
    qtbot.waitUntil(lambda: len(compare.view.panels["training"].curves.curves) == 1, timeout=5000)
    writer.append(some_rows(5, 4))
    qtbot.waitUntil(lambda: len(compare.view.panels["training"].curves.curves[0].x) == 9, timeout=5000)
    assert compare.runs[str(writer.folder)].info.steps == 9
    writer.finish("stopped")
    qtbot.waitUntil(lambda: compare.runs[str(writer.folder)].info.state == "stopped", timeout=5000)


def test_nothing_is_watched_while_compare_is_out_of_sight(qtbot: QtBot, compare: CompareController) -> None:
    compare.view.hide()
    assert not compare.watcher._timer.isActive()
    compare.view.show()
    qtbot.waitUntil(compare.watcher._timer.isActive, timeout=5000)


def test_a_broken_run_is_said_and_hides_no_other(qtbot: QtBot, compare: CompareController) -> None:
    every = len(compare.runs)
    ended(compare.run_actions._root)
    broken = ended(compare.run_actions._root)
    (broken / "run.json").write_text("{")
    refresh(qtbot, compare)
    assert len(compare.runs) == every + 1
    assert broken.name in compare.view.browser.problem.text()
    assert compare.view.browser.problem.isVisible()


def test_a_run_deleted_meanwhile_is_gone_after_another_look(qtbot: QtBot, compare: CompareController) -> None:
    folder = ended(compare.run_actions._root)
    refresh(qtbot, compare)
    show_only(qtbot, compare, folder)
    shutil.rmtree(folder)
    refresh(qtbot, compare)
    assert str(folder) not in compare.shown


def test_a_run_whose_files_do_not_fit_together_is_said(qtbot: QtBot, compare: CompareController) -> None:
    writer = begin(compare.run_actions._root)
    rows = some_rows(0, 3)
    writer.append({**rows, "response": rows["response"][:, :3]})
    writer.finish("finished")
    refresh(qtbot, compare)
    show_only(qtbot, compare, writer.folder)
    assert "response has 3 values, but layers.json has places for 5" in compare.view.browser.problem.text()


def test_a_run_that_measured_less_is_shown_as_far_as_it_goes(qtbot: QtBot, compare: CompareController) -> None:
    folder = ended(compare.run_actions._root)  # no response gradient
    refresh(qtbot, compare)
    show_only(qtbot, compare, folder)
    assert "not recorded for these nets" in compare.view.panels["main"].curves._note
    assert len(compare.view.panels["training"].curves.curves[0].y) == 3


def test_a_copied_run_folder_is_a_run_of_its_own(qtbot: QtBot, compare: CompareController) -> None:
    folder = ended(compare.run_actions._root)
    shutil.copytree(folder, compare.run_actions._root / "a copy")
    refresh(qtbot, compare)
    show_only(qtbot, compare, compare.run_actions._root / "a copy")
    assert [one.run.folder.name for one in compare.display.selected_runs] == ["a copy"]


def test_the_step_cursor_moves_every_view(qtbot: QtBot, compare: CompareController) -> None:
    compare.display.choose_view("second", "weight_gradient")
    settle(qtbot, compare)
    last = [compare.view.panels[place].curves.curves[0].y.copy() for place in ("main", "second")]
    compare.view.step_cursor.chosen.emit(0)
    settle(qtbot, compare)
    first = [compare.view.panels[place].curves.curves[0].y for place in ("main", "second")]
    assert all((a != b).any() for a, b in zip(first, last, strict=True))
    history = compare.display.selected_runs[0].history
    assert history is not None
    np.testing.assert_allclose(10 ** first[0], history.at("response_gradient", 0), rtol=1e-5)


def test_every_view_can_stand_in_every_panel(qtbot: QtBot, compare: CompareController) -> None:
    for panel in compare.view.panels.values():
        for index in range(panel.chooser.count()):
            panel.chooser.activated.emit(index)
            settle(qtbot, compare)
            assert panel.view.name == panel.chooser.itemData(index)


def test_the_wheel_zooms_all_plots_against_steps_alike(qtbot: QtBot, compare: CompareController) -> None:
    compare.display.choose_view("second", "error")
    compare.display.choose_view("main", "heat")
    settle(qtbot, compare)
    plot = compare.view.panels["training"].curves.plot
    centre = QPointF(plot.viewport().rect().center())
    wheel = QWheelEvent(
        centre,
        plot.viewport().mapToGlobal(centre),
        QPoint(),
        QPoint(0, 360),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(plot.viewport(), wheel)
    settle(qtbot, compare)
    window = compare.display.steps.window
    assert window is not None
    other = compare.view.panels["second"].curves.plot
    for shown in (plot, other):
        low, high = shown.viewRange()[0]
        assert low == pytest.approx(window[0], abs=3)
        assert high == pytest.approx(window[1], abs=3)
    picture = compare.view.panels["main"].heat.pictures[0]
    assert picture.values.shape[1] <= window[1] - window[0] + 3, "each step of the window a column of its own"
    qtbot.mouseClick(compare.view.whole, Qt.MouseButton.LeftButton)
    settle(qtbot, compare)
    assert compare.display.steps.window is None


def test_a_mean_over_steps_is_drawn_over_what_was_measured(qtbot: QtBot, compare: CompareController) -> None:
    qtbot.mouseClick(compare.view.smoothing.button("10"), Qt.MouseButton.LeftButton)
    settle(qtbot, compare)
    plot = compare.view.panels["training"].curves
    mean, measured = plot.curves[0], plot.curves[1]
    assert measured.faint
    assert not mean.faint
    assert mean.y[20] == pytest.approx(measured.y[11:21].mean(), rel=1e-5)
    assert "mean of 10 values" in plot._labels[1]


def test_axes_are_logarithmic_where_a_person_wants_it(qtbot: QtBot, compare: CompareController) -> None:
    plot = compare.view.panels["training"].curves
    linear = plot.points(plot.curves[0])
    qtbot.mouseClick(compare.view.log_y.button("log"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(compare.view.log_x, Qt.MouseButton.LeftButton)
    settle(qtbot, compare)
    assert plot._axis.log
    assert plot.curves[0].x[0] == 0, "log₁₀ of step 1: step 0 has none"
    np.testing.assert_allclose(plot.points(plot.curves[0]), linear[1:])


def test_the_difference_of_two_heat_maps_is_said_where_there_is_none(qtbot: QtBot, compare: CompareController) -> None:
    plain = samples(compare, unit="plain", norm="batch")[0]
    residual = samples(compare, unit="residual", norm="batch")[0]
    compare.display.choose_view("main", "difference")
    show_only(qtbot, compare, plain, residual)
    heat = compare.view.panels["main"].heat
    a, b = (one.history for one in compare.display.selected_runs)
    assert a is not None
    assert b is not None
    steps = min(a.count, b.count)
    expected = np.log10(a.column("response_gradient")[:steps]) - np.log10(b.column("response_gradient")[:steps])
    np.testing.assert_allclose(heat.pictures[0].values, expected.T, atol=1e-5)
    show_only(qtbot, compare, plain)
    assert "Select two runs" in heat.note.text()
    deep = next(run.key for run in compare.runs.values() if run.depth == 56)
    show_only(qtbot, compare, plain, deep)
    assert "different numbers of layers" in heat.note.text()


def test_final_errors_are_a_curve_with_deviations_and_a_table(qtbot: QtBot, compare: CompareController) -> None:
    for seed, error in enumerate((0.1, 0.2, 0.3)):
        writer = begin(compare.run_actions._root, seed=seed)
        writer.append(some_rows(0, 2))
        writer.finish("finished", error=error)
    refresh(qtbot, compare)
    compare.display.choose_view("main", "final")
    compare.display.choose_view("second", "table")
    show_only(qtbot, compare, *[run.key for run in compare.runs.values() if not run.sample])
    line, deviation = compare.view.panels["main"].curves.curves
    assert line.x.tolist() == [20]
    assert line.y == pytest.approx([0.2])
    assert deviation.y == pytest.approx([0.1, 0.3])
    content = compare.view.panels["second"].table.content
    assert content is not None
    assert "20.00 ± 10.00 (3)" in content.rows[0]


def test_what_a_stranger_wrote_into_notes_is_plain_text(qtbot: QtBot, compare: CompareController) -> None:
    folder = ended(compare.run_actions._root)
    write_notes(folder, title="<img src=x>", notes="<script>alert(1)</script>")
    refresh(qtbot, compare)
    show_only(qtbot, compare, folder)
    curve = compare.view.panels["training"].curves.curves[0]
    assert curve.name == "<img src=x>"
    tips = [
        compare.view.browser.table.rows.data(compare.view.browser.table.rows.index(row, 1), Qt.ItemDataRole.ToolTipRole)
        for row, run in enumerate(compare.view.browser.table.rows.rows)
        if isinstance(run, RunSummary) and run.key == str(folder)
    ]
    assert "<img" not in tips[0], "Qt takes a tip that looks like HTML for HTML"
    assert "&lt;script&gt;" in tips[0]
    compare.display.choose_view("main", "graph")
    settle(qtbot, compare)
    assert "&lt;img" in compare.view.panels["main"].graph.nets[0].title


def test_no_column_is_left_out_and_any_can_be_hidden(qtbot: QtBot, compare: CompareController) -> None:
    table = compare.view.browser.table
    for width in (300, 900):
        table.resize(width, 300)
        assert not [column.name for place, column in enumerate(COLUMNS, 1) if table.isColumnHidden(place)]
    menu = table.columns.menu()
    next(action for action in menu.actions() if action.text() == "seed").trigger()
    assert list(table.columns.hidden) == ["seed"]
    menu.actions()[-1].trigger()
    assert list(table.columns.hidden) == []
    menu.deleteLater()


def test_a_filter_that_finds_nothing_says_so(qtbot: QtBot, compare: CompareController) -> None:
    compare.view.browser.filter.setText("no such run")
    assert (
        compare.view.browser.table._placeholder
        == f"No run matches “no such run”. Clear the filter to list all {len(compare.runs)} runs."
    )
    compare.view.browser.filter.setText("")
    assert compare.rows()


def test_what_is_plotted_and_the_trash_are_taken_back(qtbot: QtBot, compare: CompareController) -> None:
    before = list(compare.shown)
    compare.show_only(list(compare.runs)[:1])
    assert compare.steps.can_undo
    compare.undo()
    assert compare.shown == before
    compare.redo()
    assert compare.shown == list(compare.runs)[:1]


def test_enter_ends_a_new_name_and_plots_nothing(qtbot: QtBot, compare: CompareController) -> None:
    folder = ended(compare.run_actions._root)
    refresh(qtbot, compare)
    table = compare.view.browser.table
    before = list(compare.shown)
    table.select([str(folder)])
    qtbot.keyClick(table, Qt.Key.Key_F2)
    editor = table.viewport().findChild(QLineEdit)
    assert editor is not None
    editor.setText("renamed")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.keyClick(table, Qt.Key.Key_Return)  # the same key, which the table gets too
    assert compare.shown == before
    settle(qtbot, compare)
    assert "renamed" in texts(compare, "net")


def test_ctrl_z_and_the_undo_button_restore_each_run_once(qtbot: QtBot, compare: CompareController) -> None:
    first, second = (ended(compare.run_actions._root, seed=seed) for seed in (1, 2))
    refresh(qtbot, compare)
    compare.run_actions.move_to_trash([compare.runs[str(first)]])
    compare.run_actions.move_to_trash([compare.runs[str(second)]])
    compare.run_actions.undo()
    assert second.exists()
    compare.undo()
    assert not first.exists(), "the last change is taken back already, and no other one for it"
    compare.undo()
    assert first.exists()
    compare.redo()
    assert not first.exists()
    compare.undo()
    assert first.exists()


def test_runs_that_are_not_shown_are_forgotten_and_read_again(
    qtbot: QtBot, compare: CompareController, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_cache, "_KEPT_BYTES", 0)
    first, second = list(compare.runs)[:2]
    for key in (first, second, first):
        show_only(qtbot, compare, key)
        assert compare.display.scene().nets
        assert compare.histories.keys == (key,)
