"""The depth table is the editor: what is typed completes, every step can be taken back, columns come, go and move."""

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from resviz.gui.builder.cell_delegate import CellEditor
from resviz.gui.builder.completion import completions
from resviz.gui.builder.depth_table_model import FIRST_NET
from resviz.gui.builder.depth_table_view import NameEditor
from resviz.gui.builder.family_menu import FAMILIES
from resviz.gui.builder.net_options import TEXTS, choice_options, disabled_reason
from resviz.gui.builder.table_rows import CellRow, StageRow, TotalRow
from resviz.gui.files import dialogs
from resviz.gui.files.recent_files import recent_files, remember
from resviz.gui.main_window import MainWindow
from resviz.nets import catalogue
from resviz.nets.spec import NetSpec, from_toml
from tests.helpers.builder_clicks import (
    RESNET18,
    RESNET34,
    RESNET50,
    cell_text,
    click_cell,
    click_head,
    names,
    press,
    press_return,
    type_into_cell,
)

RESNETS = (18, 34, 50, 101, 152)


def completions_shown(editor: QLineEdit) -> list[str]:
    assert isinstance(editor, CellEditor)
    popup = editor.choices.popup()
    assert popup is not None
    model = popup.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())] if popup.isVisible() else []


def test_what_is_typed_is_completed_to_what_the_papers_have(qtbot: QtBot, window: MainWindow) -> None:
    editor = type_into_cell(qtbot, window, RESNET50, StageRow(1), "[1x1,128; 3")
    shown = completions_shown(editor)
    assert shown[:2] == ["[1×1, 128; 3×3, 128; 1×1, 512] ×4", "[1×1, 128; 3×3, 128; 1×1, 512] ×8"]
    assert isinstance(editor, CellEditor)
    popup = editor.choices.popup()
    qtbot.keyClick(popup, Qt.Key.Key_Down)
    qtbot.keyClick(popup, Qt.Key.Key_Down)
    qtbot.keyClick(popup, Qt.Key.Key_Return)
    assert editor.text() == shown[1]
    assert window.build.state.open_net.counts.weight_layers == 62
    press_return(qtbot, editor)
    assert cell_text(window, RESNET50, StageRow(1)) == shown[1]


def test_return_takes_what_is_typed_though_completions_are_open(qtbot: QtBot, window: MainWindow) -> None:
    editor = type_into_cell(qtbot, window, RESNET34, StageRow(1), "[3x3,128; 3x3,128]")
    assert isinstance(editor, CellEditor)
    assert editor.offers
    popup = editor.choices.popup()
    assert not popup.currentIndex().isValid(), "none is marked before it is chosen"  # type: ignore[union-attr]
    qtbot.keyClick(popup, Qt.Key.Key_Return)
    QApplication.processEvents()
    assert not [child for child in window.build.view.table.findChildren(CellEditor) if child.isVisible()]
    assert str(window.build.state.open_net.spec.stages[1]) == "[3x3,128; 3x3,128] x1"


@pytest.mark.parametrize(
    ("row", "typed", "first"),
    [
        (CellRow.STEM, "7×7", "7×7, 64, /2; 3×3 max pool, /2"),
        (CellRow.STEM, "3 x 3, 1", "3×3, 16"),
        (CellRow.HEAD, "fc 4", "fc 4096; dropout 0.5; fc 4096; dropout 0.5"),
        (StageRow(0), "[3x3,16", "[3×3, 16; 3×3, 16] ×3"),
    ],
)
def test_completions_read_the_papers_notation_however_it_is_typed(
    row: CellRow | StageRow, typed: str, first: str
) -> None:
    assert completions(row, typed, [])[0] == first


def test_a_cell_is_one_step_back_however_many_keys_it_took(qtbot: QtBot, window: MainWindow) -> None:
    view = window.build.view
    before = window.build.state.open_net
    assert not view.actions_["undo"].isEnabled(), "nothing stands before the first table"
    editor = type_into_cell(qtbot, window, RESNET34, StageRow(0), "[3x3,64; 3x3,64] x5")
    press_return(qtbot, editor)
    after = window.build.state.open_net
    qtbot.mouseClick(view.options.chips["shortcut"].button("C"), Qt.MouseButton.LeftButton)
    view.table.setFocus()
    qtbot.keyClick(view.table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.build.state.open_net == after
    qtbot.keyClick(view.table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.build.state.open_net == before
    assert cell_text(window, RESNET34, StageRow(0)) == "[3×3, 64; 3×3, 64] ×3"
    qtbot.keyClick(view.table, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert window.build.state.open_net == after
    press(window, "undo")
    assert window.build.state.open_net == before
    press(window, "redo")
    press(window, "redo")
    assert window.build.state.open_net.spec.shortcut == "C"
    assert not view.actions_["redo"].isEnabled()


def test_what_is_typed_and_taken_back_is_no_step(qtbot: QtBot, window: MainWindow) -> None:
    steps = window.build.state.history.can_undo
    editor = type_into_cell(qtbot, window, RESNET34, StageRow(0), "[3x3,64] x9")
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    assert window.build.state.history.can_undo == steps


def test_a_draft_comes_back_with_undo(qtbot: QtBot, window: MainWindow) -> None:
    press_return(qtbot, type_into_cell(qtbot, window, RESNET34, StageRow(0), "[3x3,"))
    assert window.build.state.drafts
    press(window, "undo")
    assert not window.build.state.drafts
    press(window, "redo")
    assert window.build.state.drafts[RESNET34, StageRow(0)].text == "[3x3,"


def test_an_open_cell_writes_into_no_other_net(qtbot: QtBot, window: MainWindow) -> None:
    type_into_cell(qtbot, window, RESNET34, StageRow(1), "[3x3,128; 3x3,128] x9")
    press(window, "left")
    QApplication.processEvents()
    assert [str(column.spec.stages[1]) for column in window.build.state.open_nets[:2]] == [
        "[3x3,128; 3x3,128] x9",
        "[3x3,128; 3x3,128] x2",
    ]
    assert not [child for child in window.build.view.table.findChildren(CellEditor) if child.isVisible()]


def test_undo_while_a_cell_is_open_is_not_undone_by_closing_it(qtbot: QtBot, window: MainWindow) -> None:
    window.build.state.show_family("vgg")
    type_into_cell(qtbot, window, 1, StageRow(0), "[3x3,64] x7")
    press(window, "undo")
    press(window, "undo")
    QApplication.processEvents()
    assert window.build.state.document.family == "resnet"
    assert [column.spec for column in window.build.state.open_nets] == [catalogue.find(f"resnet{d}") for d in RESNETS]


def test_a_name_that_is_typed_goes_to_no_other_net(qtbot: QtBot, window: MainWindow) -> None:
    before = names(window)
    for action in ("left", "remove"):
        click_head(qtbot, window, RESNET34)
        press(window, "rename")
        editor = next(one for one in window.build.view.table.findChildren(NameEditor) if one.isVisible())
        qtbot.keyClicks(editor, "abc")
        press(window, action)
        assert not editor.isVisible()
        assert "abc" not in names(window)
    assert len(names(window)) == len(before) - 1


def test_columns_are_duplicated_removed_and_moved(qtbot: QtBot, window: MainWindow) -> None:
    click_cell(qtbot, window, RESNET18, CellRow.STEM)
    press(window, "duplicate")
    assert names(window)[:3] == ["ResNet-18", "ResNet-18", "ResNet-34"]
    assert window.build.state.selected_index == 1
    press(window, "right")
    assert names(window)[:3] == ["ResNet-18", "ResNet-34", "ResNet-18"]
    assert window.build.state.selected_index == 2
    press(window, "left")
    press(window, "remove")
    assert names(window) == ["ResNet-18", "ResNet-34", "ResNet-50", "ResNet-101", "ResNet-152"]
    for _ in range(4):
        press(window, "remove")
    press(window, "remove")
    assert len(names(window)) == 1, "a table has one net at least"
    assert "the only net" in window.statusBar().currentMessage()
    for _ in range(4):
        press(window, "undo")
    assert len(names(window)) == 5


def test_a_columns_head_is_dragged_to_another_place(window: MainWindow) -> None:
    header = window.build.view.table.horizontalHeader()
    header.moveSection(FIRST_NET, FIRST_NET + 2)  # what a drag does when it is let go
    assert names(window)[:3] == ["ResNet-34", "ResNet-50", "ResNet-18"]
    assert [header.visualIndex(section) for section in range(header.count())] == list(range(header.count()))
    header.moveSection(0, FIRST_NET)
    assert names(window)[:3] == ["ResNet-34", "ResNet-50", "ResNet-18"], "the rows' names stay at the left"


def test_a_double_click_on_a_head_renames_the_net(qtbot: QtBot, window: MainWindow) -> None:
    click_head(qtbot, window, RESNET34, double=True)
    (editor,) = window.build.view.table.findChildren(NameEditor)
    qtbot.keyClicks(editor, "mine & yours")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert names(window)[RESNET34] == "mine & yours"
    assert cell_text(window, RESNET34, TotalRow.PRINTED) == "✓ 3.6 G", "it is the same net"
    press(window, "rename")
    editor = next(one for one in window.build.view.table.findChildren(NameEditor) if one.isVisible())
    qtbot.keyClicks(editor, "never")
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    assert names(window)[RESNET34] == "mine & yours"


def test_the_heads_menu_has_what_can_be_done_with_a_column(window: MainWindow) -> None:
    table = window.build.view.table
    table.menu_wanted.emit(RESNET50, table.mapToGlobal(QPoint(10, 10)))
    menu = QApplication.activePopupWidget()
    assert menu is not None
    texts = [action.text() for action in menu.actions() if action.text()]
    assert {"Rename net", "Duplicate net", "Close net", "Save spec…"} <= set(texts)
    menu.close()
    assert window.build.state.selected_index == RESNET50


def test_any_net_of_the_catalogue_can_be_added(window: MainWindow) -> None:
    menu = window.build.view.add_menu
    menu.aboutToShow.emit()
    actions = [action for inner in menu.findChildren(QMenu) for action in inner.actions()]
    assert {action.data() for action in actions} >= set(catalogue.names())
    next(action for action in actions if action.data() == "vgg16").trigger()
    assert names(window)[RESNET34 + 1] == "VGG-16 (D)"
    assert window.build.state.open_net.spec.name == "vgg16"
    menu.actions()[0].trigger()
    assert window.build.state.open_net.spec.stages == ()
    for _ in range(10):
        menu.actions()[0].trigger()
    assert len(names(window)) == 8
    assert "The table is full (8 nets)" in window.statusBar().currentMessage()


def test_one_number_makes_a_cifar_net(qtbot: QtBot, window: MainWindow) -> None:
    window.build.state.show_family("cifar")
    editor = type_into_cell(qtbot, window, 1, CellRow.N, "1")
    assert window.build.state.open_net.counts.weight_layers == 8
    qtbot.keyClicks(editor, "8")  # 18
    press_return(qtbot, editor)
    assert window.build.state.open_net.counts.weight_layers == 110
    assert names(window)[1] == "ResNet-110"
    assert cell_text(window, 1, TotalRow.PRINTED) == "✓ 1.7 M params"
    press_return(qtbot, type_into_cell(qtbot, window, 1, CellRow.N, "none"))
    assert "section 4.2" in window.build.state.drafts[1, CellRow.N].reason
    assert window.build.state.open_net.counts.weight_layers == 110
    press_return(qtbot, type_into_cell(qtbot, window, 1, StageRow(0), "3x3,16"))
    assert cell_text(window, 1, CellRow.N) == "none", "what was typed is kept"


def test_a_blank_table_is_filled_in_stage_by_stage(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.mouseClick(window.build.view.families.button("blank"), Qt.MouseButton.LeftButton)
    assert window.build.state.open_net.counts.weight_layers == 1
    press_return(qtbot, type_into_cell(qtbot, window, 0, CellRow.STEM, "7x7,64,/2; 3x3 max pool,/2"))
    for row, (filters, repeats) in enumerate(((64, 2), (128, 2), (256, 2), (512, 2))):
        text = f"[3x3,{filters}; 3x3,{filters}] x{repeats}"
        press_return(qtbot, type_into_cell(qtbot, window, 0, StageRow(row), text))
    assert window.build.state.open_net.counts.weight_layers == 18
    assert cell_text(window, 0, TotalRow.PRINTED) == "✓ 1.8 G", "it is ResNet-18"


def test_maps_of_one_size_stand_in_one_row_whatever_their_stage_is_called(window: MainWindow) -> None:
    window.build.state.show_family("figure3")
    assert [cell_text(window, column, StageRow(2)).split("]")[0] for column in range(3)] == [
        "[3×3, 256; 3×3, 256; 3×3, 256; 3×3, 256",
        "[3×3, 64; 3×3, 64",
        "[3×3, 64; 3×3, 64",
    ]
    window.build.state.edit_cell(2, StageRow(0), "3x3,64")
    assert "first stage" in window.build.state.drafts[2, StageRow(0)].reason
    window.build.state.edit_cell(2, StageRow(2), "[3x3,64; 3x3,64] x4")
    assert window.build.state.open_net.counts.weight_layers == 36


@pytest.mark.parametrize("family", FAMILIES)
def test_every_familys_rows_show_output_layers_parameters_flops_and_memory(window: MainWindow, family: str) -> None:
    window.build.state.show_family(family)
    for column, net in enumerate(window.build.state.open_nets):
        assert cell_text(window, column, TotalRow.WEIGHT_LAYERS).split(",")[0] == str(net.counts.weight_layers)
        assert cell_text(window, column, TotalRow.MEMORY).split()[1] in ("kB", "MB")
        assert cell_text(window, column, TotalRow.FLOPS)


def test_every_option_of_a_net_can_be_reached_and_says_what_it_does() -> None:
    in_the_table = {"stages", "title"}  # a column's rows, and its head
    reached = {option.field for option in choice_options()} | {option.field for option in TEXTS} | in_the_table
    assert reached == set(NetSpec.model_fields)
    assert all(why for option in choice_options() for _, _, why in option.values)
    assert all(option.explanation for option in TEXTS)


def before_field(spec: NetSpec, field: str) -> str:
    """A choice's value as its chip has it."""
    value = getattr(spec, field)
    return {True: "yes", False: "no"}.get(value, value)


@pytest.mark.parametrize("option", choice_options(), ids=lambda option: option.field)
def test_every_choice_makes_another_net_or_says_why_not(qtbot: QtBot, window: MainWindow, option: object) -> None:
    field = option.field  # type: ignore[attr-defined]
    options = window.build.view.options
    for column in (RESNET34, RESNET50):
        click_head(qtbot, window, column)
        before = window.build.state.open_net.spec
        if disabled_reason(before, field):
            assert not options.chips[field].isEnabled()
            continue
        for value, _, _ in option.values:  # type: ignore[attr-defined]
            options.chips[field].button(value).click()
            chosen = getattr(window.build.state.open_net.spec, field)
            refused = window.build.state.drafts.get((column, field))
            assert {True: "yes", False: "no"}.get(chosen, chosen) == (before_field(before, field) if refused else value)
            assert refused is None or refused.text == value
        window.build.state.reset()
        assert window.build.state.open_net.spec == before


@pytest.mark.parametrize(
    ("field", "text", "expected"),
    [
        ("input", "3x64x64", (3, 64, 64)),
        ("classes", "10", 10),
        ("stem", "3x3,64", "3x3,64"),
        ("head", "fc 64; dropout 0.5", "fc 64; dropout 0.5"),
        ("name", "mine", "mine"),
    ],
)
def test_every_option_that_is_typed_arrives(
    qtbot: QtBot, window: MainWindow, field: str, text: str, expected: object
) -> None:
    editor = window.build.view.options.fields[field]
    window.build.view.options.area.ensureWidgetVisible(editor)
    editor.setFocus()
    editor.selectAll()
    qtbot.keyClicks(editor, text)
    value = getattr(window.build.state.open_net.spec, field)
    assert (str(value) if isinstance(expected, str) else value) == expected
    press(window, "undo")
    assert window.build.state.open_net.spec == catalogue.find("resnet34")
    assert editor.text() != text, "undo is seen where it was typed"


def test_gates_have_their_bias_where_there_are_gates(qtbot: QtBot, window: MainWindow) -> None:
    options = window.build.view.options
    assert not options.fields["gate_bias"].isEnabled()
    options.chips["unit"].button("highway").click()
    assert options.fields["gate_bias"].isEnabled()
    options.area.ensureWidgetVisible(options.fields["gate_bias"])
    options.fields["gate_bias"].setFocus()
    options.fields["gate_bias"].selectAll()
    qtbot.keyClicks(options.fields["gate_bias"], "-3.5")
    assert window.build.state.open_net.spec.gate_bias == -3.5
    qtbot.keyClick(options.fields["gate_bias"], Qt.Key.Key_Return)
    options.fields["gate_bias"].selectAll()
    qtbot.keyClicks(options.fields["gate_bias"], "wide open")
    assert "is not a number" in options.problem.text()
    assert window.build.state.open_net.spec.gate_bias == -3.5


def test_what_is_refused_leaves_the_net_that_stood_before_it_was_typed(qtbot: QtBot, window: MainWindow) -> None:
    before = window.build.state.open_net
    editor = type_into_cell(qtbot, window, RESNET34, StageRow(1), "[3x3,128; 3x3,128] x200")
    assert window.build.state.open_net.counts.weight_layers == 426
    qtbot.keyClicks(editor, "0")  # 2000 blocks
    press_return(qtbot, editor)
    assert "At most 4000 are possible" in window.build.state.drafts[RESNET34, StageRow(1)].reason
    assert window.build.state.open_net == before, "not some prefix of it"


def test_each_edit_of_a_cell_is_a_step_of_its_own(qtbot: QtBot, window: MainWindow) -> None:
    for repeats in (5, 6):
        press_return(qtbot, type_into_cell(qtbot, window, RESNET34, StageRow(1), f"[3x3,128; 3x3,128] x{repeats}"))
    press(window, "undo")
    assert cell_text(window, RESNET34, StageRow(1)).endswith("×5")
    press(window, "undo")
    assert cell_text(window, RESNET34, StageRow(1)).endswith("×4")


def test_escape_in_an_option_takes_back_what_was_typed(qtbot: QtBot, window: MainWindow) -> None:
    field = window.build.view.options.input
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "three by three")
    assert field.property("wrong")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "3×224×224"
    assert not window.build.state.drafts
    assert not field.property("wrong")


@pytest.mark.parametrize("text", ["64x64", "64×64", "64", "3x64x64", " 64 x 64 "])
def test_an_input_may_be_typed_without_its_channels(window: MainWindow, text: str) -> None:
    window.build.state.edit("input", text)
    assert window.build.state.open_net.spec.input == (3, 64, 64)


def test_a_table_is_left_and_found_again_and_chosen_twice_it_is_the_papers(qtbot: QtBot, window: MainWindow) -> None:
    view = window.build.view
    window.build.state.edit("shortcut", "C")
    qtbot.mouseClick(view.families.button("vgg"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(view.families.button("resnet"), Qt.MouseButton.LeftButton)
    assert window.build.state.open_net.spec.shortcut == "C"
    assert names(window)[1] == "ResNet-34"
    assert view.table.model().headerData(FIRST_NET + 1, Qt.Orientation.Horizontal) == "ResNet-34 *"
    qtbot.mouseClick(view.families.button("resnet"), Qt.MouseButton.LeftButton)
    assert window.build.state.open_net.spec.shortcut == "A"  # type: ignore[comparison-overlap]
    press(window, "undo")
    assert window.build.state.open_net.spec.shortcut == "C"


def test_a_spec_is_saved_and_opened_again_equal(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "mine.toml"
    monkeypatch.setattr(dialogs, "ask_where", lambda *given: target)
    monkeypatch.setattr(dialogs, "ask_files", lambda *given: [target])
    window.build.state.edit("shortcut", "C")
    press(window, "save")
    assert from_toml(target.read_text(encoding="utf-8")) == window.build.state.open_net.spec
    assert str(target) in window.statusBar().currentMessage()
    press(window, "open")
    assert names(window)[1:3] == ["ResNet-34", "ResNet-34"]
    assert window.build.state.open_net.spec.shortcut == "C"
    assert recent_files() == [target]
    menu = window.build.view.add_menu
    menu.aboutToShow.emit()
    recent = next(inner for inner in menu.findChildren(QMenu) if inner.title() == "Recent files")
    recent.actions()[0].trigger()
    assert names(window)[1:4] == ["ResNet-34"] * 3


def test_files_are_dropped_into_the_window_and_the_bad_ones_are_said(window: MainWindow, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text('stages = ["3x3,64"]\nstem = "3x3,16"\n', encoding="utf-8")
    bad.write_text('stages = ["3x3,-64"]\n', encoding="utf-8")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(good)), QUrl.fromLocalFile(str(bad)), QUrl.fromLocalFile(str(tmp_path))])
    before = len(names(window))
    event = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        QEvent.Type.Drop,
    )
    window.dropEvent(event)
    assert len(names(window)) == before + 1
    assert window.build.state.open_net.spec.name == "good", "a net without a name has its file's"
    assert str(tmp_path) in window.statusBar().currentMessage(), "a folder that is no run"


def test_a_file_that_can_not_be_written_is_said(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialogs, "ask_where", lambda *given: tmp_path / "nowhere" / "mine.toml")
    press(window, "save")
    assert "could not be written" in window.statusBar().currentMessage()


def test_recent_files_are_the_last_ones_that_are_still_there(tmp_path: Path) -> None:
    assert recent_files() == []
    paths = [tmp_path / f"{number}.toml" for number in range(12)]
    for path in paths:
        path.write_text("", encoding="utf-8")
        remember(path)
    remember(paths[5])
    assert recent_files() == [paths[5], *(path for path in reversed(paths) if path != paths[5])][:8]
    paths[5].unlink()
    assert paths[5] not in recent_files()
    (tmp_path / "settings" / "recent.json").write_text("{not json", encoding="utf-8")
    assert recent_files() == []
