"""Starting: quickly, without torch, and with a word where Qt would abort."""

import ctypes.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from resviz.gui.app import display_problem, missing_library
from resviz.gui.main_window import MainWindow

pytestmark = pytest.mark.slow


def test_the_program_opens_without_what_only_runs_need() -> None:
    """The whole of `resviz`, and not only its window: what reads files is loaded when there is a file."""
    program = (
        "import sys\n"
        "from PySide6.QtWidgets import QApplication\n"
        "def shown(application):\n"
        "    application.processEvents()\n"
        "    window = application.activeWindow() or next(w for w in application.topLevelWidgets() if w.isVisible())\n"
        "    heavy = {'torch', 'numpy', 'pyarrow', 'pyqtgraph'} & set(sys.modules)\n"
        "    assert not heavy, heavy\n"
        "    window.open('train'); application.processEvents()\n"
        "    window.open('compare'); application.processEvents()\n"
        "    assert 'torch' not in sys.modules\n"
        "    window.close()\n"
        "    return 0\n"
        "QApplication.exec = shown\n"
        "sys.argv = ['resviz']\n"
        "from resviz.__main__ import main\n"
        "main()\n"
    )
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr


def test_closing_while_training_ends_the_program_soon_and_well(tmp_path: Path) -> None:
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from PySide6.QtCore import QTimer\n"
        "import resviz.gui.app as app\n"
        "class Window(app.MainWindow):\n"
        "    def __init__(self, preferences, document):\n"
        "        super().__init__(Path(sys.argv[1]), preferences, document)\n"
        "        self.confirm = lambda title, text: True\n"
        "        self.start_first_lesson()\n"
        "        self.look = QTimer(self, interval=50, timeout=self.close_when_measured)\n"
        "        self.look.start()\n"
        "    def close_when_measured(self):\n"
        "        if self.open_train().training_state.done > 5:\n"
        "            self.close()\n"
        "app.MainWindow = Window\n"
        "began = time.monotonic()\n"
        "status = app.run()\n"
        "print('closed', status)\n"
    )
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, env=environment, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "closed 0" in done.stdout
    assert len(list(tmp_path.glob("*/run.json"))) == 2


def test_a_missing_display_is_said_before_qt_aborts() -> None:
    assert "no display" in display_problem("linux", {})
    assert display_problem("linux", {"QT_QPA_PLATFORM": "offscreen"}) == ""
    assert display_problem("linux", {"WAYLAND_DISPLAY": "wayland-0"}) == ""
    assert display_problem("darwin", {}) == ""


def test_a_missing_library_is_named_before_qt_aborts(tmp_path: Path) -> None:
    plugin = tmp_path / "libnone.so"
    assert "libnone.so" in missing_library(plugin)
    assert missing_library(Path(ctypes.util.find_library("c") or "")) == ""


def test_the_rail_and_its_shortcuts_open_the_workspaces(qtbot: QtBot, window: MainWindow) -> None:
    for index, key in ((1, Qt.Key.Key_2), (2, Qt.Key.Key_3), (0, Qt.Key.Key_1)):
        qtbot.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
        assert window._stack.currentIndex() == index
    for index, name in enumerate(("build", "train", "compare")):
        qtbot.mouseClick(window._rail[name], Qt.MouseButton.LeftButton)
        assert window._stack.currentIndex() == index
