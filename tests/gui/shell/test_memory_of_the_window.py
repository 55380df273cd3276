"""What was open is open again at the next start; damaged files are set aside and said; closing asks once."""

import json
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from resviz.base.settings import settings_folder
from resviz.gui.builder.table_rows import StageRow
from resviz.gui.main_window import MainWindow
from resviz.gui.shell.preferences import PreferenceStore
from resviz.gui.shell.settings_dialog import SettingsDialog
from resviz.gui.shell.window_memory import WindowMemory
from resviz.gui.style import theme


def start(qtbot: QtBot, tmp_path: Path) -> MainWindow:
    memory = WindowMemory()
    window = MainWindow(tmp_path / "runs", PreferenceStore(), memory.document())
    memory.setParent(window)
    window.confirm = lambda title, text: True
    qtbot.addWidget(window)
    memory.restore(window)
    window.closed.connect(memory.save)
    window.show()
    return window


def test_edited_nets_drafts_selection_and_page_are_there_again(qtbot: QtBot, tmp_path: Path) -> None:
    first = start(qtbot, tmp_path)
    state = first.build.state
    state.edit("shortcut", "C")
    state.edit_cell(1, StageRow(0), "[3x3,64; 3x3,64] x5")
    state.edit_cell(2, StageRow(1), "[no net")
    state.select_cell(3, None)
    first.build.view.show_tab("memory")
    first.resize(first.width(), 666)
    first.open("claims")
    first.close()
    second = start(qtbot, tmp_path)
    assert second.page == "claims"
    assert second.height() == 666
    again = second.build.state
    assert [net.spec for net in again.open_nets] == [net.spec for net in state.open_nets]
    assert again.selected_index == 3
    assert [draft.text for draft in again.drafts.values()] == ["[no net"]
    assert second.build.view.tab == "memory"
    assert not again.history.can_undo
    assert [net.is_changed for net in again.document.nets] == [net.is_changed for net in state.document.nets]
    second.close()


def test_the_recipe_and_what_is_compared_are_there_again(qtbot: QtBot, tmp_path: Path) -> None:
    first = start(qtbot, tmp_path)
    first.open("train")
    first.open_train().editor.change("steps", "77")
    first.open_train().display.choose_view("second", "histograms")
    first.open("compare")
    compare = first.open_compare()
    qtbot.waitUntil(lambda: len(compare.runs) > 10 and not compare.busy, timeout=20_000)
    compare.show_only(list(compare.runs)[3:5])
    compare.view.browser.filter.setText("plain")
    curves = tmp_path / "curves.csv"
    curves.write_text("step,loss\n0,2\n1,1\n", encoding="utf-8")
    first.window_actions.open_paths([curves])
    qtbot.waitUntil(lambda: len(compare.shown) == 3 and not compare.busy, timeout=20_000)
    shown = list(compare.shown)
    first.close()
    second = start(qtbot, tmp_path)
    assert second.page == "compare"
    compare = second.open_compare()
    qtbot.waitUntil(lambda: compare.shown == shown and not compare.busy, timeout=20_000)
    assert compare.view.browser.filter.text() == "plain"
    assert compare.runs[shown[2]].label == "curves", "what was imported is in the list"
    second.open("train")
    assert second.open_train().setup.config.steps == 77
    assert second.open_train().display.views["second"] == "histograms"
    second.close()


@pytest.mark.parametrize(
    "content", ["{broken", "[1, 2]", '{"page": "nowhere"}', '{"build": {"document": {"nets": []}}}']
)
def test_a_damaged_memory_is_set_aside_and_said(qtbot: QtBot, tmp_path: Path, content: str) -> None:
    settings_folder().mkdir(parents=True)
    (settings_folder() / "window.json").write_text(content, encoding="utf-8")
    window = start(qtbot, tmp_path)
    assert "window-damaged-1.json" in window.statusBar().currentMessage()
    assert (settings_folder() / "window-damaged-1.json").read_text(encoding="utf-8") == content
    assert window.page == "build"
    window.close()


def test_damaged_settings_are_set_aside_and_said(qtbot: QtBot, tmp_path: Path) -> None:
    settings_folder().mkdir(parents=True)
    (settings_folder() / "settings.json").write_text('{"zoom": "large"}', encoding="utf-8")
    window = start(qtbot, tmp_path)
    assert "settings-damaged-1.json" in window.statusBar().currentMessage()
    assert window.preferences.current.zoom == 1.0
    window.close()


def test_a_changed_setting_is_in_force_at_once_and_at_the_next_start(window: MainWindow, qtbot: QtBot) -> None:
    dialog = SettingsDialog(window.preferences, window)
    qtbot.addWidget(dialog)
    combo = dialog.editors["theme"]
    combo.setCurrentIndex(combo.findData("dark"))  # type: ignore[attr-defined]
    combo.activated.emit(combo.currentIndex())  # type: ignore[attr-defined]
    assert theme.current() is theme.DARK
    window.actions_["zoom_in"].trigger()
    window.actions_["zoom_in"].trigger()
    assert theme.zoom() == pytest.approx(1.21)
    stored = json.loads((settings_folder() / "settings.json").read_text(encoding="utf-8"))
    assert stored["theme"] == "dark"
    assert PreferenceStore().current == window.preferences.current
    window.actions_["zoom_reset"].trigger()
    assert theme.zoom() == 1.0


def test_closing_asks_once_and_says_what_is_kept(window: MainWindow) -> None:
    asked: list[str] = []

    def refuse(title: str, text: str) -> bool:
        asked.append(text)
        return False

    window.confirm = refuse
    window.build.state.edit("shortcut", "C")
    assert not window.close()
    assert asked == ["ResNet-34 is changed and not saved as a file. It is open again at the next start."]
    window.build.state.undo()
    assert window.close(), "nothing is unsaved"
    assert len(asked) == 1


def test_closing_while_training_says_where_it_is(window: MainWindow, qtbot: QtBot) -> None:
    window.start_first_lesson()
    train = window.open_train()
    qtbot.waitUntil(lambda: train.state == "running" and train.training_state.done > 5, timeout=60_000)
    asked: list[str] = []

    def refuse(title: str, text: str) -> bool:
        asked.append(text)
        return False

    window.confirm = refuse
    assert not window.close()
    assert "Training is at step " in asked[0]
    assert "of 120. It is saved and can be resumed." in asked[0]
    window.confirm = lambda title, text: True
    train.stop()
    qtbot.waitUntil(lambda: train.state == "idle" and not train.runner.is_alive(), timeout=20_000)
