"""Out of the program: pictures with their legend, PyTorch and ONNX files, and the cross-check beside it."""

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QProcess, Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot

from resviz.gui.files import dialogs
from resviz.gui.files.dialogs import FileProblem, file_name, write
from resviz.gui.main_window import MainWindow
from resviz.gui.workers.command_process import CommandProcess

pytestmark = pytest.mark.slow

PATIENCE_MS = 120_000


def export(window: MainWindow, what: str) -> None:
    next(action for action in window.build.view.export_menu.actions() if action.data() == what).trigger()


def answer(monkeypatch: pytest.MonkeyPatch, path: Path | None) -> None:
    monkeypatch.setattr(dialogs, "ask_where", lambda *given: path)


def test_the_picture_is_written_as_svg_with_its_layers_and_its_legend(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, tmp_path / "figure3.svg")
    window.build.state.show_family("figure3")
    export(window, "picture")
    text = (tmp_path / "figure3.svg").read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)
    assert root.tag.endswith("svg")
    words = " ".join("".join(element.itertext()) for element in root.iter() if element.tag.endswith("text"))
    for expected in ("3×3 conv, 512", "VGG-19 (E)", "plain-34", "ResNet-34", "identity shortcut", "56×56"):
        assert expected in words
    assert words.count("3×3 conv, 256") >= 4 + 11 + 11


@pytest.mark.parametrize("colour", ["stage", "parameters"])
def test_the_picture_is_written_as_png_large_enough_for_a_slide(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, colour: str
) -> None:
    answer(monkeypatch, tmp_path / "net.png")
    window.build.graph.choose_colour(colour)
    window.build.view.actions_["picture"].trigger()
    image = QImage(str(tmp_path / "net.png"))
    assert image.height() > 1800
    colours = {image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)}
    assert len(colours) > 8


def test_the_picture_is_written_as_pdf_of_one_page(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, tmp_path / "net.pdf")
    export(window, "picture")
    content = (tmp_path / "net.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", content)) == 1


def test_a_thought_better_of_writes_nothing(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, None)
    for what in ("picture", "spec", "pytorch", "onnx", "csv"):
        export(window, what)
    assert not list(tmp_path.glob("net*"))


def test_the_net_is_written_as_a_pytorch_file_that_runs_with_torch_alone(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "net.py"
    answer(monkeypatch, path)
    window.build.state.show_family("cifar")
    export(window, "pytorch")
    qtbot.waitUntil(lambda: path.is_file() and not window.build.export.is_running, timeout=PATIENCE_MS)
    assert f"wrote {path}" in window.statusBar().currentMessage()
    done = subprocess.run([sys.executable, "-I", str(path)], capture_output=True, text=True, check=False)
    assert done.stdout.split(") ")[1].strip() == "269722 parameters", done.stderr


def test_a_second_export_waits_its_turn_and_says_so(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.build.state.show_family("cifar")
    answer(monkeypatch, tmp_path / "one.py")
    export(window, "pytorch")
    answer(monkeypatch, tmp_path / "two.py")
    export(window, "pytorch")
    assert "one.py is still being written" in window.statusBar().currentMessage()
    qtbot.waitUntil(lambda: not window.build.export.is_running, timeout=PATIENCE_MS)
    assert (tmp_path / "one.py").is_file()
    assert not (tmp_path / "two.py").exists()


def test_what_the_command_refuses_is_said_in_the_window(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "nowhere" / "net.py"
    answer(monkeypatch, path)
    export(window, "pytorch")
    qtbot.waitUntil(lambda: "was not written" in window.statusBar().currentMessage(), timeout=PATIENCE_MS)
    assert "No such file" in window.statusBar().currentMessage()


def test_other_counters_agree_each_difference_by_name(qtbot: QtBot, window: MainWindow) -> None:
    window.build.state.show_family("cifar")
    view = window.build.view
    qtbot.mouseClick(view.tabs.button("crosscheck"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(view.crosscheck.start, Qt.MouseButton.LeftButton)
    assert view.crosscheck.cancel.isVisible()
    qtbot.waitUntil(lambda: bool(view.crosscheck._checks), timeout=PATIENCE_MS)
    shown = view.crosscheck.text.toPlainText()
    assert shown.count("✓ agrees") == 3
    for expected in ("torchinfo", "fvcore", "2·40 551 040", "normalization, two per value"):
        assert expected in shown
    window.build.state.edit("shortcut", "B")
    assert "✓" not in view.crosscheck.text.toPlainText(), "of another net it says nothing"


def test_a_cross_check_is_cancelled_at_once_and_nothing_of_it_comes_later(qtbot: QtBot, window: MainWindow) -> None:
    view = window.build.view
    view.show_tab("crosscheck")
    qtbot.mouseClick(view.crosscheck.start, Qt.MouseButton.LeftButton)
    process = window.build.crosscheck._process._process
    assert process is not None
    assert process.waitForStarted()
    qtbot.mouseClick(view.crosscheck.cancel, Qt.MouseButton.LeftButton)
    assert process.state() == QProcess.ProcessState.NotRunning
    assert view.crosscheck.start.isEnabled()
    qtbot.wait(50)
    assert not view.crosscheck._checks


def test_closing_the_window_ends_what_is_at_work_beside_it(qtbot: QtBot, window: MainWindow) -> None:
    window.build.crosscheck.check()
    process = window.build.crosscheck._process._process
    assert process is not None
    window.close()
    assert process.state() == QProcess.ProcessState.NotRunning


def test_a_job_says_what_the_command_line_says(qtbot: QtBot) -> None:
    job = CommandProcess()
    with qtbot.waitSignal(job.failed, timeout=PATIENCE_MS) as failed:
        job.start("show", "resnet35")
    assert failed.args[0].startswith("The net 'resnet35' is not known")
    with qtbot.waitSignal(job.done, timeout=PATIENCE_MS) as done:
        job.start("show", "resnet34", "--json")
    assert '"params": 21623848' in done.args[0]


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", b"whole")
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    (tmp_path / "folder").mkdir()
    with pytest.raises(FileProblem, match="could not be written"):
        write(tmp_path / "folder", b"x")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "folder"]


def test_the_dialog_adds_the_ending_before_it_asks_about_a_file_that_is_there(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    dialogs._last[:] = [tmp_path]

    def type_a_name() -> None:
        dialog = next(one for one in QApplication.topLevelWidgets() if isinstance(one, QFileDialog))
        assert dialog.defaultSuffix() == "svg"
        dialog.findChildren(QLineEdit)[0].setText("mine")
        dialog.accept()

    QTimer.singleShot(200, type_a_name)
    assert dialogs.ask_where(window, "Save", "net.svg", [("svg", "SVG"), ("png", "PNG")]) == tmp_path / "mine.svg"


def test_names_become_files_that_every_system_takes() -> None:
    assert file_name("ResNet-34, option B") == "resnet-34-option-b"
    assert file_name("網路 / ..") == "net"
