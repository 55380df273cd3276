"""COMPARE in a window of its own, and waiting until it has read and drawn everything."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from resviz.gui.compare.compare_controller import CompareController
from resviz.gui.compare.compare_view import CompareView


@pytest.fixture
def compare(qtbot: QtBot, tmp_path: Path) -> CompareController:
    view = CompareView()
    qtbot.addWidget(view, before_close_func=lambda _: controller.shut_down())
    view.resize(1200, 680)
    controller = CompareController(view, tmp_path, view)
    view.show()
    settle(qtbot, controller)
    return controller


def settle(qtbot: QtBot, controller: CompareController) -> None:
    """Until all is read and drawn."""
    qtbot.waitUntil(lambda: not controller.busy, timeout=20_000)
    QApplication.processEvents()


def refresh(qtbot: QtBot, controller: CompareController) -> None:
    controller.refresh()
    settle(qtbot, controller)


def show_only(qtbot: QtBot, controller: CompareController, *keys: object) -> None:
    controller.show_only([str(key) for key in keys])
    settle(qtbot, controller)
