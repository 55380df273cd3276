"""Models of other programs in the window: asked for, captured beside it, shown with their numbers, or refused."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QDialogButtonBox, QProgressDialog, QPushButton
from pytestqt.qtbot import QtBot
from torch import nn

from resviz.capturing.captured_net import CapturedNet
from resviz.capturing.passes import Example, capture_model
from resviz.gui.main_window import MainWindow
from resviz.gui.models import models
from resviz.gui.models.model_dialog import ModelDialog
from resviz.gui.models.model_window import ModelWindow
from tests.helpers import strangers

CODE = "from torch import nn\nclass Net(nn.Sequential):\n    def __init__(self): super().__init__(nn.Conv2d(3, 4, 3))\n"


class Branches(nn.Module):
    """Two ways of equal depth that meet in a concatenation."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = nn.Conv2d(3, 4, 1), nn.Conv2d(3, 4, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([self.a(x), self.b(x)], 1)


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
    assert [item.box.label for item in window.graph.boxes] == ["image 3×32×32", "3×3 conv, 8", "average pool"]
    assert names(window) == ["input", "0", "1", "2", "3", "4"]


def test_a_box_selects_its_layer_and_a_number_is_explained(qtbot: QtBot) -> None:
    window = opened(qtbot, captured(strangers.Recurrent(), torch.rand(1, 5, 6)))
    lstm = next(row for row in window.panel._rows() if row.name == "lstm")
    window.panel.number_chosen.emit(lstm, "flops")
    assert window.explanation.explanation is not None
    assert window.explanation.explanation.value.startswith("7 200")
    window.panel.number_chosen.emit(lstm, "field")
    assert "From lstm on, no place looks at a window of the image" in window.explanation.explanation.formula
    window.graph.box_chosen.emit(0, next(item.box for item in window.graph.boxes if "lstm" in item.box.layers))
    assert window.panel._layer == "lstm"


def test_branches_are_not_drawn_as_if_they_were_a_column(qtbot: QtBot) -> None:
    window = opened(qtbot, captured(Branches(), torch.rand(1, 3, 8, 8)))
    assert window.pictures == {}
    assert not window.graph.isVisible()
    assert names(window) == ["input", "a", "b", "cat"]


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
        ("resnet18", "names no model", False),
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


@pytest.mark.slow
def test_a_model_of_ones_own_is_captured_beside_the_window(
    qtbot: QtBot, window: MainWindow, opener: models.Models, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mymodel.py").write_text(CODE, encoding="utf-8")

    def accept(dialog: ModelDialog) -> int:
        assert dialog.model.text() == f"{tmp_path / 'mymodel.py'}:"
        QTest.keyClicks(dialog.model, "Net")
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
