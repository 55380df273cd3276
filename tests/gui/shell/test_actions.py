"""One table of actions: menus, keys, tooltips, the sheet and the palette say the same."""

from collections import Counter
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QWhatsThis
from pytestqt.qtbot import QtBot

from resviz.gui.actions.action_table import ACTIONS, MENUS, PAGES
from resviz.gui.main_window import MainWindow
from resviz.gui.shell.help import AboutDialog, GlossaryDialog, ShortcutSheet, explanation
from resviz.gui.shell.palette import Palette, matching, palette_entries


def test_every_action_is_in_a_menu_and_has_a_tip(window: MainWindow) -> None:
    in_menus = [action.objectName() for menu in window.menus.values() for action in menu.actions()]
    assert [name for name in in_menus if name] == [
        info.name for key, _ in MENUS for info in ACTIONS if info.menu == key
    ]
    for info in ACTIONS:
        assert info.tip.endswith("."), info.name
        assert info.tip in window.actions_[info.name].toolTip()


def test_no_two_actions_of_a_page_have_the_same_keys() -> None:
    for page, _title in PAGES:
        keys = Counter(key for info in ACTIONS if not info.pages or page in info.pages for key in info.keys)
        assert not [key for key, count in keys.items() if count > 1], page


def test_every_action_does_something_on_each_of_its_pages(window: MainWindow) -> None:
    for page, _title in PAGES:
        window.open(page)
    actions = window.actions_
    for info in ACTIONS:
        for page in info.pages or ("build",):
            actions.set_enabled(info.name, True, page)
            assert actions.is_enabled_on(info.name, page), f"{info.name} on {page}"


def test_an_action_of_another_page_is_disabled(window: MainWindow) -> None:
    assert window.actions_["duplicate"].isEnabled()
    assert not window.actions_["stop"].isEnabled()
    window.open("train")
    assert not window.actions_["duplicate"].isEnabled()
    assert window.actions_["start"].isEnabled()
    assert not window.actions_["stop"].isEnabled(), "nothing is under way"


@pytest.mark.parametrize(("number", "page"), list(enumerate([name for name, _ in PAGES], 1)))
def test_ctrl_and_a_number_show_a_page(qtbot: QtBot, window: MainWindow, number: int, page: str) -> None:
    qtbot.keyClick(window, Qt.Key(Qt.Key.Key_0 + number), Qt.KeyboardModifier.ControlModifier)
    assert window.page == page


def test_the_sheet_lists_every_action_and_is_filtered(window: MainWindow, qtbot: QtBot) -> None:
    sheet = ShortcutSheet(window.actions_, window)
    qtbot.addWidget(sheet)
    assert sheet.table.rowCount() == len(ACTIONS)
    sheet.field.setText("duplicate")
    visible = [row for row in range(sheet.table.rowCount()) if not sheet.table.isRowHidden(row)]
    (found,) = (sheet.table.item(row, 0) for row in visible)
    assert found is not None
    assert found.text() == "Ctrl+D"


def test_the_palette_finds_actions_nets_lessons_and_runs_and_does_them(window: MainWindow, qtbot: QtBot) -> None:
    entries = palette_entries(window)
    assert {entry.kind for entry in entries} >= {"Action", "Net", "Lesson", "Run"}
    assert matching(entries, "resnet 152")[0].text == "ResNet-152"
    palette = Palette(entries, window)
    qtbot.addWidget(palette)
    qtbot.keyClicks(palette.field, "vgg-16")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.result() == QDialog.DialogCode.Accepted
    assert window.build.state.open_net.spec.label.startswith("VGG-16")


def test_the_palette_says_that_nothing_fits(window: MainWindow, qtbot: QtBot) -> None:
    palette = Palette(palette_entries(window), window)
    qtbot.addWidget(palette)
    qtbot.keyClicks(palette.field, "no such thing")
    assert palette.list.item(0).text() == "Nothing fits “no such thing”."
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isHidden(), "Return did nothing, and nothing was shown"


def test_f1_explains_what_has_the_keyboard(window: MainWindow) -> None:
    box = window.build.view.counting_both
    found = explanation(box, "build")
    assert box.toolTip() in found
    assert "Ctrl+N: New net" in found, "the keys of the page"
    assert "New net" not in explanation(box, "compare")
    assert "Ctrl+/" in explanation(window, "train")
    assert "F2 or a double click edits a cell" in explanation(window.build.view.table, "build")
    window.build.view.table.setFocus()
    window.window_actions.explain_focus()
    shown = [widget for widget in QApplication.topLevelWidgets() if widget.inherits("QWhatsThat")]
    assert shown, "it is shown beside the table"
    QWhatsThis.hideText()


def test_about_names_version_and_licence_and_copies_the_system(window: MainWindow, qtbot: QtBot) -> None:
    about = AboutDialog(window)
    qtbot.addWidget(about)
    about.copy.click()
    text = QApplication.clipboard().text()
    assert "Resviz" in text
    assert "PySide6-Essentials" in text
    assert "torch" in text


def test_the_glossary_is_looked_through(window: MainWindow, qtbot: QtBot) -> None:
    dialog = GlossaryDialog(window)
    qtbot.addWidget(dialog)
    dialog.field.setText("multiply-add")
    assert any(not dialog.table.isRowHidden(row) for row in range(dialog.table.rowCount()))


def test_f6_moves_through_the_areas_and_back(window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    qtbot.waitActive(window)
    seen = []
    for _step in range(6):
        window.actions_["next_area"].trigger()
        seen.append(QApplication.focusWidget())
    assert len(set(seen)) >= 4
    window.actions_["previous_area"].trigger()
    assert QApplication.focusWidget() is seen[-2]


def test_a_page_that_fills_the_screen_is_left_by_escape_and_by_closing(qtbot: QtBot, window: MainWindow) -> None:
    window.open("claims")
    for leave in (lambda: qtbot.keyClick(window, Qt.Key.Key_Escape), window.close):
        window.window_actions.present()
        assert window.isFullScreen()
        leave()
        assert not window.isFullScreen()


@pytest.mark.parametrize("make", [lambda window: ShortcutSheet(window.actions_, window), GlossaryDialog])
def test_rows_of_a_list_are_as_high_as_their_text(
    qtbot: QtBot, window: MainWindow, make: Callable[[MainWindow], ShortcutSheet | GlossaryDialog]
) -> None:
    dialog = make(window)
    qtbot.addWidget(dialog)
    dialog.show()
    for _ in range(3):
        QApplication.processEvents()
    table = dialog.table
    line = table.fontMetrics().lineSpacing()
    for row in range(table.rowCount()):
        texts = [table.item(row, column) for column in range(table.columnCount())]
        lines = max(
            1 + table.fontMetrics().horizontalAdvance(item.text()) // max(1, table.columnWidth(column) - 12)
            for column, item in enumerate(texts)
            if item is not None
        )
        assert table.rowHeight(row) <= (lines + 2) * line, texts[0]
