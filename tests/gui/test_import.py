"""Curves of other programs are entries of COMPARE's list: imported by drop, menu or button, and kept."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from resviz.gui.compare import curve_importer
from resviz.gui.compare.colour_menu import ColourMenu
from resviz.gui.compare.compare_controller import CompareController
from resviz.gui.compare.import_sheet import ImportSheet
from resviz.gui.main_window import MainWindow
from resviz.gui.style import theme
from resviz.results.run_summary import trained_runs
from resviz.runs.folder import RunFolder
from resviz.runs.notes import read_notes, write_notes
from tests.helpers.compare_page import refresh, settle, show_only
from tests.helpers.written_runs import begin, some_rows

CLEAR = "step,train/loss,val_error\n" + "".join(f"{i},{3 - i / 10},{0.9 - i / 100}\n" for i in range(20))
UNCLEAR = "step,xent,speed\n0,2,100\n1,1,99\n"


def write(path: Path, text: str = CLEAR) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def imported(compare: CompareController) -> list[str]:
    return [run.label for run in compare.runs.values() if run.spec is None]


def choose_colour(compare: CompareController, entry: int) -> None:
    compare.run_actions.act("colour")
    (menu,) = compare.view.browser.findChildren(ColourMenu)
    menu.actions()[entry].trigger()
    menu.close()


def curve_names(compare: CompareController) -> list[str]:
    return [curve.name for curve in compare.view.panels["training"].curves.curves]


def test_an_imported_file_is_an_entry_of_the_list_and_plotted_beside_the_others(
    qtbot: QtBot, compare: CompareController, tmp_path: Path
) -> None:
    before = list(compare.shown)
    compare.import_file(write(tmp_path / "other.csv"))
    settle(qtbot, compare)
    assert imported(compare) == ["other"]
    assert compare.shown[:-1] == before
    assert "other" in curve_names(compare)
    (key,) = compare.shown[-1:]
    compare.toggle([key])
    settle(qtbot, compare)
    assert "other" not in curve_names(compare), "taken away like any run"
    compare.undo()
    settle(qtbot, compare)
    assert "other" in curve_names(compare)
    write_notes(compare.runs[key].folder, title="theirs", tags=("lecture",))
    refresh(qtbot, compare)
    assert "theirs" in curve_names(compare)
    compare.run_actions.move_to_trash([compare.runs[key]])
    settle(qtbot, compare)
    assert not imported(compare)


def test_several_files_are_several_entries(qtbot: QtBot, compare: CompareController, tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        compare.import_file(write(tmp_path / f"{name}.csv"))
    settle(qtbot, compare)
    assert sorted(imported(compare)) == ["a", "b", "c"]
    lines = [curve for curve in compare.view.panels["training"].curves.curves if curve.unit == theme.IMPORTED]
    assert len({curve.line_style for curve in lines}) == 3


def test_a_column_that_says_nothing_is_asked_about(
    qtbot: QtBot, compare: CompareController, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[ImportSheet] = []

    def answer(sheet: ImportSheet) -> int:
        asked.append(sheet)
        assert sheet.meanings() == {"xent": "", "speed": ""}
        assert not sheet.accept_button.isEnabled()
        assert "No column has a meaning" in sheet.problem.text()
        for column in ("xent", "speed"):
            sheet.choosers[column].setCurrentIndex(sheet.choosers[column].findData("loss"))
        assert "have the same meaning" in sheet.problem.text()
        sheet.choosers["speed"].setCurrentIndex(0)
        assert sheet.accept_button.isEnabled()
        sheet.title.setText("asked")
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(ImportSheet, "exec", answer)
    compare.import_file(write(tmp_path / "other.csv", UNCLEAR))
    settle(qtbot, compare)
    assert len(asked) == 1
    assert imported(compare) == ["asked"]
    monkeypatch.setattr(ImportSheet, "exec", lambda _sheet: QDialog.DialogCode.Rejected)
    compare.import_file(write(tmp_path / "other.csv", UNCLEAR))
    settle(qtbot, compare)
    assert imported(compare) == ["asked"], "cancelled: nothing is imported"


def test_what_can_not_be_read_is_said(qtbot: QtBot, compare: CompareController, tmp_path: Path) -> None:
    compare.import_file(tmp_path / "missing.csv")
    settle(qtbot, compare)
    assert "missing.csv" in compare.view.browser.problem.text()
    compare.import_file(write(tmp_path / "half.csv", "step,loss\n0.5,1\n"))
    settle(qtbot, compare)
    assert "whole numbers" in compare.view.browser.problem.text()


def test_imported_curves_alone_say_why_there_are_no_layers(
    qtbot: QtBot, compare: CompareController, tmp_path: Path
) -> None:
    compare.import_file(write(tmp_path / "other.csv"))
    settle(qtbot, compare)
    compare.show_only(compare.shown[-1:])
    settle(qtbot, compare)
    assert "have no layers" in compare.view.panels["main"].curves.note_text
    compare.display.choose_view("main", "final")
    settle(qtbot, compare)
    assert compare.view.panels["main"].curves.note_text


def test_a_file_dropped_on_the_window_is_imported(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    window.window_actions.open_paths([write(tmp_path / "dropped.csv")])
    compare = window.open_compare()
    qtbot.waitUntil(lambda: imported(compare) == ["dropped"], timeout=20_000)
    assert window.page == "compare"
    qtbot.waitUntil(lambda: not compare.busy, timeout=20_000)


def test_the_user_chooses_the_colour_of_a_run(qtbot: QtBot, compare: CompareController) -> None:
    folders = []
    for _number in range(3):
        writer = begin(compare.run_actions._root, "cifar-resnet20")
        writer.append(some_rows(0, 3))
        writer.finish("finished")
        folders.append(writer.folder)
    refresh(qtbot, compare)
    show_only(qtbot, compare, *folders)
    third = str(folders[2])

    def colour() -> str:
        (curve,) = [c for c in compare.view.panels["training"].curves.curves if c.name == names()[third]]
        return theme.current().net_colour(curve.unit, curve.line_style)

    def names() -> dict[str, str]:
        return {one.run.key: one.name for one in compare.display.selected_runs}

    palette = theme.current().net_colours("residual")
    other = (palette.index(colour()) + 1) % len(palette)
    compare.view.browser.table.select([third])
    choose_colour(compare, other)
    refresh(qtbot, compare)
    assert read_notes(folders[2]).colour == other
    assert colour() == palette[other]
    styles = {run.line_style for run in compare.display.selected_runs}
    assert len(styles) == 3, "runs of one colour differ by their dashes"
    choose_colour(compare, -1)
    refresh(qtbot, compare)
    assert read_notes(folders[2]).colour is None


def test_runs_of_a_group_are_resumed_together(qtbot: QtBot, compare: CompareController) -> None:
    folders = []
    for net in ("cifar-plain20", "cifar-resnet20"):
        writer = begin(compare.run_actions._root, net, group="duel")
        writer.append(some_rows(0, 3))
        writer.finish("stopped")
        folders.append(writer.folder)
    single = begin(compare.run_actions._root, "cifar-resnet20")
    single.append(some_rows(0, 3))
    single.finish("stopped")
    refresh(qtbot, compare)
    assert len(trained_runs(compare.runs.values())) > 3
    table = compare.view.browser.table
    table.select([str(folder) for folder in folders])
    compare.run_actions.show_actions()
    resume = next(action for action in compare.view.browser.menu.actions() if action.data() == "resume")
    assert resume.isEnabled()
    with qtbot.waitSignal(compare.resume_wanted) as wanted:
        compare.run_actions.act("resume")
    assert sorted(wanted.args[0]) == sorted(folders)
    table.select([str(folders[0]), str(single.folder)])
    compare.run_actions.show_actions()
    resume = next(action for action in compare.view.browser.menu.actions() if action.data() == "resume")
    assert not resume.isEnabled(), "runs of different groups were not trained together"


def test_a_long_file_says_how_far_it_is_and_can_be_stopped(
    qtbot: QtBot, compare: CompareController, tmp_path: Path
) -> None:
    (tmp_path / "long.csv").write_text("step,loss\n" + "".join(f"{i},{i}\n" for i in range(1_500_000)))
    button = compare.view.browser.open
    texts: list[str] = []
    compare.importer.progressed.connect(texts.append)
    compare.import_file(tmp_path / "long.csv")
    qtbot.waitUntil(lambda: bool(texts), timeout=20_000)
    assert button.text().startswith("Stop reading: ")
    button.click()
    settle(qtbot, compare)
    assert "long.csv was not read to its end" in compare.view.browser.problem.text()
    assert imported(compare) == []
    assert button.text() == "Import …"
    compare.import_file(write(tmp_path / "short.csv"))
    settle(qtbot, compare)
    assert imported(compare) == ["short"]


def test_a_log_that_another_program_still_writes_grows_in_the_plot(
    qtbot: QtBot, compare: CompareController, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from torch.utils.tensorboard import SummaryWriter

    logs = tmp_path / "logs"
    writer = SummaryWriter(str(logs))

    def log(first: int, last: int) -> None:
        for step in range(first, last):
            writer.add_scalar("train/loss", 1.0 / (1 + step), step)
        writer.flush()

    log(0, 6)
    compare.import_file(logs)
    settle(qtbot, compare)
    run = next(run for run in compare.runs.values() if run.label == "logs")
    assert run.info.state == "running"

    def steps() -> int:
        refresh(qtbot, compare)
        curves = compare.view.panels["training"].curves.curves
        return next((len(curve.x) for curve in curves if curve.name == "logs"), 0)

    assert steps() == 5
    log(6, 10)
    qtbot.waitUntil(lambda: steps() == 9, timeout=10_000)
    monkeypatch.setattr(curve_importer, "_REST_S", 0.0)
    qtbot.waitUntil(lambda: RunFolder(run.folder).info.state == "finished", timeout=10_000)
    qtbot.waitUntil(lambda: steps() == 10, timeout=10_000)
    writer.close()
