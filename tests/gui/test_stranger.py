"""What a first-time user stumbled over: edited nets are never lost, and the keyboard is always seen."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from resviz.base.settings import settings_folder
from resviz.gui.builder.table_rows import StageRow
from resviz.gui.compare.compare_controller import CompareController
from resviz.gui.files import dialogs
from resviz.gui.main_window import MainWindow
from resviz.gui.plots import figure_dialog
from resviz.gui.plots.figure import SIZES
from resviz.gui.shell.palette import palette_entries
from resviz.gui.style.widgets import Panel
from tests.gui.shell.test_memory_of_the_window import start
from tests.helpers.compare_page import compare as compare
from tests.helpers.compare_page import refresh
from tests.helpers.written_runs import begin, some_rows


def names(window: MainWindow) -> list[str]:
    return [net.spec.label for net in window.build.state.open_nets]


def test_choosing_the_open_table_again_keeps_edited_nets(window: MainWindow) -> None:
    state = window.build.state
    state.show_family("cifar")
    state.rename(1, "mine")
    state.edit_cell(1, StageRow(0), "[3x3,16; 3x3,16] x2")
    state.show_family("cifar")
    assert names(window)[-1] == "mine"
    assert "ResNet-20" in names(window), "and the table is as the paper prints it"
    state.undo()
    assert names(window).index("mine") == 1


def test_tables_that_were_left_are_there_again_at_the_next_start(qtbot: QtBot, tmp_path: Path) -> None:
    first = start(qtbot, tmp_path)
    first.build.state.show_family("cifar")
    first.build.state.rename(1, "mine")
    first.build.state.show_family("vgg")
    first.close()
    second = start(qtbot, tmp_path)
    assert "mine" not in names(second)
    second.build.state.show_family("cifar")
    assert "mine" in names(second)
    second.close()


def test_an_edited_net_survives_a_program_that_is_killed(qtbot: QtBot, tmp_path: Path) -> None:
    window = start(qtbot, tmp_path)
    window.build.state.rename(1, "mine")
    path = settings_folder() / "window.json"
    qtbot.waitUntil(lambda: path.exists() and "mine" in path.read_text(encoding="utf-8"), timeout=10_000)
    window.confirm = lambda _title, _text: True
    window.close()


@pytest.mark.parametrize("typed", ["x2", "×2", " X 2 ".lower()])
def test_the_repeats_alone_change_the_repeats_alone(window: MainWindow, typed: str) -> None:
    state = window.build.state
    before = str(state.open_net.spec.stages[1])
    state.edit_cell(state.selected_index, StageRow(1), typed)
    assert str(state.open_net.spec.stages[1]) == before.rpartition("x")[0] + "x2"


def test_the_panel_with_the_keyboard_is_marked(window: MainWindow, qtbot: QtBot) -> None:
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    marked = set()
    for _area in range(6):
        window.window_actions.go_to_next_area()
        panels = [panel for panel in window.findChildren(Panel) if panel.property("active")]
        assert len(panels) <= 1
        marked |= set(map(id, panels))
    assert len(marked) >= 3


def test_return_explains_the_number_that_the_keyboard_is_at(window: MainWindow, qtbot: QtBot) -> None:
    table = window.build.view.layers
    model = table.model()
    headings = [model.headerData(n, Qt.Orientation.Horizontal) for n in range(model.columnCount())]
    table.setFocus()
    for heading, title in (("rec. field", "eceptive field"), ("params", "arameters")):
        column = next(n for n, text in enumerate(headings) if str(text).startswith(heading))
        table.setCurrentIndex(model.index(5, column))
        qtbot.keyClick(table, Qt.Key.Key_Return)
        explanation = window.build.view.explain.explanation
        assert explanation is not None
        assert title in explanation.title


def test_renaming_gives_the_keyboard_back_to_the_table(window: MainWindow, qtbot: QtBot) -> None:
    window.show()
    table = window.build.view.table
    editor = table.rename(1)
    qtbot.keyClicks(editor, "mine")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert QApplication.focusWidget() in (table, table.viewport(), None)


def test_a_run_of_ones_own_is_plotted_first(qtbot: QtBot, compare: CompareController) -> None:
    writer = begin(compare.run_actions._root)
    writer.append(some_rows(0, 3))
    writer.finish("finished")
    refresh(qtbot, compare)
    assert compare.shown == [str(writer.folder)]
    compare.show_only(list(compare.runs)[2:4])
    other = begin(compare.run_actions._root)
    other.finish("stopped")
    refresh(qtbot, compare)
    assert len(compare.shown) == 2, "what was chosen stays"


def test_a_figure_is_saved_by_keyboard_and_it_is_said(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.open("compare")
    found = window.open_compare()
    qtbot.waitUntil(lambda: bool(found.shown) and not found.busy, timeout=20_000)
    monkeypatch.setattr(figure_dialog, "ask_size", lambda *_: SIZES[0])
    monkeypatch.setattr(dialogs, "ask_where", lambda *_: tmp_path / "figure.svg")
    window.actions_["picture"].trigger()
    assert (tmp_path / "figure.svg").stat().st_size > 1000
    assert "figure.svg" in window.statusBar().currentMessage()


def test_runs_of_one_name_differ_in_the_palette(window: MainWindow, qtbot: QtBot) -> None:
    compare = window.open_compare()
    compare.refresh()
    qtbot.waitUntil(lambda: len(compare.runs) > 10 and not compare.busy, timeout=20_000)
    texts = [entry.text for entry in palette_entries(window) if "ResNet-20" in entry.text and "digits" in entry.text]
    assert any("batch" in text for text in texts)
    assert any("none" in text for text in texts)


def test_closing_asks_with_words_that_say_what_happens(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, list[str]]] = []

    def look(box: QMessageBox) -> int:
        seen.append((box.text(), [button.text() for button in box.buttons()]))
        return 0

    monkeypatch.setattr(QMessageBox, "exec", look)
    assert not window._ask("Close Resviz?", "A net is not saved.")
    ((text, buttons),) = seen
    assert "Close Resviz?" in text
    assert "A net is not saved." in text
    assert {button.replace("&", "") for button in buttons} == {"Close", "Cancel"}


def test_a_layer_is_found_by_its_name_first(window: MainWindow) -> None:
    window.build.graph.find("fc")
    assert window.build.state.layer == "fc", "and not avgpool, whose stage is called so"
    window.build.graph.find("no such layer")
    assert window.build.view.graph_panel.not_found.text()
