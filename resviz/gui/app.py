"""Starts the window. No torch here, nor in anything this imports: a worker loads it before the first run."""

from __future__ import annotations

import os
import sys
from ctypes.util import find_library

from PySide6.QtWidgets import QApplication

from resviz.gui import theme
from resviz.gui.main_window import MainWindow


def make_application(arguments: list[str] | None = None) -> QApplication:
    """The application in the system's theme; the one there is, where there is one already."""
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(arguments or ["resviz"])
    application.setApplicationName("resviz")
    application.setApplicationDisplayName("Resviz")
    theme.apply(theme.of_the_system())
    return application


def run() -> int:
    """Opens the window and stays until it is closed; the exit status."""
    problem = display_problem(sys.platform, dict(os.environ))
    if problem:
        sys.stderr.write(f"resviz: {problem}\n")
        return 2
    application = make_application()
    window = MainWindow()
    window.show()
    status = application.exec()
    if window.still_training():
        # A step of a large net may outlast any patience, and Qt aborts where a thread outlives it. Every row that was
        # measured is on disk; the run will show as interrupted.
        sys.stdout.flush()
        os._exit(status)
    return status


def display_problem(platform: str, environment: dict[str, str]) -> str:
    """Why Qt would abort here, said before it does; "" where it would not."""
    if not platform.startswith("linux") or environment.get("QT_QPA_PLATFORM"):
        return ""
    if not environment.get("DISPLAY") and not environment.get("WAYLAND_DISPLAY"):
        return "no display: DISPLAY and WAYLAND_DISPLAY are not set; `resviz show` and `resviz train` need none"
    if environment.get("DISPLAY") and not environment.get("WAYLAND_DISPLAY") and not find_library("xcb-cursor"):
        return "Qt needs the library xcb-cursor; install libxcb-cursor0 (Debian, Ubuntu) or xcb-util-cursor"
    return ""
