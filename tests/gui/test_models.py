"""Models of other programs in the window: asked for, captured beside it, shown with their numbers, or refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
import torchvision
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QDialogButtonBox, QProgressDialog, QPushButton
from pytestqt.qtbot import QtBot
from torch import nn

from resviz.capturing.captured_net import CapturedNet
from resviz.capturing.passes import Example, capture_model
from resviz.gui.graph import nested_view
from resviz.gui.graph.nested_view import NestedView
from resviz.gui.main_window import MainWindow
from resviz.gui.models import models
from resviz.gui.models.differences_window import DifferencesWindow
from resviz.gui.models.model_dialog import ModelDialog
from resviz.gui.models.model_window import ModelWindow
from resviz.gui.style import viridis
from resviz.nets import catalogue
from resviz.nets.build import build
from tests.helpers import strangers

CODE = "from torch import nn\nclass Net(nn.Sequential):\n    def __init__(self): super().__init__(nn.Conv2d(3, 4, 3))\n"


class Branches(nn.Module):
    """Two ways of equal depth that meet in a concatenation."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Conv2d(3, 4, 1), nn.Conv2d(3, 4, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([self.a(x), self.b(x)], 1)


class Residual(nn.Module):
    """A convolution, a ReLU and a sum."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.relu = nn.Conv2d(3, 3, 1), nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.relu(self.conv(x)) + x


class Stacked(nn.Module):
    """Four blocks of one structure."""

    def __init__(self) -> None:
        super().__init__()
        self.body, self.head = nn.Sequential(*[Residual() for _ in range(4)]), nn.Conv2d(3, 2, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.body(x))


class Tower(nn.Sequential):
    """Two blocks, the second of another width than that of any other tower."""

    def __init__(self, width: int) -> None:
        super().__init__(Residual(), nn.Conv2d(3, width, 1), nn.Conv2d(width, 3, 1), Residual())


def titles(window: ModelWindow) -> list[str]:
    return [node.title for node in window.picture.view.picture.nodes]


def click(view: NestedView, index: int) -> None:
    place = view.mapFromScene(view.drawn_boxes()[index].area.center())
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)


def double_click(view: NestedView, index: int) -> None:
    place = view.mapFromScene(view.drawn_boxes()[index].area.center())
    QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)


def captured(model: nn.Module, *args: torch.Tensor) -> CapturedNet:
    return capture_model(model, Example(args), "net", "mymodel.py:Net")


def opened(qtbot: QtBot, net: CapturedNet) -> ModelWindow:
    window = ModelWindow(net)
    window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(window)
    window.show()
    return window


def names(window: ModelWindow) -> list[str]:
    return [row[0] for row in window.panel.shown().rows]


@pytest.fixture(autouse=True)
def _names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Libraries take seconds to say what they have."""
    monkeypatch.setattr(models, "library_names", lambda library, wanted: (f"{library}:resnet18", f"{library}:vgg16"))


@pytest.fixture
def opener(window: MainWindow) -> Iterator[models.Models]:
    window.show()
    yield window.window_actions.models()
    for one in window.findChildren(ModelWindow):
        one.close()


def test_a_model_is_shown_with_its_totals_its_picture_and_its_layers(qtbot: QtBot) -> None:
    with torch.device("meta"):
        model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    window = opened(qtbot, captured(model, torch.empty(1, 3, 32, 32)))
    assert window.totals.text().startswith("1 weight layer · 240 parameters · 194 400 FLOPs")
    assert "One run of this model, with input 3×32×32." in window.notes.text()
    assert titles(window)[:3] == ["input: image 3×32×32", "0: 3×3 conv, 8", "1: batch norm"]
    assert names(window) == ["input", "0", "1", "2", "3", "4"]


def test_a_box_selects_its_layer_and_a_number_is_explained(qtbot: QtBot) -> None:
    window = opened(qtbot, captured(strangers.Recurrent(), torch.rand(1, 5, 6)))
    lstm = next(row for row in window.panel._rows() if row.name == "lstm")
    window.panel.number_chosen.emit(lstm, "flops")
    assert window.explanation.explanation is not None
    assert window.explanation.explanation.value.startswith("7 200")
    window.panel.number_chosen.emit(lstm, "field")
    assert "From lstm on, no place looks at a window of the image" in window.explanation.explanation.formula
    view = window.picture.view
    click(view, view.picture.places["lstm"])
    assert window.panel._layer == "lstm"


def test_branches_stand_beside_each_other(qtbot: QtBot) -> None:
    window = opened(qtbot, captured(Branches(), torch.rand(1, 3, 8, 8)))
    places = {item.node.layers[0]: item.area for item in window.picture.view.drawn_boxes()}
    assert places["a"].top() == places["b"].top()
    assert not places["a"].intersects(places["b"])
    assert places["cat"].top() > places["a"].bottom()


def test_modules_open_and_close_with_the_mouse_and_with_keys(qtbot: QtBot) -> None:
    window = opened(qtbot, captured(Stacked(), torch.rand(1, 3, 8, 8)))
    view = window.picture.view
    window.picture.level.setCurrentIndex(0)
    window.picture.level.activated.emit(0)
    assert titles(window) == ["input: image 3×8×8", "body", "head: 1×1 conv, 2"]
    double_click(view, 1)
    assert titles(window) == ["input: image 3×8×8", "0 … 3", "head: 1×1 conv, 2"]
    assert view.picture.nodes[1].times == 4
    assert window.picture.level.currentText() == "1 level open"
    view.setFocus()
    for key in (Qt.Key.Key_Home, Qt.Key.Key_Down, Qt.Key.Key_Return):
        QTest.keyClick(view, key)
    assert titles(window)[1:4] == ["conv: 1×1 conv, 3", "relu", "add"]
    assert window.panel._layer == "body.0.conv"
    QTest.keyClick(view, Qt.Key.Key_Left)
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert titles(window)[1] == "body"


def test_a_layer_is_found_in_closed_modules(qtbot: QtBot) -> None:
    window = opened(qtbot, captured(Stacked(), torch.rand(1, 3, 8, 8)))
    picture = window.picture
    picture.level.activated.emit(0)
    QTest.keyClicks(picture.find_line, "3.relu")
    QTest.keyClick(picture.find_line, Qt.Key.Key_Return)
    assert picture.view.selected == "body.3.relu"
    marked = picture.view.picture.nodes[picture.view.picture.places["body.3.relu"]]
    assert marked.title == "relu"
    assert window.panel._layer == "body.3.relu"
    with qtbot.waitSignal(picture.message) as said:
        picture.find_line.setText("nothing of the kind")
        QTest.keyClick(picture.find_line, Qt.Key.Key_Return)
    assert "No layer contains" in said.args[0]


def test_a_module_that_opens_stays_where_it_is(qtbot: QtBot) -> None:
    with torch.device("meta"):
        model = nn.Sequential(*[Tower(width) for width in range(3, 15)])
        net = captured(model, torch.empty(1, 3, 8, 8))
    window = opened(qtbot, net)
    view = window.picture.view
    view.set_opened(frozenset(f"{number}" for number in range(6)))
    qtbot.wait(20)
    place = view.picture.places["7.0.conv"]
    view.ensureVisible(view.drawn_boxes()[place].area, 0, 100)
    before = view.mapFromScene(view.drawn_boxes()[place].area.topLeft()).y()
    double_click(view, place)
    frame = next(item for item in view._frames if item.frame.title == "7")
    assert abs(view.mapFromScene(frame.area.topLeft()).y() - before) < 12


def test_more_boxes_than_a_picture_can_have_are_refused(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    window = opened(qtbot, captured(Stacked(), torch.rand(1, 3, 8, 8)))
    window.picture.view.set_opened(frozenset())
    monkeypatch.setattr(nested_view, "MAX_BOXES", 3)
    with qtbot.waitSignal(window.picture.message) as said:
        window.picture.find_next("3.relu")
    assert "The most are 3: open single modules instead." in said.args[0]
    assert len(titles(window)) == 3


def test_boxes_are_coloured_by_what_they_cost(qtbot: QtBot) -> None:
    window = opened(qtbot, captured(Stacked(), torch.rand(1, 3, 8, 8)))
    picture = window.picture
    picture.colour.setCurrentIndex(picture.colour.findData("flops"))
    picture.colour.activated.emit(2)
    picture.level.activated.emit(0)
    grounds = {item.node.title: item.ground().name() for item in picture.view.drawn_boxes()}
    assert grounds["body"] == viridis.colour_at(1).name(), "what costs most"
    assert grounds["input: image 3×8×8"] == viridis.colour_at(0).name()
    assert picture.legend.legend.scale == ("0", "2 304", "FLOPs of a box")


@pytest.mark.parametrize("ending", ["svg", "pdf", "png"])
def test_the_picture_is_saved_as_it_is_open(qtbot: QtBot, tmp_path: Path, ending: str) -> None:
    window = opened(qtbot, captured(Stacked(), torch.rand(1, 3, 8, 8)))
    window.picture.view.set_opened(frozenset())
    path = tmp_path / f"net.{ending}"
    window.picture.write_picture(path, window.picture.note)
    assert path.stat().st_size > 1000
    if ending == "svg":
        text = path.read_text(encoding="utf-8")
        assert ">body<" in text
        assert "relu" not in text
        assert "One run of this model" in text


def test_a_model_that_raises_is_shown_as_far_as_it_came(qtbot: QtBot) -> None:
    window = opened(qtbot, captured(strangers.Raises(), torch.rand(1, 4)))
    assert "It ends where the model raised: strangers.py:" in window.notes.text()
    assert names(window) == ["input", "a", "relu", "b"]


def test_the_shown_rows_are_copied(qtbot: QtBot) -> None:
    window = opened(qtbot, captured(strangers.SharesAndRepeats(), torch.zeros(1, 7, dtype=torch.int64)))
    with qtbot.waitSignal(window.message):
        window.panel.copy.click()
    assert QApplication.clipboard().text().startswith("layer\t")
    assert "12 parameters were not used" in window.notes.text()


def test_the_dialog_says_that_code_will_run_and_what_is_wrong(qtbot: QtBot) -> None:
    dialog = ModelDialog()
    qtbot.addWidget(dialog)
    button = dialog.buttons.button(QDialogButtonBox.StandardButton.Open)
    assert not button.isEnabled()
    for text, says, enabled in (
        ("my<b>model</b>.py:Net", "This runs the code in my&lt;b&gt;model", True),
        ("torchvision:resnet18", "", True),
        ("resnet18", "", True),
        ("resnet51x", "names no model", False),
        ("mymodel.py:", "", False),
        ("timm:", "has no name behind it", False),
    ):
        dialog.model.setText(text)
        assert says in dialog.note.text()
        assert button.isEnabled() == enabled
    dialog.model.setText("mymodel.py:Net")
    dialog.inputs.setText("3x8x8 16:int64")
    dialog.arguments.setText("{'depth': 3}")
    assert dialog.source is not None
    assert [given.text for given in dialog.source.inputs] == ["3x8x8", "16:int64"]
    assert dialog.source.args == {"depth": 3}
    dialog.inputs.setText("3xx")
    assert "is not an input" in dialog.note.text()
    assert dialog.source is None


def compared(qtbot: QtBot, a: nn.Module, b: nn.Module) -> DifferencesWindow:
    given = torch.rand(1, 3, 8, 8)
    window = DifferencesWindow((captured(a, given).graph, captured(b, given).graph), ("before", "after"))
    window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(window)
    window.show()
    return window


def badges(window: DifferencesWindow, number: int) -> dict[str, str]:
    view = window.pictures[number].view
    return {item.node.title: item._badge for item in view.drawn_boxes() if item._badge}


def test_two_models_are_compared_in_both_pictures_and_as_a_list(qtbot: QtBot) -> None:
    before, after = Stacked(), Stacked()
    after.body.append(Residual())
    after.head = nn.Conv2d(3, 4, 1)
    window = compared(qtbot, before, after)
    assert window.summary.text().startswith("1 layer changed (≠) · 3 only in the second net (+) · 13 layers equal")
    assert badges(window, 0) == {"head: 1×1 conv, 2": "≠"}
    assert badges(window, 1) == {"head: 1×1 conv, 4": "≠", "4": "+"}
    model = window.rows.model()
    rows = [[model.index(row, column).data() for column in range(3)] for row in range(model.rowCount())]
    assert [row[:2] for row in rows] == [["", f"body.4.{name}"] for name in ("conv", "relu", "add")] + [
        ["head", "head"]
    ]
    window.rows.setCurrentIndex(model.index(1, 0))
    assert window.pictures[1].view.selected == "body.4.relu"
    assert window.pictures[0].view.selected == ""
    click(window.pictures[0].view, window.pictures[0].view.picture.places["head"])
    assert window.pictures[1].view.selected == "head"


def test_equal_models_are_said_to_be_equal(qtbot: QtBot) -> None:
    window = compared(qtbot, Stacked(), Stacked())
    assert window.summary.text() == "The two nets do the same, layer by layer."
    assert badges(window, 0) == badges(window, 1) == {}


def test_marks_stay_when_a_module_opens_and_are_in_the_file(qtbot: QtBot, tmp_path: Path) -> None:
    before, after = Stacked(), Stacked()
    after.body[2].conv = nn.Conv2d(3, 3, 3, padding=1)
    window = compared(qtbot, before, after)
    view = window.pictures[1].view
    assert [badge for title, badge in badges(window, 1).items() if "conv" in title] == ["≠"]
    view.set_opened(frozenset())
    assert badges(window, 1) == {"body": "≠"}
    window.pictures[1].write_picture(tmp_path / "after.svg")
    assert "≠ body" in (tmp_path / "after.svg").read_text(encoding="utf-8")


def test_a_model_is_compared_with_a_net_of_resviz(
    qtbot: QtBot, window: MainWindow, opener: models.Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    def accept(dialog: ModelDialog) -> int:
        assert dialog.windowTitle() == "Compare mymodel.py:Net with"
        dialog.model.setText("resnet-18")
        assert dialog.buttons.button(QDialogButtonBox.StandardButton.Open).isEnabled()
        return int(QDialog.DialogCode.Accepted)

    monkeypatch.setattr(ModelDialog, "exec", accept)
    net = captured(Stacked(), torch.rand(1, 3, 8, 8))
    shown = ModelWindow(net, window)
    shown.comparison_wanted.connect(opener.compare)
    shown.compare.click()
    (found,) = window.findChildren(DifferencesWindow)
    assert found.windowTitle() == "mymodel.py:Net against ResNet-18"
    found.close()
    shown.close()


def test_the_depth_table_of_a_model_is_opened_in_build(qtbot: QtBot, window: MainWindow, opener: models.Models) -> None:
    with torch.device("meta"):
        net = captured(torchvision.models.resnet18(), torch.empty(1, 3, 64, 64))
    shown = ModelWindow(net, window)
    shown.table_wanted.connect(opener._open_table)
    shown.show()
    shown.table.click()
    assert window.page == "build"
    spec = window.build.state.open_net.spec
    assert [str(stage) for stage in spec.stages][:2] == ["[3x3,64; 3x3,64] x2", "[3x3,128; 3x3,128] x2"]
    assert spec.input == (3, 64, 64)
    shown.close()


def test_a_model_without_a_depth_table_says_why(qtbot: QtBot) -> None:
    window = opened(qtbot, captured(Branches(), torch.rand(1, 3, 8, 8)))
    window.table.click()
    assert "It has no depth table. cat: concatenation has no place in a depth table." in window.say.text()
    assert window.say.isVisible()


def test_models_of_the_libraries_are_offered_as_one_types(
    qtbot: QtBot, opener: models.Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered: list[list[str]] = []

    def wait(dialog: ModelDialog) -> int:
        qtbot.waitUntil(lambda: "timm:vgg16" in dialog.names.stringList(), timeout=5000)
        completer = dialog.model.completer()
        assert completer is not None
        completer.setCompletionPrefix(":VGG")
        model = completer.completionModel()
        offered.append([model.index(row, 0).data() for row in range(model.rowCount())])
        return int(QDialog.DialogCode.Rejected)

    monkeypatch.setattr(ModelDialog, "exec", wait)
    opener.ask()
    opener.ask()
    assert offered == [["torchvision:vgg16", "timm:vgg16"]] * 2


def test_what_can_not_be_captured_is_said_in_the_dialog_with_what_was_typed(
    qtbot: QtBot, opener: models.Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, str, str]] = []

    def answer(dialog: ModelDialog) -> int:
        seen.append((dialog.model.text(), dialog.inputs.text(), dialog.note.text()))
        if len(seen) > 1:
            dialog._forget_problem()
            seen.append((dialog.model.text(), dialog.inputs.text(), dialog.note.text()))
            return int(QDialog.DialogCode.Rejected)
        dialog.model.setText("torchvision:resnet51")
        dialog.inputs.setText("3x64x64")
        return int(QDialog.DialogCode.Accepted)

    monkeypatch.setattr(ModelDialog, "exec", answer)
    opener.ask()
    qtbot.waitUntil(lambda: len(seen) == 3, timeout=60_000)
    assert seen[1][:2] == ("torchvision:resnet51", "3x64x64")
    assert "resnet51" in seen[1][2]
    assert seen[2][2] == ""


def test_two_models_are_compared_at_one_input(
    qtbot: QtBot, window: MainWindow, opener: models.Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    monkeypatch.setattr(models, "_capture", lambda source, _progress: asked.append(source))
    answers = iter(["torchvision:resnet18", "resnet18"])

    def accept(dialog: ModelDialog) -> int:
        dialog.model.setText(next(answers))
        return int(QDialog.DialogCode.Accepted)

    monkeypatch.setattr(ModelDialog, "exec", accept)
    with torch.device("meta"):
        net = captured(torchvision.models.resnet18(), torch.empty(1, 3, 64, 64))
    monkeypatch.setattr(opener, "open", lambda source, **_named: asked.append(source))
    opener.compare(net)
    assert [given.text for given in asked[0].inputs] == ["3x64x64"]  # type: ignore[attr-defined]
    opener.compare(net)
    (found,) = window.findChildren(DifferencesWindow)
    assert not found.inputs.isVisibleTo(found)
    assert found.found.b.input_shape == (3, 64, 64)
    found.close()
    other = DifferencesWindow((net.graph, build(catalogue.find("resnet18"))), ("a", "b"))
    qtbot.addWidget(other)
    assert "The inputs differ: 3×64×64 and 3×224×224." in other.inputs.text()
    assert other.inputs.isVisibleTo(other)


def test_a_net_of_resviz_opens_in_build(
    window: MainWindow, opener: models.Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    def accept(dialog: ModelDialog) -> int:
        dialog.model.setText("resnet50")
        return int(QDialog.DialogCode.Accepted)

    monkeypatch.setattr(ModelDialog, "exec", accept)
    opener.ask()
    assert window.page == "build"
    assert window.build.state.open_net.spec.name == "resnet50"


def test_the_picture_scrolls_to_all_that_was_opened(qtbot: QtBot) -> None:
    with torch.device("meta"):
        model = nn.Sequential(*[Tower(width) for width in range(3, 15)])
        net = captured(model, torch.empty(1, 3, 8, 8))
    window = opened(qtbot, net)
    view = window.picture.view
    view.set_opened(frozenset())
    for number in range(8):
        view.open_module(str(number))
    assert view.sceneRect() == view.scene().sceneRect()
    bar = view.verticalScrollBar()
    bar.setValue(bar.maximum())
    last = view.mapFromScene(view.drawn_boxes()[-1].area.center())
    assert view.viewport().rect().contains(last)


def test_what_is_drawn_once_for_several_is_coloured_by_what_it_costs_once(qtbot: QtBot) -> None:
    window = opened(qtbot, captured(Stacked(), torch.rand(1, 3, 8, 8)))
    picture = window.picture
    picture.colour.setCurrentIndex(picture.colour.findData("parameters"))
    picture.colour.activated.emit(1)
    picture.view.set_opened(frozenset({"body", "body.0"}))
    values = {node.title: picture._value(node, "parameters") for node in picture.view.picture.nodes}
    assert values["conv: 1×1 conv, 3"] == 12
    assert values["head: 1×1 conv, 2"] == 8


def test_of_a_python_file_the_whole_net_is_offered_first(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "mymodel.py"
    path.write_text("class Part(nn.Module): pass\nclass Net(nn.Module): pass\ndef build(): pass\n", encoding="utf-8")
    dialog = ModelDialog(f"{path}:")
    qtbot.addWidget(dialog)
    assert dialog.model.text() == f"{path}:Net"
    assert dialog.names.stringList()[:3] == [f"{path}:Net", f"{path}:Part", f"{path}:build"]
    assert "This runs the code in" in dialog.note.text()
    (tmp_path / "broken.py").write_text("class (", encoding="utf-8")
    dialog.set_file(tmp_path / "broken.py")
    assert dialog.model.text() == f"{tmp_path / 'broken.py'}:"
    dialog.set_file(tmp_path / "net.onnx")
    assert dialog.model.text() == str(tmp_path / "net.onnx")


@pytest.mark.slow
def test_a_model_of_ones_own_is_captured_beside_the_window(
    qtbot: QtBot, window: MainWindow, opener: models.Models, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mymodel.py").write_text(CODE, encoding="utf-8")

    def accept(dialog: ModelDialog) -> int:
        assert dialog.model.text() == f"{tmp_path / 'mymodel.py'}:Net"
        return int(QDialog.DialogCode.Accepted)

    monkeypatch.setattr(ModelDialog, "exec", accept)
    window.window_actions.open_paths([tmp_path / "mymodel.py"])
    qtbot.waitUntil(lambda: bool(window.findChildren(ModelWindow)), timeout=60_000)
    (shown,) = window.findChildren(ModelWindow)
    assert shown.isVisible()
    assert "112 parameters" in shown.totals.text()
    assert not window.findChildren(QProgressDialog) or not window.findChildren(QProgressDialog)[0].isVisible()


@pytest.mark.slow
def test_what_can_not_be_opened_is_said_in_the_status_bar(
    qtbot: QtBot, window: MainWindow, opener: models.Models, tmp_path: Path
) -> None:
    (tmp_path / "net.onnx").write_bytes(b"nothing of the kind")
    window.window_actions.open_paths([tmp_path / "net.onnx"])
    qtbot.waitUntil(lambda: "is no ONNX file" in window.statusBar().currentMessage(), timeout=60_000)
    assert not window.findChildren(ModelWindow)


@pytest.mark.slow
def test_a_model_that_never_ends_is_cancelled(
    qtbot: QtBot, window: MainWindow, opener: models.Models, tmp_path: Path
) -> None:
    from resviz.capturing.model_source import parse_source

    (tmp_path / "mymodel.py").write_text("import time\ntime.sleep(100)\n", encoding="utf-8")
    source = parse_source(f"{tmp_path / 'mymodel.py'}:Net")
    assert source is not None
    opener.open(source)
    qtbot.waitUntil(lambda: bool(window.findChildren(QProgressDialog)), timeout=10_000)
    button = window.findChildren(QProgressDialog)[0].findChild(QPushButton)
    assert button is not None
    button.click()
    qtbot.waitUntil(lambda: opener._reader._thread is None, timeout=20_000)
    assert not window.findChildren(ModelWindow)


@pytest.mark.parametrize(
    ("key", "modifier"),
    [(Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier), (Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)],
)
def test_a_model_is_closed_by_keys(qtbot: QtBot, key: Qt.Key, modifier: Qt.KeyboardModifier) -> None:
    net = capture_model(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()), Example((torch.rand(1, 3, 8, 8),)), "small")
    window = ModelWindow(net)
    window.show()
    window.activateWindow()
    QApplication.processEvents()
    with qtbot.waitSignal(window.destroyed):
        QTest.keyPress(window, key, modifier)
